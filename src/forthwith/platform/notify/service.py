"""The verb that applications call: tell somebody something, once per event."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from forthwith.platform import clock, ids
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Session
from forthwith.platform.jobs import Jobs
from forthwith.platform.notify import preferences, receivers, templates
from forthwith.platform.notify.models import Notification
from forthwith.platform.notify.notice import MACHINES, Address, Content, Notice, content_place
from forthwith.platform.notify.templates import Datum, Template

SEND: Final = "notify.send"


async def notify(session: Session, jobs: Jobs, notice: Notice) -> UUID | None:
    """Keep one message per address and queue its sending, in the session's transaction.

    Returns the id of the first new message; None when all of them were notified before.
    Raises LookupError for a template that nobody registered, or a datum that it lacks.
    """
    template = templates.find(notice.template)
    wording = template.render(notice.language, notice.data)
    data = {name: _storable(value) for name, value in notice.data.items()}
    first = None
    for address in await receivers.expanded(session, jobs.codec, notice):
        content = Content(address.target, wording.subject, notice.language, wording.body, data)
        kept = await _keep(session, jobs, notice, template, address, content)
        first = first or kept
    return first


def _storable(value: Datum) -> Datum:
    """Half a surrogate pair, which JSON may bring, is no text that could be kept."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


async def _keep(
    session: Session,
    jobs: Jobs,
    notice: Notice,
    template: Template,
    address: Address,
    content: Content,
) -> UUID | None:
    """Write the message and queue its run; None when this event was told to this target."""
    until = await _digest_end(session, jobs.codec, notice, template, address.channel)
    notification, run = ids.new(), ids.new()
    row = {
        "id": notification,
        "owner": notice.owner,
        "person": notice.person,
        "digest": _digest(jobs.codec, notice, address),
        "recipient": _recipient(jobs.codec, notice.owner, address),
        "channel": address.channel,
        "template": notice.template,
        "urgent": notice.urgent,
        "gathers": until is not None,
        "run": run,
        "state": "queued",
        "content": jobs.codec.seal(content, content_place(notification)),
    }
    statement = insert(Notification).values(row).on_conflict_do_nothing(index_elements=["digest"])
    if await session.scalar(statement.returning(Notification.id)) is None:
        return None
    args = {"notification": notification}
    await jobs.enqueue(session, SEND, args, owner=notice.owner, run=run, run_at=until)
    return notification


async def _digest_end(
    session: Session, codec: Codec, notice: Notice, template: Template, channel: str
) -> datetime | None:
    """Until when the message waits for others; None when it goes by itself."""
    if notice.urgent or channel in MACHINES or not template.digest_minutes:
        return None
    wanted = (await preferences.read(session, codec, notice.owner)).digest_minutes
    minutes = template.digest_minutes if wanted is None else wanted
    return clock.now() + timedelta(minutes=minutes) if minutes else None


def _digest(codec: Codec, notice: Notice, address: Address) -> bytes:
    """What makes a message the same one; keyed, since addresses could be guessed."""
    told = f"{address.channel}\x00{address.target}\x00{notice.event_key}"
    return codec.blind_index(told, f"notifications.digest|{notice.owner}")


def _recipient(codec: Codec, owner: UUID, address: Address) -> bytes:
    """By what the messages of an owner to one target are found."""
    told = f"{address.channel}\x00{address.target}"
    return codec.blind_index(told, f"notifications.recipient|{owner}")
