"""What happens when a button of a contact is tapped."""

from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from forthwith.apps.cards import exports, links
from forthwith.apps.cards.conversation import answers, bubbles
from forthwith.apps.cards.conversation.bubbles import Shown
from forthwith.apps.cards.conversation.commands import Verb
from forthwith.apps.cards.conversation.taps import Tap, Tapped, parse_tap
from forthwith.apps.cards.errors import CardNotFound
from forthwith.apps.cards.line import chats, contacts
from forthwith.apps.cards.line.exchange import Talk
from forthwith.apps.cards.notion import outbox
from forthwith.integrations.line import flex, messages
from forthwith.integrations.line.messages import Json


async def tapped(talk: Talk, data: str) -> list[Json]:
    """The answer to a tapped button, which carries `data`."""
    button = parse_tap(data)
    if button is None:
        return talk.say(talk.words.not_understood)
    talk.state = chats.awaiting(talk.state, None)
    if button.tap is Tap.MORE:
        return await listed(talk, button.card)
    try:
        contact = await contacts.find(
            talk.session, talk.runtime, talk.sender, button.card, button.number
        )
        return await TAPS[button.tap](talk, button, contact)
    except CardNotFound:
        return talk.say(talk.words.gone)


async def listed(talk: Talk, before: UUID | None) -> list[Json]:
    """The latest contacts, or those before a card."""
    found = await contacts.latest(talk.session, talk.runtime, talk.sender, before)
    if not found:
        return talk.say(talk.words.no_contacts)
    return answers.listed(found, talk.words.contacts, talk.words)


async def _show(talk: Talk, _: Tapped, contact: Shown) -> list[Json]:
    return messages.answer(
        bubbles.contact_message(contact, talk.words),
        quick_replies=bubbles.quick_replies(talk.words, Verb.LIST, Verb.BEGIN_BATCH),
    )


async def _ask_value(talk: Talk, tapped: Tapped, _: Shown) -> list[Json]:
    talk.state = chats.awaiting(talk.state, tapped.data())
    name = talk.words.fields[tapped.field] if tapped.field else talk.words.note
    return answers.asked(talk.words.ask_value.format(field=name), talk.words)


async def _ask_note(talk: Talk, tapped: Tapped, _: Shown) -> list[Json]:
    talk.state = chats.awaiting(talk.state, tapped.data())
    return answers.asked(talk.words.ask_note, talk.words)


async def _ask_delete(talk: Talk, _: Tapped, contact: Shown) -> list[Json]:
    words = talk.words
    asked = words.ask_delete.format(who=contact.who)
    delete = messages.postback(words.yes_delete, contact.tap(Tap.DELETE_NOW).data())
    keep = messages.say(words.say[Verb.CANCEL])
    return messages.answer(messages.flex(asked, bubbles.question(asked, delete, keep)))


async def _delete(talk: Talk, tapped: Tapped, _: Shown) -> list[Json]:
    talk.gone = await contacts.erase(talk.session, talk.runtime, talk.sender, tapped.card)
    return talk.say(talk.words.deleted)


async def _merge(talk: Talk, tapped: Tapped, _: Shown) -> list[Json]:
    if tapped.other is None:
        return talk.say(talk.words.gone)
    whole = await contacts.merge(talk.session, talk.runtime, talk.sender, tapped.card, tapped.other)
    return answers.changed(talk.words.merged, whole, talk.words)


async def _keep_apart(talk: Talk, _: Tapped, __: Shown) -> list[Json]:
    return talk.say(talk.words.kept_apart)


async def _file(talk: Talk, _: Tapped, contact: Shown) -> list[Json]:
    """A link to the vCard; without a public address, its text."""
    url = _link(talk, contact, "vcard")
    if url is None:
        card = exports.vcard(contact.contact)
        return messages.answer(messages.text(talk.words.no_links), messages.text(card))
    return _opened_by_button(contact, talk.words.save, url)


async def _code(talk: Talk, tapped: Tapped, contact: Shown) -> list[Json]:
    """The contact as a picture to scan; LINE shows pictures of https addresses only."""
    url = _link(talk, contact, "qr")
    if url is None:
        return await _file(talk, tapped, contact)
    if not url.startswith("https:"):
        return _opened_by_button(contact, talk.words.qr, url)
    picture = flex.picture(url, size="full", aspect_ratio="1:1", aspect_mode="fit")
    body = flex.column(flex.words(contact.who, align="center", wrap=True))
    return messages.answer(messages.flex(contact.who, flex.bubble(body, hero=picture)))


async def _page(talk: Talk, tapped: Tapped, contact: Shown) -> list[Json]:
    """Its page in Notion, or why there is none."""
    owner = talk.sender.owner
    found = await outbox.pages_of(talk.session, talk.runtime, owner, [tapped.card])
    notion = found.get(tapped.card)
    pages = notion.pages if notion else ()
    url = pages[tapped.number] if tapped.number < len(pages) else None
    if url is not None:
        return _opened_by_button(contact, talk.words.notion, url)
    has_failed = notion is not None and notion.state == "failed"
    return talk.say(talk.words.notion_failed if has_failed else talk.words.notion_waiting)


def _opened_by_button(contact: Shown, label: str, url: str) -> list[Json]:
    button = messages.open_uri(label, url)
    return messages.answer(messages.flex(contact.who, bubbles.question(contact.who, button)))


def _link(talk: Talk, contact: Shown, form: str) -> str | None:
    base = talk.runtime.settings.server.public_url
    if base is None:
        return None
    linked = links.Linked(talk.sender.owner, contact.card, contact.number)
    return f"{base}/api/v1/cards/shared/{links.sign(talk.runtime.codec, linked)}/{form}"


TAPS: Final[dict[Tap, Callable[[Talk, Tapped, Shown], Awaitable[list[Json]]]]] = {
    Tap.SHOW: _show,
    Tap.EDIT: _ask_value,
    Tap.NOTE: _ask_note,
    Tap.DELETE: _ask_delete,
    Tap.DELETE_NOW: _delete,
    Tap.MERGE: _merge,
    Tap.KEEP: _keep_apart,
    Tap.FILE: _file,
    Tap.CODE: _code,
    Tap.PAGE: _page,
}
