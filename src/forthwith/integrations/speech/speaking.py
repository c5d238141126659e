"""Speak a Chinese text: by the first voice that can."""

import hashlib
from collections.abc import Iterator
from functools import partial
from typing import Final, Protocol

from forthwith.integrations.speech import recording
from forthwith.integrations.speech.azure import AzureVoice
from forthwith.integrations.speech.chinese import spoken
from forthwith.integrations.speech.google import GoogleVoice
from forthwith.integrations.speech.kokoro.voice import KokoroVoice
from forthwith.integrations.speech.local import LocalVoice
from forthwith.integrations.speech.settings import SpeechSettings
from forthwith.integrations.speech.speech import (
    AZURE,
    GOOGLE,
    KOKORO,
    MOST_CHARACTERS,
    RATES,
    Speech,
)
from forthwith.platform.errors import Refused, Unavailable, Unprocessable
from forthwith.platform.pool import ProcessPool
from forthwith.platform.upstream import Attempt, Policy, Upstream, Usage, first_of
from forthwith.platform.upstream.upstreams import Upstreams

__all__ = ["RATES", "Speech", "speak", "warm_up"]

_RECORDINGS: Final = Policy(namespace="speech", into=Speech, personal=True, durable=True)


class _Voice(Protocol):
    """A vendor's voice."""

    @property
    def name(self) -> str:
        """The vendor's name."""

    @property
    def voice(self) -> str:
        """Which of its voices."""

    async def send(self, words: str, rate: float, attempt: Attempt) -> Speech:
        """Speak words, as one call."""


async def speak(pool: ProcessPool, upstreams: Upstreams, text: str, *, rate: float = 1.0) -> Speech:
    """Speak a Chinese text: a cloud voice whose key is set, else a local one.

    An equal text of the same owner is spoken once while its recording is kept.

    Args:
        pool: Where the local voice and the encoder work.
        upstreams: Those of the process; the application declares `vendors()` of this room.
        text: At most 1,000 characters, in words too; `spoken` need not be called before.
        rate: One of `RATES`.

    Raises:
        Unprocessable: Nothing to say, too much of it, or no such rate.
        UpstreamError, TooMany, Unavailable: No voice can speak now, as `first_of` says it.
    """
    words = _words(text, rate)
    voices = _voices(pool, upstreams, SpeechSettings())
    asked = {each.name: partial(_ask, upstreams[each.name], each, words, rate) for each in voices}
    return (await first_of(asked)).value


async def warm_up(pool: ProcessPool) -> None:
    """Load what speaks into every process of the pool, so that the first order need not wait."""
    await pool.warm(recording.load)


def _words(text: str, rate: float) -> str:
    if rate not in RATES:
        raise Unprocessable(f"Choose a rate of {', '.join(map(str, RATES))}.")
    words = spoken(text) if len(text) <= MOST_CHARACTERS else text
    if len(words) > MOST_CHARACTERS:
        raise Unprocessable(
            f"A text of {len(words):,} characters is too long to be spoken; "
            f"shorten it to {MOST_CHARACTERS:,}."
        )
    if not any(character.isalnum() for character in words):
        raise Unprocessable("There is nothing to say; send a text with words.")
    return words


def _voices(pool: ProcessPool, upstreams: Upstreams, settings: SpeechSettings) -> Iterator[_Voice]:
    """Voices in the order in which they are asked."""
    if settings.google_key is not None:
        yield upstreams.client(GOOGLE, lambda: GoogleVoice(pool, settings))
    if settings.azure_key is not None:
        yield upstreams.client(AZURE, lambda: AzureVoice(pool, settings))
    if settings.local_voice == "neural":
        yield upstreams.client(KOKORO, KokoroVoice)
    yield LocalVoice(pool, settings.timeout_seconds)


async def _ask(upstream: Upstream, voice: _Voice, words: str, rate: float) -> Speech:
    key = hashlib.sha256(f"{voice.name}|{voice.voice}|{rate}|{words}".encode()).hexdigest()
    send = partial(voice.send, words, rate)
    usage = Usage(tokens_in=len(words))
    try:
        return await upstream.call("speak", send, keep=_RECORDINGS, key=key, estimate=usage)
    except Refused as error:
        raise Unavailable(f"{voice.name} does not speak this text.") from error  # another may
