"""Handing over and deleting what is kept of somebody."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import Select, delete, select, text, update

from forthwith.platform import audit, clock
from forthwith.platform.blobs import as_file
from forthwith.platform.crypto import Codec
from forthwith.platform.db import ReadSession, Session
from forthwith.platform.errors import Conflict, NotFound
from forthwith.platform.jobs import RunRow
from forthwith.platform.jobs.enqueue import args_place
from forthwith.platform.privacy import own_part
from forthwith.platform.privacy.archive import zipped
from forthwith.platform.privacy.declared import ExportedFile, Privacy, Subject
from forthwith.platform.privacy.models import Export
from forthwith.platform.runtime import Runtime

KEPT: Final = timedelta(days=3)
"""How long an archive can be fetched."""
_AUDIT_KEPT: Final = timedelta(days=730)
_LEFTOVER_SECONDS: Final = 86_400.0
_PASSES: Final = 5
"""What was under way when access ended may still write; a pass that finds nothing is the last."""
DONE: Final = "done"
ACCOUNT: Final = "account"
PERSON: Final = "person"


class ExportView(msgspec.Struct, frozen=True):
    """An export as its owner sees it; `file_url` once it is made, until `expires_at`."""

    id: UUID
    run_id: UUID
    status: str
    processing: bool
    file_url: str | None
    size: int | None
    expires_at: str


def subject_index(codec: Codec, owner: UUID, person: str | None) -> str:
    """What stands for somebody in the audit log and in keys of runs: it names nobody."""
    if person is None:
        return f"account:{owner}"
    return f"person:{codec.blind_index(person, f'privacy|{owner}').hex()}"


async def subject_of(
    runtime: Runtime, parts: Sequence[Privacy], owner: UUID, person: str | None
) -> Subject:
    """Whose data, with all ids by which a person is known."""
    if person is None:
        return Subject(owner)
    known = await own_part.known_names(runtime, owner, person)
    names = known
    for part in parts:
        if part.names is not None:
            names |= await part.names(runtime, owner, known)
    return Subject(owner, names)


async def make_archive(
    runtime: Runtime, parts: Sequence[Privacy], owner: UUID, person: str | None
) -> tuple[str, int]:
    """Store an archive of everything; the SHA-256 of its blob and its size in bytes."""
    subject = await subject_of(runtime, parts, owner, person)
    files = _files(runtime, parts, subject)
    blob = await runtime.blobs.put(owner, as_file(zipped(files, asyncio.get_running_loop())))
    return blob.sha256, blob.size


async def _files(
    runtime: Runtime, parts: Sequence[Privacy], subject: Subject
) -> AsyncIterator[ExportedFile]:
    for export in (own_part.export, *(part.export for part in parts)):
        async for file in export(runtime, subject):
            yield file


async def record_archive(
    session: Session, runtime: Runtime, export: UUID, owner: UUID, file: str, size: int
) -> None:
    """Let the owner fetch it from now on."""
    values = {"file": file, "size": size, "expires_at": clock.now() + KEPT}
    theirs = update(Export).where(Export.id == export, Export.owner == owner)
    await session.execute(theirs.values(**values))
    await audit.record(
        session,
        runtime.codec,
        "privacy.exported",
        owner=owner,
        subject=f"export:{export}",
        data={"bytes": size},
    )


async def erase(runtime: Runtime, parts: Sequence[Privacy], owner: UUID, person: str | None) -> int:
    """Delete everything of an account, or of a person among its rows; how many things."""
    if person is None:
        await own_part.end_access(runtime, owner)
    subject = await subject_of(runtime, parts, owner, person)
    total = 0
    for _ in range(_PASSES):
        deleted = await _pass(runtime, parts, subject)
        total += deleted
        if not deleted:
            break
    return total


async def _pass(runtime: Runtime, parts: Sequence[Privacy], subject: Subject) -> int:
    deleted = 0
    for part in parts:
        deleted += await part.erase(runtime, subject)
    if subject.names is None:
        return deleted + await own_part.erase_account(runtime, subject.owner)
    return deleted + await own_part.erase_person(runtime, subject)


async def record_erasure(
    session: Session, runtime: Runtime, run: UUID, owner: UUID, subject: str, deleted: int
) -> None:
    """Write down that it was done, and take the person from the run that did it."""
    forgotten = runtime.codec.seal({"scope": DONE, "person": None}, args_place(run))
    await session.execute(update(RunRow).where(RunRow.id == run).values(args=forgotten))
    await audit.record(
        session,
        runtime.codec,
        "privacy.erased",
        owner=owner,
        subject=subject,
        data={"deleted": deleted},
    )


ExportAndState = tuple[Export, str | None]
"""An export, and the state of its run; that of one dropped with old history is None."""


def _exports_of(owner: UUID) -> Select[Export, str | None]:
    query = select(Export, RunRow.state).outerjoin(RunRow, RunRow.id == Export.run)
    return query.where(Export.owner == owner, Export.expires_at > clock.now())


async def find_export(session: ReadSession, owner: UUID, export: UUID) -> ExportAndState:
    """An export of this owner. Raises `NotFound`, also when its time is over."""
    theirs = _exports_of(owner).where(Export.id == export)
    row = (await session.execute(theirs)).one_or_none()
    if row is None:
        raise NotFound("There is no export with this id, or its time is over; ask for a new one.")
    return row[0], row[1]


async def listed(
    session: ReadSession, owner: UUID, *, before: UUID | None, limit: int
) -> list[ExportAndState]:
    """Exports of this owner whose time is not over, newest first."""
    query = _exports_of(owner).order_by(Export.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Export.id < before)
    return [(row[0], row[1]) for row in await session.execute(query)]


def fetchable(export: Export) -> str:
    """The blob of an export. Raises `Conflict` while there is none."""
    if export.file is None:
        raise Conflict("The archive is not made yet; poll the export until it has a file_url.")
    return export.file


def view(found: ExportAndState) -> ExportView:
    """An export for its owner."""
    export, state = found
    state = state or ("succeeded" if export.file else "failed")
    base = f"/api/v1/privacy/exports/{export.id}"
    return ExportView(
        id=export.id,
        run_id=export.run,
        status=state,
        processing=state in {"queued", "running"},
        file_url=f"{base}/file" if export.file else None,
        size=export.size,
        expires_at=export.expires_at.isoformat(),
    )


async def expire(runtime: Runtime) -> int:
    """Delete archives whose time is over, leftovers of killed processes, old audit entries."""
    async with runtime.db.transaction() as session:
        over = delete(Export).where(Export.expires_at < clock.now())
        gone = (await session.execute(over.returning(Export.owner, Export.file))).all()
    for owner, file in gone:
        if file is not None:
            await runtime.blobs.delete(owner, file, _never)
    await runtime.blobs.sweep(_LEFTOVER_SECONDS)
    async with runtime.db.transaction() as session:
        await session.execute(text("select set_config('forthwith.audit_ages', 'on', true)"))
        aged = delete(audit.AuditRow).where(audit.AuditRow.created_at < clock.now() - _AUDIT_KEPT)
        await session.execute(aged)
    return len(gone)


async def _never() -> bool:
    return False
