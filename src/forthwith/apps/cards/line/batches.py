"""Batches: photos that are answered by one summary, when all of them have ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert

from forthwith.apps.cards.line.channel import Channel, Sender, channel
from forthwith.apps.cards.models import Batch, LinePhoto
from forthwith.integrations.line.events import Event, Image
from forthwith.platform import clock, ids
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import ReadSession, Session
from forthwith.platform.jobs import Run
from forthwith.platform.runtime import Runtime

JOB: Final = "cards.line.batch"
_POLL_SECONDS: Final = (0.2, 3.0)
"""How soon to look whether the last photos have ended, and how late at most."""
_SECONDS_A_PHOTO: Final = 0.2
_LATE_SECONDS: Final = 1.0
"""Photos may come after the command that was sent behind them: LINE keeps no order."""

ADD_PHOTO: Final = """
update cards.batches set last_photo_at = {now}
where owner = {owner} and person = {person} and image_set is null and summed_up_at is null
  and opened_at <= {sent} and coalesce(closed_at, {sent}) >= {sent}
"""
"""Plain text, as all that a webhook waits for: the ORM's cost would be half of its time."""
_ADD_PHOTO: Final = ADD_PHOTO.format(owner="$1", person="$2", sent="$3", now="$4") + "returning id"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many photos of a batch are in which state."""

    waiting: int = 0
    done: int = 0
    failed: int = 0

    @property
    def received(self) -> int:
        """All of them."""
        return self.waiting + self.done + self.failed


async def begin(session: Session, runtime: Runtime, sender: Sender, event: Event) -> bool:
    """Open a batch by command; False when one is open."""
    opened = {"opened_at": event.at, "last_photo_at": clock.now()}
    batch = await _insert(session, runtime.codec, sender, event, opened)
    if batch is None:
        return False
    settings = channel(runtime).settings
    await _look_later(session, runtime, sender, batch, settings.batch_idle_seconds)
    return True


async def end(session: Session, runtime: Runtime, sender: Sender, event: Event) -> bool:
    """Close the open batch by command; False when none is open."""
    statement = (
        update(Batch)
        .where(*_open(sender), Batch.opened_at <= event.at)
        .values(closed_at=event.at)
        .returning(Batch.id)
    )
    batch = await session.scalar(statement)
    if batch is None:
        return False
    await _look_later(session, runtime, sender, batch, _LATE_SECONDS)
    return True


async def of_set_photo(
    session: Session, runtime: Runtime, sender: Sender, event: Event, image: Image
) -> UUID | None:
    """The batch that a photo of a set belongs to: one open when it was sent, else its set."""
    now = clock.now()
    opened = await session.fetchrow(_ADD_PHOTO, sender.owner, sender.person, event.at, now)
    if opened is not None:
        batch: UUID = opened["id"]
        return batch
    return await _of_image_set(session, runtime, sender, event, image)


async def close_full_set(session: Session, runtime: Runtime, sender: Sender, batch: UUID) -> None:
    """Close a set once all its photos have come."""
    come = select(func.count()).where(LinePhoto.batch == batch).scalar_subquery()
    which = (Batch.owner == sender.owner, Batch.id == batch)
    full = update(Batch).where(*which, Batch.closed_at.is_(None), Batch.total <= come)
    closed = await session.scalar(full.values(closed_at=clock.now()).returning(Batch.id))
    if closed is not None:
        await _look_later(session, runtime, sender, batch, 0.0)


async def look(run: Run, runtime: Runtime, batch: UUID) -> Batch | None:
    """The batch once it is closed and all its photos have ended; snoozes until then.

    None when it was summed up before. One that was forgotten is closed here.
    """
    async with run.transaction() as session:
        found = await find(session, run.owner, batch)
        if found is None or found.summed_up_at is not None:
            return None
        due = found.last_photo_at + timedelta(seconds=_idle_seconds(channel(runtime), found))
        if found.closed_at is None and due <= clock.now():
            found.closed_at, found.is_forgotten = clock.now(), True
        waiting = (await tally(session, run.owner, batch)).waiting
    if found.closed_at is None:
        run.snooze(until=due)
    if waiting:
        shortest, longest = _POLL_SECONDS
        run.snooze(seconds=min(max(shortest, waiting * _SECONDS_A_PHOTO), longest))
    return found


async def claim_summary(session: Session, owner: UUID, batch: UUID) -> bool:
    """Whether the summary is the caller's to give: it is given once."""
    which = (Batch.owner == owner, Batch.id == batch, Batch.summed_up_at.is_(None))
    statement = update(Batch).where(*which).values(summed_up_at=func.now()).returning(Batch.id)
    return await session.scalar(statement) is not None


