"""Tones as they change beside one another, which is not written in a dictionary."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

_DIGITS: Final = frozenset("零一二三四五六七八九")
_BEFORE_A_COUNTED_ONE: Final = _DIGITS | frozenset("第十百千萬万億亿")
_BEHIND_A_COUNTED_ONE: Final = _DIGITS | frozenset("月號号日樓楼")


def said(text: str, syllables: Iterable[str]) -> list[str]:
    """The syllables of a text, one for each character, with the tones that are heard."""
    changed = [_with_changed_tone(*each) for each in _with_neighbours(text, list(syllables))]
    return [_lifted(first, second) for first, second in pairwise([*changed, ""])]


def _with_neighbours(text: str, syllables: list[str]) -> Iterable[tuple[str, str, str, str, str]]:
    before, behind = ["", *text], [*text[1:], ""]
    return zip(before, text, behind, syllables, [*syllables[1:], ""], strict=False)


def _with_changed_tone(before: str, character: str, behind: str, syllable: str, then: str) -> str:
    """不 rises before a falling tone; so does 一, and falls before others, unless it is a digit."""
    falls = then.endswith(("4", "5") if behind in "個个" else "4")
    if character == "不":
        return "bu2" if falls else syllable
    if character != "一" or not then:
        return syllable
    if before in _BEFORE_A_COUNTED_ONE or behind in _BEHIND_A_COUNTED_ONE:
        return syllable
    return "yi2" if falls else "yi4"


def _lifted(syllable: str, then: str) -> str:
    """A third tone before another is the second."""
    if syllable.endswith("3") and then.endswith("3"):
        return syllable[:-1] + "2"
    return syllable
