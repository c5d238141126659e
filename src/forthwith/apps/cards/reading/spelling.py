"""Spelling of what was read: letters of the wrong script, letters the reader does not know."""

import re
from typing import Final

from forthwith.platform import text as texts

from . import dictionaries

_EDGES: Final = " ,;:-"
_HORNS: Final = re.compile("[Uu]['’][Oo]")  # how `ươ` is read
_SURNAMES_LEFT: Final = {"H": "HỒ", "Đ": "ĐỖ"}  # what is left of two when their vowel is lost


def of_person(text: str, region: str) -> str:
    """A name: single letters of the wrong script are mended, old letters stay."""
    mended = _mended(text, region)
    # A card without accents has none to give back.
    if region != "VN" or mended.isascii():
        return mended
    mended = _HORNS.sub(lambda match: "ƯƠ" if match[0].isupper() else "ươ", mended)
    first, space, rest = mended.partition(" ")
    return dictionaries.restored("names_vi", _SURNAMES_LEFT.get(first, first) + space + rest)


def of_firm(text: str, region: str) -> str:
    """A company: its kind and legal form are words, the rest is a name."""
    return _mended(text, region, "companies", "legal_forms")


def of_words(text: str, region: str) -> str:
    """A title or a department, in the letters of today."""
    words = texts.modern_japanese(text) if region == "JP" else text
    return _mended(words, region, "titles", "departments", "department_names")


def of_place(text: str, region: str) -> str:
    """An address; the postal mark of Japan is read as a T at times."""
    if region == "JP":
        text = re.sub(r"^T(?=\d{3}-\d{4}(?!\d))", "〒", text)
    return _mended(text, region, "streets")


def _mended(text: str, region: str, *lists: str) -> str:
    text = text.strip(_EDGES)
    if region == "VN":
        for words in lists:
            text = dictionaries.restored(words, text)
    return texts.mend_variants(text, region)
