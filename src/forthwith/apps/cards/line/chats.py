"""What the bot knows of a chat: the person's language, and what it has asked them for."""

from typing import Final

import msgspec
from sqlalchemy.dialects.postgresql import insert

from forthwith.apps.cards.conversation.commands import Language
from forthwith.apps.cards.conversation.languages import words_of
from forthwith.apps.cards.conversation.words import Words
from forthwith.apps.cards.line.channel import Sender, channel
from forthwith.apps.cards.models import Chat
from forthwith.platform.crypto import place
from forthwith.platform.db import ReadSession, Session
from forthwith.platform.runtime import Runtime

_STATE: Final = "select state from cards.chats where owner = $1 and person = $2"


class ChatState(msgspec.Struct, frozen=True):
    """`awaits` is the data of the button whose answer the next text is."""

    language: Language | None = None
    awaits: str | None = None


async def load(session: ReadSession, runtime: Runtime, sender: Sender) -> ChatState:
    """What is known; nothing of a new chat."""
    row = await session.fetchrow(_STATE, sender.owner, sender.person)
    if row is None:
        return ChatState()
    return runtime.codec.open(row["state"], _place(sender), ChatState)


async def save(session: Session, runtime: Runtime, sender: Sender, state: ChatState) -> None:
    """Know this from now on."""
    row = {
        "owner": sender.owner,
        "person": sender.person,
        "state": runtime.codec.seal(state, _place(sender)),
    }
    statement = insert(Chat).values(row)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["owner", "person"], set_={"state": row["state"]}
        )
    )


async def words(session: ReadSession, runtime: Runtime, sender: Sender) -> Words:
    """The sentences of this chat's language."""
    state = await load(session, runtime, sender)
    return words_of(state.language or channel(runtime).settings.language)


def _place(sender: Sender) -> bytes:
    return place("cards.chats", "state", f"{sender.owner}|{sender.person}")


def awaiting(state: ChatState, awaits: str | None) -> ChatState:
    """The same chat, waiting for something else."""
    return msgspec.structs.replace(state, awaits=awaits)


def speaking(state: ChatState, language: Language | None) -> ChatState:
    """The same chat, in this language where one was heard."""
    return state if language is None else msgspec.structs.replace(state, language=language)
