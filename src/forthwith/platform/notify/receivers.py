"""Where an owner takes messages: webhooks with their signing secrets, and browsers."""

import base64
import secrets
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import Select, delete, func, select, update

from forthwith.platform import clock, ids
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import ReadSession, Session
from forthwith.platform.errors import Conflict
from forthwith.platform.notify.errors import ReceiverNotFound
from forthwith.platform.notify.models import Receiver
from forthwith.platform.notify.notice import ALL, Address, Notice

MOST: Final = 20
"""Receivers of one owner and channel."""
OVERLAP: Final = timedelta(hours=24)
"""How long a rotated secret signs beside the new one."""
_LOCK: Final = 0x4E6F7469  # "Noti": one registration of an owner at a time, so that they count
_MOST_SECRETS: Final = 5
"""Of one webhook at once; each adds 50 characters to a header."""
_SECRET_BYTES: Final = 32  # Standard Webhooks: 24 to 64


class Secret(msgspec.Struct, frozen=True):
    """A signing secret, `whsec_` and base64; `until` when it stops signing, for a rotated one."""

    value: str
    until: datetime | None = None


class Webhook(msgspec.Struct, frozen=True):
    """A URL that takes signed messages; the newest secret comes first.

    `events` names the templates that it is sent; without names, all.
    """

    url: str
    secrets: tuple[Secret, ...]
    events: tuple[str, ...] = ()

    def takes(self, template: str) -> bool:
        """Whether it is to be sent messages of this kind."""
        return not self.events or template in self.events

    def signing(self) -> list[str]:
        """The secrets that sign at this moment."""
        return [each.value for each in self._in_force()]

    def _in_force(self) -> list[Secret]:
        now = clock.now()
        return [each for each in self.secrets if each.until is None or each.until > now]

    def rotated(self) -> "Webhook":
        """With a new secret; the present one signs on for 24 hours.

        So do those before it until their own end: who rotates again, since the answer with the
        new secret was lost, has a receiver that knows only the oldest.
        """
        present, *earlier = self._in_force()
        ending = msgspec.structs.replace(present, until=clock.now() + OVERLAP)
        kept = (new_secret(), ending, *earlier)
        return msgspec.structs.replace(self, secrets=kept[:_MOST_SECRETS])


class Browser(msgspec.Struct, frozen=True):
    """A browser's push subscription (W3C Push API); both keys are unpadded base64url."""

    url: str
    p256dh: str
    auth: str


Target = TypeVar("Target", Webhook, Browser)


