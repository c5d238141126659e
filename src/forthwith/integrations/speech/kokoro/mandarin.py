"""Chinese characters as phonemes: readings by pypinyin, tones as they are heard."""

from collections.abc import Iterator
from functools import cache
from typing import Final

import opencc
from pypinyin import Style, lazy_pinyin
from pypinyin.seg import mmseg

from forthwith.integrations.speech.kokoro import pinyin, tones
from forthwith.integrations.speech.kokoro.symbols import table

_ALONE: Final = table("乾:gan1 長:chang2 著:zhe5 鯖:qing1 鯽:ji4 蜆:xian3")
"""Traditional characters whose reading on a menu is not the first of the dictionary."""


def phonemes(text: str) -> str:
    """Symbols of Chinese characters. Raises ValueError for one that has no known reading."""
    return "".join(map(pinyin.phonemes, tones.said(text, _readings(text))))


def load() -> None:
    """Load the dictionaries."""
    phonemes("音樂")


def _readings(text: str) -> Iterator[str]:
    """Syllables: of words by the dictionary, which is of simplified characters; else of each."""
    simplified = _converter().convert(text)
    if len(simplified) != len(text):
        simplified = text
    place = 0
    for word in mmseg.seg.cut(simplified):
        written = text[place : place + len(word)]
        place += len(word)
        if len(word) > 1:
            yield from _syllables(word)
        else:
            yield _ALONE.get(written) or next(_syllables(written))


def _syllables(word: str) -> Iterator[str]:
    yield from lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
