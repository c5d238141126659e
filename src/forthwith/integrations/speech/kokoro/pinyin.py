"""Mandarin syllables as the symbols that Kokoro was trained on.

The symbols are those of misaki 0.9.4, `misaki.zh.ZHG2P` without a version
(https://github.com/hexgrad/misaki, Apache-2.0): broad IPA, the tone behind the vowel.
"""

import re
from typing import Final

from forthwith.integrations.speech.kokoro.symbols import table

_TONES: Final = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
_PLACE: Final = "0"
"""Where a final has its tone."""

_INITIALS: Final = table(
    "b:p p:pʰ m:m f:f d:t t:tʰ n:n l:l g:k k:kʰ h:x j:ʨ q:ʨʰ x:ɕ zh:ꭧ ch:ꭧʰ sh:ʂ r:ɻ z:ʦ c:ʦʰ s:s"
)
_FINALS: Final = table(
    "a:a0 ai:ai0 an:a0n ang:a0ŋ ao:au0 "
    "e:ɤ0 ei:ei0 en:ə0n eng:ə0ŋ o:wo0 ong:ʊ0ŋ ou:ou0 "
    "i:i0 ia:ja0 ian:jɛ0n iang:ja0ŋ iao:jau0 ie:je0 "
    "in:i0n ing:i0ŋ io:jɔ0 iong:jʊ0ŋ iu:jou0 "
    "u:u0 ua:wa0 uai:wai0 uan:wa0n uang:wa0ŋ ueng:wə0ŋ "
    "ui:wei0 un:wə0n uo:wo0 "
    "v:y0 van:ɥɛ0n ve:ɥe0 vn:y0n"
)
_BUZZING: Final = frozenset(("zh", "ch", "sh", "r", "z", "c", "s"))
_BUZZED: Final = "ɨ0"
"""What is written i behind them."""
_WHOLE: Final = table("er:ɚ0 o:ɔ0 ê:ɛ0 m:m0 n:n0 ng:ŋ0 hm:hm0 hng:hŋ0")
_SPELLED: Final = table(
    "you:iu wei:ui wen:un weng:ueng wong:ueng yi:i yin:in ying:ing wu:u yu:v yuan:van yue:ve yun:vn"
)
"""Finals without an initial whose spelling follows no rule but this."""
_SYLLABLE: Final = re.compile(r"(?P<initial>[zcs]h|[bpmfdtnlgkhjqxrzcs]?)(?P<final>[a-z]+)")


def phonemes(syllable: str) -> str:
    """Symbols of a syllable with the number of its tone, `lv4` for lǜ; 5 is without a tone.

    Raises ValueError for what is no syllable of Mandarin.
    """
    letters, tone = syllable[:-1], syllable[-1:]
    if tone not in _TONES or not tone:
        raise ValueError(f"{syllable} has no tone")
    return (_WHOLE.get(letters) or _joined(letters)).replace(_PLACE, _TONES[tone])


def _joined(letters: str) -> str:
    match = _SYLLABLE.fullmatch(letters)
    if match is None:
        raise ValueError(f"{letters} is no syllable")
    initial, final = match["initial"], match["final"]
    begins = _INITIALS.get(initial, "")
    if final == "i" and initial in _BUZZING:
        return begins + _BUZZED
    ends = _FINALS.get(_sounded(initial, final))
    if ends is None:
        raise ValueError(f"{letters} is no syllable")
    return begins + ends


def _sounded(initial: str, final: str) -> str:
    """A final by its sound, where its spelling hides it."""
    if initial in {"j", "q", "x"} and final.startswith("u"):
        return "v" + final[1:]
    if initial:
        return final
    return _SPELLED.get(final) or re.sub("^w", "u", re.sub("^y", "i", final))
