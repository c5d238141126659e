"""What the bot answers to texts, tapped buttons and everything else that is no photo."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final
from uuid import UUID

from forthwith.apps.cards import editing, service
from forthwith.apps.cards.conversation import answers, bubbles
from forthwith.apps.cards.conversation.bubbles import Shown
from forthwith.apps.cards.conversation.commands import Command, Verb, language_of, parse
from forthwith.apps.cards.conversation.taps import Tap, Tapped, parse_tap
from forthwith.apps.cards.errors import CardNotFound, ValueRefused
from forthwith.apps.cards.line import batches, buttons, chats, contacts, delivery, photos, status
from forthwith.apps.cards.line.channel import channel, sender
from forthwith.apps.cards.line.exchange import Talk
from forthwith.integrations.line import events, flex, messages
from forthwith.integrations.line.events import Event
from forthwith.integrations.line.messages import Json
from forthwith.platform import inbox
from forthwith.platform.db import Session
from forthwith.platform.jobs import Run
from forthwith.platform.runtime import Runtime

JOB: Final = "cards.line.event"
_TERM_SHOWN: Final = 60
"""Characters of what was typed that an answer repeats."""


async def answer_event(
    run: Run, runtime: Runtime, event: str, token: UUID | None, *, has_begun: bool
) -> None:
    """Do what a person asks for, and answer, as one step; then forget photos that were deleted."""
    gone = await run.write("answer", _answer, runtime, run.owner, event, token, has_begun)
    if gone:
        await run.step("forget", service.forget_photos, runtime, run.owner, gone)


async def _answer(
    session: Session,
    runtime: Runtime,
    owner: UUID,
    event_id: str,
    token: UUID | None,
    has_begun: bool,  # noqa: FBT001 - handed through by name
) -> tuple[str, ...]:
    event = await inbox.find(
        session,
        runtime.codec,
        channel=channel(runtime).inbox,
        event=event_id,
        owner=owner,
        into=Event,
    )
    who = sender(runtime.codec, owner, event) if event is not None else None
    if event is None or who is None:
        return ()
    state = await chats.load(session, runtime, who)
    talk = Talk(session, runtime, who, state, has_begun)
    said = await _said(talk, event)
    if talk.state != state:
        await chats.save(session, runtime, who, talk.state)
    if said:
        await delivery.answer(session, runtime, who, said, token=token)
    return talk.gone


async def _said(talk: Talk, event: Event) -> list[Json]:
    """The answer to an event; empty where there is nothing to say."""
    if event.unsend is not None:
        taken_back = event.unsend.message_id
        talk.gone = await photos.take_back(talk.session, talk.runtime, talk.sender, taken_back)
        return []
    if event.postback is not None:
        return await buttons.tapped(talk, event.postback.data)
    if isinstance(event.message, events.Text):
        return await _on_text(talk, event.message.text)
    if event.message is None:
        return talk.say(talk.words.welcome)
    return talk.say(talk.words.send_photo) if talk.sender.is_private else []


async def _on_text(talk: Talk, text: str) -> list[Json]:
    """A command, else the value that was asked for; in a group nothing else is answered."""
    awaited = parse_tap(talk.state.awaits) if talk.state.awaits else None
    command = parse(text)
    if command is not None and not (awaited and command.rest):
        talk.state = chats.awaiting(chats.speaking(talk.state, command.language), None)
        return await _COMMANDS[command.verb](talk, command)
    if awaited is not None:
        return await _on_value(talk, awaited, text)
    if not talk.sender.is_private:
        return []
    talk.state = chats.speaking(talk.state, language_of(text))
    return talk.say(talk.words.not_understood)


async def _on_value(talk: Talk, awaited: Tapped, text: str) -> list[Json]:
    """What was asked for by a button: a field's value, or a note."""
    try:
        contact = await contacts.find(
            talk.session, talk.runtime, talk.sender, awaited.card, awaited.number
        )
    except CardNotFound:
        talk.state = chats.awaiting(talk.state, None)
        return talk.say(talk.words.gone)
    return await _edited(talk, contact, awaited, text)


