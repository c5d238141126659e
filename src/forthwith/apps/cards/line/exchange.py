"""One event of a chat while it is answered."""

from dataclasses import dataclass

from forthwith.apps.cards.conversation import answers
from forthwith.apps.cards.conversation.languages import words_of
from forthwith.apps.cards.conversation.words import Words
from forthwith.apps.cards.line.channel import Sender, channel
from forthwith.apps.cards.line.chats import ChatState
from forthwith.integrations.line.messages import Json
from forthwith.platform.db import Session
from forthwith.platform.runtime import Runtime


@dataclass(slots=True)
class Talk:
    """One event of a chat, and what comes of it."""

    session: Session
    runtime: Runtime
    sender: Sender
    state: ChatState
    has_begun: bool = False
    gone: tuple[str, ...] = ()
    """Photos to forget once the transaction has committed."""

    @property
    def words(self) -> Words:
        """The sentences of the person's language."""
        return words_of(self.state.language or channel(self.runtime).settings.language)

    def say(self, sentence: str) -> list[Json]:
        """One sentence as an answer."""
        return answers.said(sentence, self.words)
