"""The local voice, espeak-ng: robotic, at once, and without any key."""

from typing import Final

from forthwith.integrations.speech import recording
from forthwith.integrations.speech.recording import VoiceFailed
from forthwith.integrations.speech.speech import ESPEAK, Speech
from forthwith.platform.errors import Transient
from forthwith.platform.pool import ProcessPool
from forthwith.platform.upstream import Attempt

_ENCODING_SECONDS: Final = 20.0


class LocalVoice:
    """espeak-ng's Mandarin, in the processes of the pool."""

    name = ESPEAK
    voice = "cmn"

    def __init__(self, pool: ProcessPool, seconds: float) -> None:
        """`seconds` of work are allowed for a text."""
        self._pool = pool
        self._seconds = seconds

    async def send(self, words: str, rate: float, _: Attempt) -> Speech:
        """Speak words. Raises `Transient` where the voice fails."""
        limit = self._seconds + _ENCODING_SECONDS
        try:
            return await self._pool.run(
                recording.recorded, words, rate, self._seconds, timeout=limit
            )
        except (VoiceFailed, TimeoutError) as error:
            raise Transient(str(error)) from error
