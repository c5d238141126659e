"""The verbs of the samples application."""

from collections.abc import Mapping
from uuid import UUID

from forthwith.apps.samples import queries
from forthwith.apps.samples.models import Sample
from forthwith.platform.runtime import Runtime


async def add_sample(
    runtime: Runtime,
    *,
    sample: UUID,
    run: UUID,
    owner: UUID,
    content: str,
    idempotency: Mapping[str, object] | None,
) -> None:
    """Keep a sample and queue the work on it; both are safe when this returns."""
    row = {
        "id": sample,
        "owner": owner,
        "run": run,
        "content": runtime.codec.seal(content, queries.content_place(sample)),
    }
    await runtime.jobs.enqueue_with(
        Sample,
        row,
        "samples.work",
        {"sample_id": sample},
        owner=owner,
        run=run,
        idempotency=idempotency,
    )


async def count_letters(runtime: Runtime, owner: UUID, sample: UUID) -> int:
    """The slow work; here, how many characters the content has."""
    async with runtime.db.read() as session:
        row = await queries.find(session, owner, sample)
    return len(queries.view(runtime.codec, row).content)
