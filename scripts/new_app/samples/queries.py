"""Reading samples; every query names the owner."""

from uuid import UUID

from sqlalchemy import Row, Select, select

from forthwith.apps.samples.errors import SampleNotFound
from forthwith.apps.samples.models import Sample
from forthwith.apps.samples.schemas import SampleView
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import ReadSession
from forthwith.platform.jobs import ENDED, RunRow

SampleAndRun = Row[Sample, RunRow | None]


def content_place(sample: UUID) -> bytes:
    """Where the content of a sample is bound to."""
    return place("samples.samples", "content", sample)


def _samples_of(owner: UUID) -> Select[Sample, RunRow | None]:
    joined = select(Sample, RunRow).outerjoin(RunRow, RunRow.id == Sample.run)
    return joined.where(Sample.owner == owner)


async def find(session: ReadSession, owner: UUID, sample: UUID) -> SampleAndRun:
    """One sample of this owner. Raises `SampleNotFound` also for somebody else's."""
    row = (await session.execute(_samples_of(owner).where(Sample.id == sample))).one_or_none()
    if row is None:
        raise SampleNotFound("There is no sample with this id.")
    return row


async def listed(
    session: ReadSession, owner: UUID, *, before: UUID | None, limit: int
) -> list[SampleAndRun]:
    """Samples of this owner, newest first."""
    query = _samples_of(owner)
    if before is not None:
        query = query.where(Sample.id < before)
    return list(await session.execute(query.order_by(Sample.id.desc()).limit(limit)))


def view(codec: Codec, row: SampleAndRun) -> SampleView:
    """A sample for its owner; its status is its run's."""
    sample, run = row
    status = run.state if run else "succeeded"
    return SampleView(
        id=sample.id,
        run_id=sample.run,
        status=status,
        processing=status not in ENDED,
        content=codec.open(sample.content, content_place(sample.id), str),
        created_at=sample.created_at.isoformat(),
    )