async def _edited(talk: Talk, contact: Shown, awaited: Tapped, text: str) -> list[Json]:
    words, field = talk.words, awaited.field
    if field is None:
        edit, done = partial(editing.noted, note=text), words.noted
    else:
        edit, done = partial(editing.corrected, field=field, value=text), words.corrected
    try:
        changed = await contacts.change(talk.session, talk.runtime, talk.sender, contact, edit)
    except ValueRefused:
        shown = messages.clipped(text.strip() or "-", _TERM_SHOWN)
        name = words.fields[field] if field else words.note
        return answers.asked(words.not_valid.format(value=shown, field=name), words)
    talk.state = chats.awaiting(talk.state, None)
    return answers.changed(done, changed, words)


async def _begin_batch(talk: Talk, _: Command) -> list[Json]:
    if talk.has_begun:
        return talk.say(talk.words.batch_begun)
    batch = await batches.open_batch(talk.session, talk.sender)
    tally = await batches.tally(talk.session, talk.sender.owner, batch.id) if batch else None
    count = tally.received if tally else 0
    return talk.say(talk.words.batch_runs.format(count=count))


async def _end_batch(talk: Talk, _: Command) -> list[Json]:
    """Only where none was open: a batch that ends is answered by its summary."""
    return talk.say(talk.words.no_batch)


async def _status(talk: Talk, _: Command) -> list[Json]:
    rows = await status.rows(talk.session, talk.sender, talk.words)
    title = talk.words.status
    bubble = bubbles.figures(title, rows)
    told = f"{title}: " + ", ".join(f"{name} {value}" for name, value in rows)
    return messages.answer(
        messages.flex(told, bubble),
        quick_replies=bubbles.quick_replies(talk.words, Verb.END_BATCH, Verb.STATUS, Verb.LIST),
    )


async def _help(talk: Talk, _: Command) -> list[Json]:
    return talk.say(talk.words.help)


async def _cancel(talk: Talk, _: Command) -> list[Json]:
    return talk.say(talk.words.cancelled)


async def _list(talk: Talk, _: Command) -> list[Json]:
    return await buttons.listed(talk, None)


async def _search(talk: Talk, command: Command) -> list[Json]:
    found = await contacts.search(talk.session, talk.runtime, talk.sender, command.rest)
    if not found:
        term = messages.clipped(command.rest, _TERM_SHOWN)
        return talk.say(talk.words.nothing_found.format(term=term))
    title = talk.words.found.format(count=min(len(found), flex.MOST_BUBBLES))
    return answers.listed(found[: flex.MOST_BUBBLES], title, talk.words)


async def _on_latest(talk: Talk, command: Command) -> list[Json]:
    """A note, correction or deletion that names no card is of the latest one."""
    found = await contacts.latest(talk.session, talk.runtime, talk.sender)
    if not found:
        return talk.say(talk.words.no_contacts)
    tap = {Verb.NOTE: Tap.NOTE, Verb.CORRECT: Tap.EDIT, Verb.DELETE: Tap.DELETE}[command.verb]
    tapped = found[0].tap(tap, command.field)
    if not command.rest:
        return await buttons.TAPS[tap](talk, tapped, found[0])
    talk.state = chats.awaiting(talk.state, tapped.data())
    return await _edited(talk, found[0], tapped, command.rest)


_COMMANDS: Final[dict[Verb, Callable[[Talk, Command], Awaitable[list[Json]]]]] = {
    Verb.BEGIN_BATCH: _begin_batch,
    Verb.END_BATCH: _end_batch,
    Verb.STATUS: _status,
    Verb.HELP: _help,
    Verb.LIST: _list,
    Verb.SEARCH: _search,
    Verb.NOTE: _on_latest,
    Verb.DELETE: _on_latest,
    Verb.CORRECT: _on_latest,
    Verb.CANCEL: _cancel,
}
