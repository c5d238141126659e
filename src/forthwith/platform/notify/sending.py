"""What becomes of a kept message: held, muted, sent alone or with others, and told how it went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update

from forthwith.platform import clock, ids, metrics
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database, ReadSession, Session
from forthwith.platform.notify import digest, preferences
from forthwith.platform.notify.channels import Channels
from forthwith.platform.notify.models import Notification
from forthwith.platform.notify.notice import MACHINES, Content, Message, content_place
from forthwith.platform.notify.preferences import Preferences

_LOCK: Final = 0x47617468  # "Gath": one message to a target at a time takes others along
_OVER: Final = frozenset({"sent", "suppressed"})


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that is still to be sent, and what its owner wants."""

    row: Notification
    wanted: Preferences

    @property
    def is_muted(self) -> bool:
        """Whether the owner wants no such messages."""
        return not self.row.urgent and self.wanted.mutes(self.row.channel, self.row.template)

    def held_until(self) -> datetime | None:
        """When the quiet hours end that hold it now; None outside of them."""
        quiet = self.wanted.quiet_hours
        if quiet is None or self.row.urgent or self.row.channel in MACHINES:
            return None
        return quiet.end(clock.now(), self.wanted.zone)


async def find(db: Database, codec: Codec, owner: UUID, notification: UUID) -> Waiting | None:
    """The message, unless it was erased, is over, or goes along with another one."""
    async with db.read() as session:
        row = await session.get(Notification, notification)
        if row is None or row.owner != owner or row.state in _OVER:
            return None
        if row.leader not in {None, notification}:
            return None
        return Waiting(row, await preferences.read(session, codec, owner))


async def gather(session: Session, notification: UUID) -> int:
    """Take along all messages that wait to go to the same target; how many go now.

    0 when another one takes this along. Each message has a run of its own, so that none is
    forgotten: whichever is due first takes the others, and theirs find nothing to do.
    """
    row = await session.get_one(Notification, notification)
    one_at_a_time = func.pg_advisory_xact_lock(_LOCK, int.from_bytes(row.recipient[:4]) % 2**31)
    await session.execute(select(one_at_a_time))
    waits = (
        (Notification.recipient == row.recipient)
        & (Notification.state == "queued")
        & Notification.gathers
    )
    statement = update(Notification).where(
        Notification.leader.is_(None), or_(Notification.id == notification, waits)
    )
    taken = await session.scalars(statement.values(leader=notification).returning(Notification.id))
    gathered = set(taken)
    return len(gathered) if notification in gathered else 0


async def send(db: Database, codec: Codec, channels: Channels, notification: UUID) -> None:
    """Send a message with those it leads, as one; nothing when it was erased meanwhile."""
    async with db.read() as session:
        rows = await _led(session, notification)
    head = next((row for row in rows if row.id == notification), None)
    if head is None:
        return
    content = digest.joined([_content(codec, row) for row in rows])
    message = Message(
        id=head.id,
        owner=head.owner,
        target=content.target,
        template=head.template,
        language=content.language,
        subject=content.subject,
        body=content.body,
        data=content.data,
        urgent=head.urgent,
        created_at=head.created_at,
    )
    await channels[head.channel].send(message)


async def record(session: Session, codec: Codec, notification: UUID) -> int:
    """Note that a message was sent, with those it led; what was only for the reader goes."""
    rows = await _led(session, notification)
    now = clock.now()
    for row in rows:
        told = _content(codec, row)
        kept = Content(told.target, told.subject, told.language)
        row.content = codec.seal(kept, content_place(row.id))
        row.state, row.reason, row.sent_at = "sent", None, now
        metrics.notifications.labels(row.channel, row.state).inc()
    return len(rows)


async def give_up(session: Session, state: str, reason: str, notification: UUID) -> None:
    """Note that a message, with those it leads, will not be sent, and the code of the reason."""
    for row in await _led(session, notification):
        row.state, row.reason = state, reason
        metrics.notifications.labels(row.channel, state).inc()


async def forget_before(session: Session, moment: datetime) -> int:
    """Delete messages of before this moment that wait for nothing; how many."""
    statement = delete(Notification).where(
        Notification.id < ids.lowest(moment), Notification.state != "queued"
    )
    return len((await session.scalars(statement.returning(Notification.id))).all())


async def _led(session: ReadSession, notification: UUID) -> Sequence[Notification]:
    """The message and those it leads, oldest first."""
    query = select(Notification).where(
        or_(Notification.id == notification, Notification.leader == notification)
    )
    return (await session.scalars(query.order_by(Notification.id))).all()


def _content(codec: Codec, row: Notification) -> Content:
    return codec.open(row.content, content_place(row.id), Content)
