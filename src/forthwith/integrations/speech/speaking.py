"""Speak a Chinese text: by the first voice that can."""

from forthwith.integrations.speech.speech import RATES, Speech
from forthwith.platform.errors import Unavailable
from forthwith.platform.pool import ProcessPool
from forthwith.platform.upstream.upstreams import Upstreams

__all__ = ["RATES", "Speech", "load", "speak"]


async def speak(pool: ProcessPool, upstreams: Upstreams, text: str, *, rate: float = 1.0) -> Speech:
    """Speak a Chinese text; `spoken` has not to be called before.

    Args:
        pool: Where the local voice and the encoder work.
        upstreams: Those of the process; the application declares `vendors()` of this room.
        text: At most 1,000 characters.
        rate: One of `RATES`.

    Raises:
        Unprocessable: Nothing to say, too much, or no such rate.
        Unavailable: No voice can speak now.
    """
    del pool, upstreams, text, rate
    raise Unavailable("This installation does not speak yet.")


def load() -> None:
    """Load what speaks into this process of the pool, so that the first order need not wait."""