def new_secret() -> Secret:
    """A secret as Standard Webhooks writes it."""
    return Secret("whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode())


def opened(codec: Codec, row: Receiver, into: type[Target]) -> Target:
    """What the row of such a channel seals."""
    return codec.open(row.content, _place(row.id), into)


def _place(receiver: UUID) -> bytes:
    return place("platform.notification_receivers", "content", receiver)


def _of(owner: UUID, channel: str) -> Select[Receiver]:
    return select(Receiver).where(Receiver.owner == owner, Receiver.channel == channel)


async def listed(session: ReadSession, owner: UUID, channel: str) -> list[Receiver]:
    """The receivers of an owner, oldest first."""
    return list(await session.scalars(_of(owner, channel).order_by(Receiver.id)))


async def find(session: ReadSession, owner: UUID, channel: str, receiver: UUID) -> Receiver:
    """One receiver of this owner. Raises `ReceiverNotFound` also for somebody else's."""
    found = await session.scalar(_of(owner, channel).where(Receiver.id == receiver))
    if found is None:
        raise ReceiverNotFound(f"There is no {channel} with this id.")
    return found


async def expanded(session: ReadSession, codec: Codec, notice: Notice) -> list[Address]:
    """Each address of a notice once, `*` as those receivers of the owner that take its kind.

    In one order for all callers, so that two transactions never wait for each other.
    """
    found = {each for each in notice.to if each.target != ALL}
    for channel in sorted({each.channel for each in notice.to if each.target == ALL}):
        query = _of(notice.owner, channel).where(Receiver.disabled_at.is_(None))
        rows = [row for row in await session.scalars(query) if _takes(codec, row, notice.template)]
        found |= {Address(channel, str(row.id)) for row in rows}
    return sorted(found)


def _takes(codec: Codec, row: Receiver, template: str) -> bool:
    """Browsers take all; what a person does not want is in their preferences."""
    return row.channel != "webhook" or opened(codec, row, Webhook).takes(template)


async def add_webhook(
    session: Session, codec: Codec, owner: UUID, receiver: UUID, target: Webhook
) -> None:
    """Keep a webhook. Raises `Conflict` for a URL that is registered, or a 21st of an owner."""
    digest = _digest(codec, "webhook", target.url)
    if await _known(session, owner, "webhook", digest) is not None:
        raise Conflict("This URL is registered already; delete it or rotate its secret.")
    await _insert(session, codec, owner, "webhook", receiver, digest, target)


async def add_browser(session: Session, codec: Codec, owner: UUID, target: Browser) -> UUID:
    """Keep a browser; its id. A known one keeps its own, and is used again with the new keys.

    Raises `Conflict` for a 21st of an owner.
    """
    digest = _digest(codec, "push", target.url)
    known = await _known(session, owner, "push", digest)
    if known is not None:
        known.content, known.disabled_at = codec.seal(target, _place(known.id)), None
        return known.id
    receiver = ids.new()
    await _insert(session, codec, owner, "push", receiver, digest, target)
    return receiver


async def _known(session: Session, owner: UUID, channel: str, digest: bytes) -> Receiver | None:
    """The receiver with this URL; nobody else of the owner's adds one until the commit."""
    await session.execute(select(func.pg_advisory_xact_lock(_LOCK, owner.int % 2**31)))
    known: Receiver | None = await session.scalar(
        _of(owner, channel).where(Receiver.digest == digest)
    )
    return known


async def _insert(
    session: Session,
    codec: Codec,
    owner: UUID,
    channel: str,
    receiver: UUID,
    digest: bytes,
    target: Webhook | Browser,
) -> None:
    if len(await listed(session, owner, channel)) >= MOST:
        raise Conflict(f"There are {MOST} of this kind already; delete one first.")
    content = codec.seal(target, _place(receiver))
    row = Receiver(id=receiver, owner=owner, channel=channel, digest=digest, content=content)
    session.add(row)


def _digest(codec: Codec, channel: str, url: str) -> bytes:
    """By what a URL is found again."""
    return codec.blind_index(url, f"notifications.receiver|{channel}")


async def rotate(session: Session, codec: Codec, owner: UUID, receiver: UUID) -> Secret:
    """Give a webhook a new secret, which is told this once; a disabled one is used again."""
    query = _of(owner, "webhook").where(Receiver.id == receiver).with_for_update()
    row = await session.scalar(query)
    if row is None:
        raise ReceiverNotFound("There is no webhook with this id.")
    target = opened(codec, row, Webhook).rotated()
    sealed = codec.seal(target, _place(receiver))
    await session.execute(
        update(Receiver).where(Receiver.id == receiver).values(content=sealed, disabled_at=None)
    )
    return target.secrets[0]


async def remove(session: Session, owner: UUID, channel: str, receiver: UUID) -> None:
    """Delete a receiver. Raises `ReceiverNotFound`."""
    row = await find(session, owner, channel, receiver)
    await session.execute(delete(Receiver).where(Receiver.id == row.id))


async def disable(session: Session, owner: UUID, receiver: UUID) -> None:
    """Send nothing there any more: the receiver itself said that it is gone."""
    statement = update(Receiver).where(Receiver.id == receiver, Receiver.owner == owner)
    await session.execute(statement.values(disabled_at=clock.now()))
