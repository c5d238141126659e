"""Kokoro among the voices: trained on people, and slow."""

from typing import Final

from forthwith.integrations.speech.recording import VoiceFailed
from forthwith.integrations.speech.speech import KOKORO, Speech
from forthwith.platform.errors import Refused, Transient
from forthwith.platform.pool import ProcessPool, WorkerDied
from forthwith.platform.upstream import Attempt

MOST_CHARACTERS: Final = 150
"""Of one text: 40 s of speech, which takes as long on two busy cores."""
_SECONDS: Final = 60.0
_MOST_WAITING: Final = 5
"""Texts that wait: two orders at three rates with the one at work. More are not for this voice."""


class KokoroVoice:
    """Kokoro's Mandarin and Japanese, in one process for all texts: it takes 0.9 GB."""

    name = KOKORO
    voice = "zf_xiaobei, jf_alpha, 1"  # the number goes up where texts are said differently

    def __init__(self, *, seconds: float = _SECONDS, most_waiting: int = _MOST_WAITING) -> None:
        """Start nothing yet: the process comes with the first text, which may take `seconds`."""
        self._pool = ProcessPool(1, max_waiting=most_waiting)
        self._seconds = seconds

    async def send(self, words: str, rate: float, _: Attempt) -> Speech:
        """Speak words. Raises `Refused` for what it cannot say, `Transient` where it fails."""
        if len(words) > MOST_CHARACTERS:
            raise Refused(f"{KOKORO} speaks at most {MOST_CHARACTERS} characters.")
        try:
            return await self._pool.run(recorded, words, rate, timeout=self._seconds)
        except ValueError as error:
            raise Refused(f"{KOKORO} cannot say this: {error}.") from error
        except (VoiceFailed, TimeoutError, WorkerDied) as error:
            raise Transient(str(error)) from error

    async def close(self) -> None:
        """End the process."""
        await self._pool.aclose()


def recorded(words: str, rate: float) -> Speech:
    """`synthesis.recorded`, which is loaded in the voice's process only.

    Raises:
        ValueError: It has something that this voice cannot say.
        VoiceFailed: Anything else.
    """
    from forthwith.integrations.speech.kokoro import synthesis  # noqa: PLC0415 - of the extra

    try:
        return synthesis.recorded(words, rate)
    except ValueError:
        raise
    except Exception as error:  # ONNX Runtime's errors are of no common kind
        raise VoiceFailed(f"{KOKORO} failed: {type(error).__name__}.") from error
