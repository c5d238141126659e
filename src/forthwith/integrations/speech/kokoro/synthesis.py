"""What works in the voice's own process: phonemes, sound, speed, loudness, encoding."""

import io
import wave
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Final

import av
import av.filter
import numpy as np

from forthwith.integrations.speech import m4a
from forthwith.integrations.speech.kokoro import japanese, mandarin
from forthwith.integrations.speech.kokoro.model import SAMPLES_PER_SECOND, Samples, kokoro
from forthwith.integrations.speech.kokoro.passages import passages
from forthwith.integrations.speech.speech import KOKORO, Speech

_PAUSE_SECONDS: Final = 0.3
_SILENCE: Final = 0.01
"""The model begins and ends with half a second below it."""
_MARGIN_SECONDS: Final = 0.03
_LOUDNESS: Final = 0.08  # of 1, root of the mean square: -22 dBFS, as espeak-ng speaks
_HIGHEST_PEAK: Final = 0.85  # encoding adds to peaks, and clips at 1
_KEPT_TEXTS: Final = 4


def recorded(words: str, rate: float) -> Speech:
    """Speak a text, as `chinese.spoken` gives it, at a rate.

    Takes 1.3 seconds of a core for each second of speech; the same text at another rate soon
    after takes none, as its speed is changed and not what is said.

    Raises:
        ValueError: It has something that this voice cannot say.
    """
    samples = _loud(_at_rate(_said(words), rate))
    return m4a.packed(_wav(samples), KOKORO)


def load() -> None:
    """Load the model and the dictionaries, so that the first text need not wait."""
    kokoro()
    mandarin.load()
    japanese.load()


@lru_cache(_KEPT_TEXTS)
def _said(words: str) -> Samples:
    parts = list(passages(words))  # all, so that nothing is spoken of a text that cannot be said
    pause = np.zeros(round(_PAUSE_SECONDS * SAMPLES_PER_SECOND), np.float32)
    spoken = (_trimmed(kokoro().speak(each)) for each in parts)
    return np.concatenate([piece for each in spoken for piece in (each, pause)][:-1])


def _trimmed(samples: Samples) -> Samples:
    heard = np.flatnonzero(np.abs(samples) > _SILENCE)
    if not heard.size:
        raise ValueError("this voice says nothing to it")
    margin = round(_MARGIN_SECONDS * SAMPLES_PER_SECOND)
    return samples[max(heard[0] - margin, 0) : heard[-1] + margin]


def _at_rate(samples: Samples, rate: float) -> Samples:
    """The same voice, slower or faster, by FFmpeg's `atempo`."""
    if rate == 1.0:
        return samples
    return np.concatenate(list(_filtered(samples, rate)))


def _filtered(samples: Samples, rate: float) -> Iterator[Samples]:
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=SAMPLES_PER_SECOND,
        format="flt",
        layout="mono",
        time_base=Fraction(1, SAMPLES_PER_SECOND),
    )
    graph.link_nodes(source, graph.add("atempo", str(rate)), graph.add("abuffersink")).configure()
    frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
    frame.sample_rate = SAMPLES_PER_SECOND
    graph.push(frame)
    graph.push(None)
    while True:
        try:
            changed = graph.pull()
        except (av.error.EOFError, av.error.BlockingIOError):
            return
        yield changed.to_ndarray().ravel().astype(np.float32)


def _loud(samples: Samples) -> Samples:
    """As loud as espeak-ng, and never clipped."""
    peak, loudness = np.abs(samples).max(), np.sqrt(np.mean(samples**2))
    return samples * np.float32(min(_LOUDNESS / loudness, _HIGHEST_PEAK / peak))


def _wav(samples: Samples) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(SAMPLES_PER_SECOND)
        recording.writeframes((samples * np.iinfo(np.int16).max).astype("<i2").tobytes())
    return file.getvalue()
