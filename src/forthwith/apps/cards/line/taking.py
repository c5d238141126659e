"""Webhooks taken in: each event once, in one transaction with all that it asks for.

Nothing is called here. What an event changes at once is which photos and batches there are,
so that they are right in whatever order the runs come to them.
"""

from typing import Final
from uuid import UUID

from forthwith.apps.cards.conversation.commands import Verb, parse
from forthwith.apps.cards.line import batches, photos, talk, tokens, turns
from forthwith.apps.cards.line.channel import Channel, Sender, channel, sender
from forthwith.integrations.line import events, signature
from forthwith.integrations.line.events import Callback, Event
from forthwith.platform import inbox, metrics
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Session
from forthwith.platform.errors import Unauthorized
from forthwith.platform.runtime import Runtime

_ANSWERED: Final = {"message", "postback", "follow", "join", "unsend"}
"""Kinds of events that something is done about; others are only counted."""


async def receive(runtime: Runtime, body: bytes, signature_header: str | None) -> int:
    """Take in a webhook as it came; how many of its events are new.

    Raises `Unauthorized` without LINE's signature, `BadRequest` for what is no webhook.
    """
    line = channel(runtime)
    if not signature.verify(line.secret, body, signature_header):
        raise Unauthorized(
            "The x-line-signature does not fit this body; check LINE_CHANNEL_SECRET."
        )
    return await _take_in(runtime, line, events.parse(body))


async def _take_in(runtime: Runtime, line: Channel, callback: Callback) -> int:
    if not callback.events:
        return 0
    owner = await line.owner()
    taken = 0
    async with runtime.db.transaction() as session:
        photographers = _photographers(runtime.codec, owner, callback)
        if len(callback.events) > 1 or not photos.is_single(callback.events[0]):
            await turns.come(session, photographers)  # which a photo alone does as it is taken in
        for event in sorted(callback.events, key=lambda each: each.timestamp):
            outcome = await _take(session, runtime, line, owner, event)
            kind = event.type if event.type in _ANSWERED else "other"
            metrics.inbox_events.labels("line", kind, outcome).inc()
            taken += outcome == "taken"
        await turns.give_all(session, runtime, owner, photographers)
    return taken


def _photographers(codec: Codec, owner: UUID, callback: Callback) -> set[str]:
    """The persons whose photos are in a webhook, and are not another bot's to answer."""
    photos_of = (
        each
        for each in callback.events
        if isinstance(each.message, events.Image) and each.id and each.is_active
    )
    senders = (sender(codec, owner, each) for each in photos_of)
    return {each.person for each in senders if each is not None}


async def _take(
    session: Session, runtime: Runtime, line: Channel, owner: UUID, event: Event
) -> str:
    """What became of an event: taken, repeated, standby, ignored."""
    who = sender(runtime.codec, owner, event)
    if event.type not in _ANSWERED or not event.id or who is None:
        return "ignored"
    if event.is_active and photos.is_single(event):
        return "taken" if await photos.take_in(session, runtime, who, event) else "repeated"
    is_new = await inbox.accept(
        session, runtime.codec, channel=line.inbox, event=event.id, owner=owner, payload=event
    )
    if not is_new:
        return "repeated"
    if not event.is_active:
        return "standby"
    await _act(session, runtime, line, who, event)
    return "taken"


async def _act(
    session: Session, runtime: Runtime, line: Channel, who: Sender, event: Event
) -> None:
    """Change what the event changes at once, and queue its run."""
    is_over = await _is_end_of_batch(session, runtime, who, event)
    seconds = line.settings.reply_seconds
    token = await tokens.keep(session, runtime.codec, who, event, is_free=is_over, seconds=seconds)
    if is_over:
        return
    if isinstance(event.message, events.Image):
        await photos.expect_of_set(session, runtime, who, event, token=token)
        return
    has_begun = _asks(event, Verb.BEGIN_BATCH) and await batches.begin(session, runtime, who, event)
    args = {"event": event.id, "token": token, "has_begun": has_begun}
    await runtime.jobs.enqueue(session, talk.JOB, args, owner=who.owner)


async def _is_end_of_batch(session: Session, runtime: Runtime, who: Sender, event: Event) -> bool:
    """Whether the event has closed a batch, whose summary is its answer."""
    return _asks(event, Verb.END_BATCH) and await batches.end(session, runtime, who, event)


def _asks(event: Event, verb: Verb) -> bool:
    if not isinstance(event.message, events.Text):
        return False
    command = parse(event.message.text)
    return command is not None and command.verb is verb