async def find(session: ReadSession, owner: UUID, batch: UUID) -> Batch | None:
    """A batch by its id."""
    return await session.scalar(select(Batch).where(Batch.owner == owner, Batch.id == batch))


async def is_summed_up(session: ReadSession, owner: UUID, batch: UUID | None) -> bool:
    """Whether a photo of this batch comes too late for its summary."""
    found = await find(session, owner, batch) if batch is not None else None
    return found is None or found.summed_up_at is not None


async def open_batch(session: ReadSession, sender: Sender) -> Batch | None:
    """The batch that the person has begun by command."""
    return await session.scalar(select(Batch).where(*_open(sender)))


async def photos(session: ReadSession, owner: UUID, batch: UUID) -> Sequence[LinePhoto]:
    """The photos of a batch in the order in which they were sent."""
    query = select(LinePhoto).where(LinePhoto.owner == owner, LinePhoto.batch == batch)
    return list(await session.scalars(query.order_by(LinePhoto.sent_at, LinePhoto.id)))


async def tally(session: ReadSession, owner: UUID, batch: UUID) -> Tally:
    """How far a batch is."""
    counted = (
        select(LinePhoto.state, func.count())
        .where(LinePhoto.owner == owner, LinePhoto.batch == batch)
        .group_by(LinePhoto.state)
    )
    states = await session.execute(counted)
    return Tally(**{row[0]: row[1] for row in states})


def seconds(ended: Sequence[LinePhoto]) -> float:
    """From the first photo that came to the last that ended."""
    begun = min(each.received_at for each in ended)
    over = max(each.ended_at or each.received_at for each in ended)
    return (over - begun).total_seconds()


def event_of(codec: Codec, batch: Batch) -> Event:
    """The event that opened it."""
    return codec.open(batch.event, _place(batch.id), Event)


async def _of_image_set(
    session: Session, runtime: Runtime, sender: Sender, event: Event, image: Image
) -> UUID | None:
    """The batch of photos sent in one go; the first of them opens it."""
    image_set = image.image_set
    assert image_set is not None  # noqa: S101 - the caller has looked
    name = runtime.codec.blind_index(image_set.id, f"cards.image_set|{sender.owner}").hex()
    now = clock.now()
    same = (Batch.owner == sender.owner, Batch.person == sender.person, Batch.image_set == name)
    known = (
        update(Batch)
        .where(*same, Batch.summed_up_at.is_(None))
        .values(last_photo_at=now, total=func.coalesce(Batch.total, image_set.total))
    )
    found: UUID | None = await session.scalar(known.returning(Batch.id))
    if found is not None:
        return found
    opened = {
        "opened_at": event.at,
        "last_photo_at": now,
        "image_set": name,
        "total": image_set.total,
    }
    batch = await _insert(session, runtime.codec, sender, event, opened)
    if batch is None:  # another process was first, or its summary was given
        return await session.scalar(known.returning(Batch.id))
    settings = channel(runtime).settings
    await _look_later(session, runtime, sender, batch, settings.image_set_idle_seconds)
    return batch


async def _insert(
    session: Session, codec: Codec, sender: Sender, event: Event, values: Mapping[str, object]
) -> UUID | None:
    batch = ids.new()
    row = {
        "id": batch,
        "owner": sender.owner,
        "person": sender.person,
        "event": codec.seal(event, _place(batch)),
        **values,
    }
    statement = insert(Batch).values(row).on_conflict_do_nothing().returning(Batch.id)
    return await session.scalar(statement)


async def _look_later(
    session: Session, runtime: Runtime, sender: Sender, batch: UUID, after: float
) -> None:
    run_at: datetime = clock.now() + timedelta(seconds=after)
    await runtime.jobs.enqueue(session, JOB, {"batch": batch}, owner=sender.owner, run_at=run_at)


def _open(sender: Sender) -> tuple[ColumnElement[bool], ...]:
    return (
        Batch.owner == sender.owner,
        Batch.person == sender.person,
        Batch.image_set.is_(None),
        Batch.closed_at.is_(None),
    )


def _idle_seconds(line: Channel, batch: Batch) -> float:
    by_command = batch.image_set is None
    settings = line.settings
    return settings.batch_idle_seconds if by_command else settings.image_set_idle_seconds


def _place(batch: UUID) -> bytes:
    return place("cards.batches", "event", batch)
