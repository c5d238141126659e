"""A photo that came by LINE, but for its run: taken in, ended, given up, taken back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, false, select

from forthwith.apps.cards import quota, service
from forthwith.apps.cards.conversation import answers
from forthwith.apps.cards.line import batches, chats, delivery, tokens, turns
from forthwith.apps.cards.line.channel import Sender, channel
from forthwith.apps.cards.line.channel import sender as sender_of
from forthwith.apps.cards.line.turns import SentPhoto
from forthwith.apps.cards.models import Card, LinePhoto
from forthwith.integrations.line.events import Event, Image
from forthwith.platform import clock, ids, inbox
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import ReadSession, Session
from forthwith.platform.errors import Refused
from forthwith.platform.jobs import FailedRun, MovedRun
from forthwith.platform.runtime import Runtime

_EXPECT_OF_SET: Final = """
insert into cards.line_photos (owner, person, sent_at, batch, id, event, token)
values ($1, $2, $3, $4, $5, $6, $7)
"""
_LOCKED: Final = "select {lock} from (select $5::text as person) p"
_EXPECT: Final = """, kept as (
  insert into cards.reply_tokens (id, owner, person, token, is_free, expires_at)
  select $6::uuid, $3::uuid, $5, $7::bytea, false, $8::timestamptz from accepted
  where $6::uuid is not null
), opened as ({add_photo} and exists (select from accepted) returning id
) insert into cards.line_photos (owner, person, sent_at, batch, id, event, token)
select $3::uuid, $5, $9::timestamptz, (select id from opened limit 1), $11::uuid, $12::bytea,
  $6::uuid
from accepted returning batch
"""
_TAKE_IN: Final = inbox.along(
    first=_LOCKED.format(lock=turns.LOCK_COMING),
    then=_EXPECT.format(
        add_photo=batches.ADD_PHOTO.format(
            owner="$3::uuid", person="$5", sent="$9::timestamptz", now="$10::timestamptz"
        )
    ),
)
_ENDED: Final = """
with ended as (
  update cards.line_photos set state = $3, ended_at = $4, card = coalesce($5, card),
    failure = $6, was_cached = $7, started_at = coalesce(started_at, $8)
  where owner = $1 and id = $2
  returning id, owner, person, event, token, batch
) select ended.*, {lock} from ended
"""
_END: Final = _ENDED.format(lock=turns.LOCK_ENDING)
_TAKEN_BACK_WITHIN: Final = timedelta(days=1)
_MOST_OPENED: Final = 200


def is_single(event: Event) -> bool:
    """Whether an event is a photo that was not sent together with others."""
    image = event.message
    if not isinstance(image, Image):
        return False
    return image.image_set is None or image.image_set.total == 1


async def take_in(session: Session, runtime: Runtime, sender: Sender, event: Event) -> bool:
    """Take in the event of a single photo with all that belongs to it, as `turns.come` does.

    Into an open batch, into the line of its person. False when it was taken in before.
    """
    line, codec, photo = channel(runtime), runtime.codec, ids.new()
    token, sealed, expires_at = tokens.sealed_of(codec, event, line.settings.reply_seconds)
    taken = await inbox.accept_along(
        session,
        codec,
        _TAKE_IN,
        *(sender.person, token, sealed, expires_at, event.at, clock.now()),
        *(photo, codec.seal(event, _place(photo))),
        channel=line.inbox,
        event=event.id,
        owner=sender.owner,
        payload=event,
    )
    if taken is not None and taken["batch"] is not None:
        await _is_of(session, runtime, sender, taken["batch"], token)
    return taken is not None


async def expect_of_set(
    session: Session, runtime: Runtime, sender: Sender, event: Event, *, token: UUID | None
) -> None:
    """Take a photo in that was sent with others, into their batch."""
    image, photo = event.message, ids.new()
    assert isinstance(image, Image)  # noqa: S101 - the caller tells photos apart
    batch = await batches.of_set_photo(session, runtime, sender, event, image)
    row = (photo, runtime.codec.seal(event, _place(photo)), token)
    await session.fetch(_EXPECT_OF_SET, sender.owner, sender.person, event.at, batch, *row)
    if batch is not None:
        await _is_of(session, runtime, sender, batch, token)


async def _is_of(
    session: Session, runtime: Runtime, sender: Sender, batch: UUID, token: UUID | None
) -> None:
    """The batch's summary answers a photo, not an answer of its own."""
    await batches.close_full_set(session, runtime, sender, batch)
    await tokens.set_free(session, sender.owner, token)


