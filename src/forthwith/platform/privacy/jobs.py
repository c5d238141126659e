"""The runs that hand over and delete."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal
from uuid import UUID

from forthwith.platform.jobs import Job, Run, Schedule, Weight, job
from forthwith.platform.privacy import service
from forthwith.platform.privacy.declared import Privacy
from forthwith.platform.runtime import Runtime

EXPORT: Final = "privacy.export"
ERASE: Final = "privacy.erase"
_SECONDS: Final = 3600.0

SCHEDULES: Final = (Schedule("privacy.expire", "41 * * * *"),)


def jobs(parts: Callable[[], Sequence[Privacy]]) -> tuple[Job, ...]:
    """The jobs over the parts of all applications, whichever a process serves."""

    @job(EXPORT, weight=Weight.LOW, time_limit_seconds=_SECONDS)
    async def export(run: Run, runtime: Runtime, *, export: UUID, person: str | None) -> int:
        """Make an archive; its size in bytes."""
        file, size = await run.step(
            "archive", service.make_archive, runtime, parts(), run.owner, person
        )
        await run.write("record", service.record_archive, runtime, export, run.owner, file, size)
        return size

    @job(ERASE, weight=Weight.CRITICAL, time_limit_seconds=_SECONDS)
    async def erase(
        run: Run,
        runtime: Runtime,
        *,
        scope: Literal["account", "person", "done"],
        person: str | None,
    ) -> int:
        """Delete; how many things. Once done, nothing says any more what it was about."""
        if scope == service.DONE:
            return 0
        about = service.subject_index(runtime.codec, run.owner, person)
        deleted = await run.step("erase", service.erase, runtime, parts(), run.owner, person)
        arguments: tuple[Any, ...] = (runtime, run.id, run.owner, about, deleted)
        await run.write("record", service.record_erasure, *arguments)
        return deleted

    @job("privacy.expire", weight=Weight.LOW)
    async def expire(run: Run, runtime: Runtime) -> int:
        """Delete archives whose time is over, and what has aged."""
        return await run.step("expire", service.expire, runtime)

    return (export, erase, expire)
