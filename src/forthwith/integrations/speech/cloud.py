"""What the voices of clouds share."""

from typing import Final

from forthwith.integrations.speech import recording
from forthwith.integrations.speech.speech import Speech
from forthwith.platform.pool import ProcessPool
from forthwith.platform.upstream import Unanswered

_PACKING_SECONDS: Final = 20.0


async def packed(pool: ProcessPool, audio: bytes, provider: str) -> Speech:
    """A cloud voice's recording, packed as all are. Raises `Unanswered` for anything else."""
    try:
        return await pool.run(recording.packed, audio, provider, timeout=_PACKING_SECONDS)
    except (ValueError, TimeoutError) as error:
        raise Unanswered(f"{provider} sent no recording.") from error