async def tell_failure(session: Session, failed: FailedRun) -> None:
    """End a photo that could not be read, and say why: at once, or in its batch's summary."""
    runtime: Runtime = failed.runtime
    await give_back(session, failed)
    row = await find(session, failed.owner, UUID(str(failed.args["photo"])))
    if row is None:
        return
    if row.state != "waiting":
        await delivery.hand_over(session, runtime, row.owner, row.id)
        return
    await end(session, runtime, row.owner, row.id, Ending(failure=failed.code))
    if await batches.is_summed_up(session, row.owner, row.batch):
        event, sender = sent(runtime.codec, row)
        words = await chats.words(session, runtime, sender)
        said = answers.photo_failed(event, failed.code, words)
        await delivery.answer(session, runtime, sender, said, token=row.token)


async def give_back(session: Session, run: MovedRun) -> None:
    """The run of a photo has ended; unread, it counts no more."""
    await quota.give_back(session, run.owner, run.id, await _cards_of_sender(session, run))


async def take_again(session: Session, run: MovedRun) -> None:
    """The run is queued again."""
    await quota.take_again(session, run.owner, run.id, await _cards_of_sender(session, run))


async def _cards_of_sender(session: Session, run: MovedRun) -> ColumnElement[bool]:
    """Where the card of a run is looked for: there is an index by person."""
    row = await find(session, run.owner, UUID(str(run.args["photo"])))
    return Card.person == row.person if row is not None else false()


async def take_back(
    session: Session, runtime: Runtime, sender: Sender, message: str
) -> tuple[str, ...]:
    """A person took a photo back: delete what was made of it; the names of photos to forget."""
    row = await _sent_as(session, runtime.codec, sender, message)
    if row is None:
        return ()
    made = select(Card.id).where(Card.owner == row.owner, Card.run == row.run)
    card = await session.scalar(made)
    await session.delete(row)
    await session.flush()
    if card is None:  # not claimed yet, or equal to one that the person sent before
        if row.run is not None:
            await runtime.jobs.erase(session, row.owner, row.run)
        return ()
    return await service.erase_card(session, runtime, row.owner, card)


async def _sent_as(
    session: ReadSession, codec: Codec, sender: Sender, message: str
) -> LinePhoto | None:
    """The photo of a message, of the last ones in a day."""
    query = select(LinePhoto).where(
        LinePhoto.owner == sender.owner,
        LinePhoto.person == sender.person,
        LinePhoto.received_at > clock.now() - _TAKEN_BACK_WITHIN,
    )
    for row in await session.scalars(query.order_by(LinePhoto.id.desc()).limit(_MOST_OPENED)):
        image = event_of(codec, row).message
        if isinstance(image, Image) and image.id == message:
            return row
    return None


def event_of(codec: Codec, row: LinePhoto | SentPhoto) -> Event:
    """The event that brought a photo."""
    return codec.open(row.event, _place(row.id), Event)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a photo ends: with a card, or by the code of a failure.

    `begun` is when its reading began, where that is not stored yet.
    """

    card: UUID | None = None
    was_cached: bool = False
    begun: datetime | None = None
    failure: str | None = None


async def end(
    session: Session, runtime: Runtime, owner: UUID, photo: UUID, ending: Ending
) -> SentPhoto | None:
    """A photo is over, and the person's next one is on; None when it was deleted."""
    state = "done" if ending.failure is None else "failed"
    how = (ending.card, ending.failure, ending.was_cached, ending.begun)
    row = await session.fetchrow(_END, owner, photo, state, clock.now(), *how)
    if row is None:
        return None
    ended = SentPhoto(*row[:-1])
    await turns.give(session, runtime, owner, ended.person)
    return ended


async def find(session: ReadSession, owner: UUID, photo: UUID) -> LinePhoto | None:
    """A photo by its id."""
    query = select(LinePhoto).where(LinePhoto.owner == owner, LinePhoto.id == photo)
    return await session.scalar(query)


def sent(codec: Codec, row: LinePhoto | SentPhoto) -> tuple[Event, Sender]:
    """The event of a photo, and who sent it."""
    event = event_of(codec, row)
    found = sender_of(codec, row.owner, event)
    if found is None:
        raise Refused("the photo came from nobody")
    return event, found


def _place(photo: UUID) -> bytes:
    return place("cards.line_photos", "event", photo)
