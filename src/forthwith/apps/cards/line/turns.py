"""Whose photo is read next. A person has a few runs at most; each that ends brings the next.

Runs wait in one queue, first come first served, so persons take turns in it: fifty photos of
one are ahead of another's single photo by no more than a few (docs/adr/002 on queues). What
many can use at once, such as a model, one person has alone while nobody else waits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from forthwith.apps.cards.line.channel import channel
from forthwith.apps.cards.readers.opened import readers
from forthwith.platform.db import Database, Session
from forthwith.platform.runtime import Runtime

JOB: Final = "cards.line.photo"

_WAITING: Final = """
select id, owner, person, event, token, batch from cards.line_photos
where owner = $1 and id = $2 and state = 'waiting'
"""

_TAKE: Final = """
with flying as (
  select count(*) as runs from cards.line_photos
  where owner = $1 and person = $2 and state = 'waiting' and run is not null
), waiting as (
  select count(*) as persons from (
    select distinct person from cards.line_photos
    where owner = $1 and state = 'waiting' limit $5::int) p
), next as (
  select id from cards.line_photos
  where owner = $1 and person = $2 and state = 'waiting' and run is null
  order by sent_at, id
  limit greatest(0,
    (select greatest($4::int, $5::int / greatest(1, persons)) from waiting)
    - (select runs from flying) + $3::int) for update skip locked
)
update cards.line_photos p set run = p.id from next where p.id = next.id
returning p.sent_at, p.id
"""
"""A photo has one run in its life, of the same id, and waits as long as that one lasts.

Where a run was cancelled or erased its photo keeps a place until `mend` finds it: to look at the
runs here would take the server longer to plan than all the rest takes.
"""

_LOCK: Final = "pg_{how}_xact_lock(('x{kind}' || left(person, 15))::bit(64)::bigint)"
"""The key is of a keyed digest."""
LOCK_ENDING: Final = _LOCK.format(how="advisory", kind=0)
LOCK_COMING: Final = _LOCK.format(how="advisory", kind=1)
_LOCK_EACH: Final = """
select person, {lock} as is_locked
from unnest(string_to_array($1, ',')) with ordinality as p (person, n) order by n
"""
_ENDING: Final = _LOCK_EACH.format(lock=LOCK_ENDING)
_UNLESS_ENDING: Final = _LOCK_EACH.format(lock=_LOCK.format(how="try_advisory", kind=0))
_COMING: Final = _LOCK_EACH.format(lock=LOCK_COMING)
"""As text: to send an array asyncpg asks the database about its type, once a process."""

_STRANDED: Final = text("""
update cards.line_photos p set state = 'failed', failure = 'CANCELLED', ended_at = now()
where state = 'waiting' and run is not null and received_at < now() - interval '1 minute'
  and not exists (
    select from platform.runs r where r.id = p.run and r.state in ('queued', 'running'))
returning owner, person
""")

_STALLED: Final = text("""
select distinct owner, person from cards.line_photos where state = 'waiting' and run is null
""")


@dataclass(frozen=True, slots=True)
class SentPhoto:
    """A photo as it came: by whom, with which reply token, into which batch; `event` is sealed."""

    id: UUID
    owner: UUID
    person: str
    event: bytes
    token: UUID | None
    batch: UUID | None


@dataclass(frozen=True, slots=True)
class Room:
    """Runs that a person may `each` have in any case, and all persons `together`."""

    each: int
    together: int


def room(runtime: Runtime) -> Room:
    """As it is set, and as many as can be read at once."""
    return Room(channel(runtime).settings.photos_at_once, readers(runtime).at_once)


async def come(session: Session, persons: Iterable[str]) -> None:
    """Take photos of these persons in within this transaction alone, until it ends.

    Two that did so at once would each count the runs that there were before both. All persons
    are taken together: in one order, so that nobody waits in a circle.
    """
    await _lock(session, _COMING, persons)


async def give_all(session: Session, runtime: Runtime, owner: UUID, persons: Iterable[str]) -> None:
    """Queue photos that have come, for persons that are locked by `come`, as the last thing.

    Where a photo is just ending, its transaction does not see one that comes meanwhile, and this
    one still counts its run. Nobody waits for that: the run is counted as gone, so that a person
    has one more than there is room for until the next ends, and that one brings no other.
    """
    left = [each for each in persons if not await give(session, runtime, owner, each)]
    ending = await _lock_unless_ending(session, left)
    stuck = [each for each in ending if not await give(session, runtime, owner, each, leaving=1)]
    await _lock(session, _ENDING, stuck)
    for person in left:
        if person not in ending or person in stuck:
            await give(session, runtime, owner, person)


async def give(
    session: Session, runtime: Runtime, owner: UUID, person: str, *, leaving: int = 0
) -> int:
    """Queue the person's next photos, as far as there is room; how many.

    `leaving` of the person's runs are counted as gone.
    """
    there_is = room(runtime)
    which = (owner, person, leaving, there_is.each, there_is.together)
    taken = await session.fetch(_TAKE, *which)
    for photo in [row["id"] for row in sorted(taken, key=tuple)]:
        await runtime.jobs.enqueue(session, JOB, {"photo": photo}, owner=owner, run=photo)
    return len(taken)


async def waiting(db: Database, owner: UUID, photo: UUID) -> SentPhoto | None:
    """The photo whose turn it is; None when it has ended or was deleted."""
    row = await db.fetchrow(_WAITING, owner, photo)
    return None if row is None else SentPhoto(*row)


async def mend(session: Session, runtime: Runtime) -> int:
    """Go on where a cancelled or erased run has left photos behind; how many were given up."""
    stranded = (await session.execute(_STRANDED)).all()
    stalled = (await session.execute(_STALLED)).all()
    left = {(each.owner, each.person) for each in (*stranded, *stalled)}
    await _lock(session, _ENDING, [person for _, person in left])
    for owner, person in left:
        await give(session, runtime, owner, person)
    return len(stranded)


async def _lock_unless_ending(session: Session, persons: Iterable[str]) -> set[str]:
    """Let no photo of these persons end meanwhile; those of whom one is ending now."""
    rows = await _lock(session, _UNLESS_ENDING, persons)
    return {row["person"] for row in rows if not row["is_locked"]}


async def _lock(session: Session, statement: str, persons: Iterable[str]) -> Sequence[Any]:
    each_once = sorted(set(persons))
    if not each_once:
        return ()
    return await session.fetch(statement, ",".join(each_once))
