"""Japanese as phonemes: readings by haqumei, symbols of misaki 0.7.4 (Apache-2.0).

Those symbols are the ones of Kokoro 1.0; its Japanese knows no accent.
"""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Final

from haqumei import Haqumei

from forthwith.integrations.speech.kokoro.symbols import table

_VOWELS: Final = {"a": "a", "i": "i", "u": "ɯ", "e": "e", "o": "o"}
_CONSONANTS: Final = table(
    "k:k ky:kʲ kw:kᵝ g:ɡ gy:ɡʲ gw:ɡᵝ "
    "s:s sh:ɕ z:ʣ j:ʥ "
    "t:t ty:tʲ ch:ʨ ts:ʦ d:d dy:dʲ "
    "n:n ny:ɲ h:h hy:ç f:ɸ fy:ɸʲ v:v "
    "b:b by:bʲ p:p py:pʲ m:m my:mʲ "
    "y:j r:ɾ ry:ɾʲ w:β cl:ʔ N:N"
)
_SOFT: Final = table("k:kʲ g:ɡʲ t:tʲ d:dʲ n:ɲ h:ç f:ɸʲ v:vʲ b:bʲ p:pʲ m:mʲ r:ɾʲ")
"""Consonants before i."""
_CENTRAL: Final = frozenset(("s", "sh", "z", "j", "ch", "ts"))
"""Consonants behind which u is ɨ, as it is behind all of two letters that end with y."""
_NASALS: Final = (
    *(("m", sound) for sound in "mpb"),
    *(("ŋ", sound) for sound in "kɡ"),
    *(("ɲ", sound) for sound in "ɲʨʥ"),
    *(("n", sound) for sound in "ntdɾz"),
)
_LONG: Final = "ː"
_PAUSE: Final = frozenset(("pau", "sp"))


def phonemes(text: str) -> str:
    """Symbols of Japanese, words apart. Raises ValueError where nothing can be read."""
    try:
        words = [_word(sounds) for sounds in _reader().g2p_per_word(text)]
    except KeyError as error:
        raise ValueError(f"{error} is no sound of Japanese") from error
    said = " ".join(filter(None, words))
    if not said:
        raise ValueError("a clause has nothing that can be read")
    return said


def load() -> None:
    """Load the dictionary: 0.6 s of a core and 115 MB."""
    _reader()


@cache
def _reader() -> Haqumei:
    return Haqumei()


def _word(sounds: Sequence[str]) -> str:
    heard = [each for each in sounds if each not in _PAUSE]
    neighbours = zip(["", *heard], heard, [*heard[1:], ""], strict=False)
    return _with_nasals("".join(_symbol(*each) for each in neighbours))


def _symbol(before: str, sound: str, behind: str) -> str:
    if sound.lower() in _VOWELS:
        return _vowel(before.lower(), sound.lower())
    if behind.lower() == "i":
        return _SOFT.get(sound, _CONSONANTS[sound])
    if sound == "z" and behind.lower() == "u":
        return "z"
    return _CONSONANTS[sound]


def _vowel(before: str, vowel: str) -> str:
    if vowel == before:
        return _LONG
    return "ɨ" if vowel == "u" and _is_central(before) else _VOWELS[vowel]


def _is_central(consonant: str) -> bool:
    return consonant in _CENTRAL or (len(consonant) > 1 and consonant.endswith("y"))


def _with_nasals(symbols: str) -> str:
    """ん is said with the place of what follows it."""
    said = {f"N{sound}": nasal for nasal, sound in _NASALS}
    return "".join(
        said.get(first + second, "ɴ") if first == "N" else first
        for first, second in pairwise([*symbols, ""])
    )
