"""The runs of the samples application."""

from uuid import UUID

from forthwith.apps.samples import service
from forthwith.platform.jobs import Run, job
from forthwith.platform.runtime import Runtime


@job("samples.work", time_limit_seconds=60.0)
async def work_on_sample(run: Run, runtime: Runtime, *, sample_id: UUID) -> int:
    """Work on a sample; a finished step is never done again."""
    await run.progress(0.5, "counting")
    return await run.step("count", service.count_letters, runtime, run.owner, sample_id)
