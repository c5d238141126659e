"""The platform's own part: account, keys, runs, messages, replays."""

from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, update

from forthwith.platform.audit import AuditRow
from forthwith.platform.db import Session
from forthwith.platform.identity import accounts
from forthwith.platform.identity.models import ApiKey, LinkedIdentity, LoginSession
from forthwith.platform.privacy import mentions, rows
from forthwith.platform.privacy.declared import ExportedFile, Subject
from forthwith.platform.privacy.runs import erase_all_runs
from forthwith.platform.runtime import Runtime
from forthwith.platform.upstream.costs.models import CostRow

SCHEMA: Final = "platform"
_KEPT: Final = ("audit", "costs", "runs", "streams", "sessions")
"""Tables whose rows of an account are not simply deleted."""
_NOT_EXPORTED: Final = ("costs", "exports", "mail_tokens", "refresh_tokens", "streams")
_NOBODY: Final = UUID(int=0)


async def export(runtime: Runtime, subject: Subject) -> AsyncIterator[ExportedFile]:
    """What the platform keeps; of a person only what names them."""
    tables = rows.tables_of(SCHEMA, *_NOT_EXPORTED)
    async for file in rows.exported(runtime.db, runtime.codec, tables, subject):
        yield file


async def end_access(runtime: Runtime, owner: UUID) -> None:
    """Take the person from an account, its keys and sessions: from now on nobody gets in.

    Ended sessions stay for a day, so that every process learns of it, but not whose they were.
    """
    async with runtime.db.transaction() as session:
        await accounts.erase(session, owner)
        await session.execute(delete(ApiKey).where(ApiKey.owner == owner))
        stripped = update(LoginSession).where(LoginSession.owner == owner)
        await session.execute(stripped.values(device=None, address=None))


async def erase_account(runtime: Runtime, owner: UUID) -> int:
    """Delete every row of an account and its files; costs keep their money, nobody's now."""
    deleted = await erase_all_runs(runtime, owner)
    async with runtime.db.transaction() as session:
        tables = rows.tables_of(SCHEMA, *_KEPT)
        deleted += await rows.delete_rows(session, tables, Subject(owner))
        spent = update(CostRow).where(CostRow.owner == owner)
        await session.execute(spent.values(owner=_NOBODY, run=None))
        told = update(AuditRow).where(AuditRow.owner == owner, AuditRow.data.is_not(None))
        await session.execute(told.values(data=None))
    await runtime.stores.cache.invalidate(owner=owner)
    await runtime.blobs.delete_all(owner)
    return deleted


async def erase_person(runtime: Runtime, subject: Subject) -> int:
    """Delete what names a person among an owner's rows, or says anything of them.

    The cache of an owner goes whole: its keys do not tell whom a value is about.
    """
    deleted = await mentions.erase(runtime, subject)
    async with runtime.db.transaction() as session:
        deleted += await rows.delete_rows(session, rows.tables_of(SCHEMA, *_KEPT), subject)
        deleted += await _unlink(session, subject)
    await runtime.stores.cache.invalidate(owner=subject.owner)
    return deleted


async def known_names(runtime: Runtime, owner: UUID, person: str) -> frozenset[str]:
    """All ids by which a person is known to an owner: as given, at the other service, here."""
    identities = next(each for each in rows.tables_of(SCHEMA) if each.table.name == "identities")
    names = {person}
    async for page in rows.pages(runtime.db, identities, identities.table.c.owner == owner):
        for row in page:
            subject = rows.opened(runtime.codec, identities, row)["subject"]
            both = {str(row.id), str(subject)}
            names |= both if person in both else set()
    return frozenset(names)


async def _unlink(session: Session, subject: Subject) -> int:
    """Forget how the person is linked to this owner's channels."""
    theirs = [each for name in subject.names or () if (each := _identifier(name))]
    statement = delete(LinkedIdentity).where(
        LinkedIdentity.owner == subject.owner, LinkedIdentity.id.in_(theirs)
    )
    result: Any = await session.execute(statement)
    return int(result.rowcount)


def _identifier(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
