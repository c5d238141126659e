"""The languages that the bot speaks, and their sentences."""

from typing import Final

from forthwith.apps.cards.conversation.chinese import CHINESE
from forthwith.apps.cards.conversation.commands import Language
from forthwith.apps.cards.conversation.english import ENGLISH
from forthwith.apps.cards.conversation.japanese import JAPANESE
from forthwith.apps.cards.conversation.words import Words

_BY_LANGUAGE: Final = {
    Language.CHINESE: CHINESE,
    Language.ENGLISH: ENGLISH,
    Language.JAPANESE: JAPANESE,
}


def words_of(language: Language) -> Words:
    """The sentences of a language."""
    return _BY_LANGUAGE[language]
