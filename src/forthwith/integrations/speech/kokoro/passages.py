"""A text as what Kokoro is given: passages in one language, each short enough."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from forthwith.integrations.speech.kokoro import japanese, mandarin
from forthwith.integrations.speech.kokoro.symbols import table

MOST_PHONEMES: Final = 240
"""Of a passage: 15 s of speech. The model takes 510, and its memory grows with them."""

_LETTERS: Final = table(
    "A:ˈA B:bˈi C:sˈi D:dˈi E:ˈi F:ˈɛf G:ʤˈi "
    "H:ˈAʧ I:ˈI J:ʤˈA K:kˈA L:ˈɛl M:ˈɛm N:ˈɛn "
    "O:ˈO P:pˈi Q:kjˈu R:ˈɑɹ S:ˈɛs T:tˈi U:jˈu "
    "V:vˈi W:dˈʌbᵊljˌu X:ˈɛks Y:wˈI Z:zˈi"
)
"""Names of letters, in the symbols of misaki's English."""

_KANA: Final = r"[\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe]"
_HAN: Final = r"[々〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
_CLAUSE: Final = re.compile(r"(?P<words>[^，、。！？]*)(?P<mark>[，、。！？]?)")
_MARKS: Final = {"，": ",", "、": ",", "。": ".", "！": "!", "？": "?", "": "."}
_PART: Final = re.compile(rf"(?P<chinese>{_HAN}+)|(?P<letter>[A-Z](?![A-Za-z]))|(?P<other>\w)")


class Language(StrEnum):
    """What a passage is spoken in."""

    CHINESE = "zh"
    JAPANESE = "ja"


class Passage(NamedTuple):
    """Phonemes with marks of punctuation, at most `MOST_PHONEMES`, of one language."""

    language: Language
    phonemes: str


def passages(words: str) -> Iterator[Passage]:
    """A text's passages in order; a clause with kana is Japanese.

    Args:
        words: As `chinese.spoken` gives them.

    Raises:
        ValueError: A word of another script, an unknown character, or too long a clause.
    """
    passage: Passage | None = None
    for clause in _clauses(words):
        if passage is None:
            passage = clause
        elif _fits(passage, clause):
            passage = Passage(passage.language, f"{passage.phonemes} {clause.phonemes}")
        else:
            yield passage
            passage = clause
    if passage is not None:
        yield passage


def _fits(passage: Passage, clause: Passage) -> bool:
    """Whether both are said at once: each passage costs a second of silence besides."""
    length = len(passage.phonemes) + 1 + len(clause.phonemes)
    return passage.language is clause.language and length <= MOST_PHONEMES


def _clauses(words: str) -> Iterator[Passage]:
    for match in _CLAUSE.finditer(words):
        if not match["words"].strip():
            continue
        clause = _clause(match["words"])
        if len(clause.phonemes) >= MOST_PHONEMES:
            raise ValueError("a clause is too long to be said at once")
        yield Passage(clause.language, clause.phonemes + _MARKS[match["mark"]])


def _clause(words: str) -> Passage:
    if re.search(_KANA, words):
        return Passage(Language.JAPANESE, japanese.phonemes(_japanese(words)))
    return Passage(Language.CHINESE, " ".join(map(_phonemes, _PART.finditer(words))))


def _japanese(words: str) -> str:
    """Without the numeral of Chinese that Japanese lacks; Latin words are known to its reader."""
    if strange := re.search(rf"(?!{_KANA}|{_HAN}|[A-Za-z])\w", words):
        raise ValueError(f"{strange[0]} is of another script")
    return words.replace("兩", "二")


def _phonemes(part: re.Match[str]) -> str:
    if part["other"]:
        raise ValueError(f"{part[0]} is of another script, or begins a word of one")
    return _LETTERS[part["letter"]] if part["letter"] else mandarin.phonemes(part["chinese"])
