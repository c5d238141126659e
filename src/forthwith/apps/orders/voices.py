"""What became of an order: its summaries, and its voices as blobs of the order's owner."""

from collections.abc import Iterable
from typing import Final

import msgspec

from forthwith.apps.orders.schemas import Summary

RATES: Final = (1.0, 0.7, 1.3)
"""In the order of their making: what most guests play comes first."""
MEDIA_TYPE: Final = "audio/mp4"


class Voice(msgspec.Struct, frozen=True):
    """The order spoken at `rate` times the usual speed; `blob` is its SHA-256."""

    rate: float
    blob: str
    size: int
    duration_ms: int
    provider: str


class Outcome(msgspec.Struct, frozen=True):
    """What a run has made of an order so far."""

    summary: Summary
    voices: tuple[Voice, ...] = ()

    def with_voice(self, voice: Voice) -> "Outcome":
        """The same with this voice, in the order of `RATES`; it takes the place of its like."""
        others = {each.rate: each for each in self.voices}
        return Outcome(self.summary, _sorted({**others, voice.rate: voice}.values()))

    def voice(self, rate: float) -> Voice | None:
        """The voice at this rate, when it was made."""
        return next((each for each in self.voices if each.rate == rate), None)


def _sorted(voices: Iterable[Voice]) -> tuple[Voice, ...]:
    return tuple(sorted(voices, key=lambda each: RATES.index(each.rate)))
