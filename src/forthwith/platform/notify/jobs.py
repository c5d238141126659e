"""The run that carries a message to its target, and the one that forgets it."""

from datetime import timedelta
from typing import Final, Protocol
from uuid import UUID

from forthwith.platform import clock
from forthwith.platform.config import PlatformSettings
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database, Session
from forthwith.platform.jobs import FailedRun, Retry, Run, Schedule, Weight, job
from forthwith.platform.notify import sending
from forthwith.platform.notify.channels import Channels
from forthwith.platform.notify.service import SEND

_NOTHING: Final = "nothing to do"


class Sending(Protocol):
    """What the run needs of the process's runtime."""

    @property
    def db(self) -> Database:
        """Where the message is kept."""

    @property
    def codec(self) -> Codec:
        """What opens it."""

    @property
    def channels(self) -> Channels:
        """What can send it."""

    @property
    def settings(self) -> PlatformSettings:
        """How long it is kept."""


async def _tell_failed(session: Session, failed: FailedRun) -> None:
    await sending.give_up(session, "failed", failed.code, UUID(failed.args["notification"]))


@job(
    SEND,
    weight=Weight.CRITICAL,
    retry=Retry(tries=5, first_seconds=1.0),
    time_limit_seconds=60.0,
    on_failed=_tell_failed,
)
async def send(run: Run, runtime: Sending, *, notification: UUID) -> str:
    """Send a message, unless its owner wants none or quiet hours hold it; how it ended."""
    waiting = await sending.find(runtime.db, runtime.codec, run.owner, notification)
    if waiting is None:
        return _NOTHING
    if waiting.is_muted:
        await run.write("suppress", sending.give_up, "suppressed", "MUTED", notification)
        return "suppressed"
    if (end := waiting.held_until()) is not None:
        run.snooze(until=end)
    if waiting.row.gathers and not await run.write("gather", sending.gather, notification):
        return _NOTHING
    await run.step("send", sending.send, runtime.db, runtime.codec, runtime.channels, notification)
    await run.write("record", sending.record, runtime.codec, notification)
    return "sent"


@job("notify.forget", weight=Weight.LOW)
async def forget(run: Run, runtime: Sending) -> int:
    """Delete what is over and older than it is kept; how many messages."""
    days = timedelta(days=runtime.settings.notify.kept_days)
    return await run.write("forget", sending.forget_before, clock.now() - days)


JOBS: Final = (send, forget)
SCHEDULES: Final = (Schedule("notify.forget", "47 3 * * *"),)
