"""Word lists in `data/*.txt`, loaded at first use and matched without regard to case or accent."""

import functools
import re
import unicodedata
from importlib import resources
from typing import Final

from forthwith.platform import text as texts

_UNREADABLE: Final = re.compile(
    "[ằẳẵặấầẩẫậếềểễệốồổỗộớờởỡợứừửữựịỵằẳẵặẤẦẨẪẬẾỀỂỄỆỐỒỔỖỘỚỜỞỠỢỨỪỬỮỰỊỴẰẲẴẶ]"
)
_HOOKED: Final = re.compile("[ảẻỉỏủỷẢẺỈỎỦỶ]")  # read at times, left out at times
_VIETNAMESE: Final = re.compile("[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđơư]")
_SMALL: Final = "a-zß-öø-ÿăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"
_LARGE: Final = "A-ZÀ-ÖØ-ÞĐ"
_LOST_SPACE: Final = re.compile(
    rf"(?<=[{_SMALL}])(?=[{_LARGE}][{_SMALL}])|(?<=[{_SMALL}])(?=[{_LARGE}]{{2}})|"
    rf"(?<=[a-z][.,])(?=[A-Z])"
)
_SHORTEST_READ: Final = 3  # letters; shorter remains stand in too many words


@functools.lru_cache(maxsize=4096)
def flat(text: str) -> str:
    """Fold case, accents and Han variants, one character for one: offsets stay valid."""
    return "".join(map(_flat_character, text))


@functools.lru_cache(maxsize=16384)
def _flat_character(sign: str) -> str:
    folded = texts.unaccented(texts.fold(sign))
    return folded if len(folded) == 1 else sign.lower()[:1]


def spaced(text: str) -> str:
    """`GroupSalesDirector` with its spaces, which readers drop; `GmbH` and `PhD` stay whole.

    For looking words up only.
    """
    return _LOST_SPACE.sub(" ", text)


@functools.cache
def entries(name: str) -> tuple[str, ...]:
    """The terms of `data/<name>.txt` as written; terms are parted by commas and line ends."""
    terms = (term.strip() for line in _lines(name) for term in line.split(","))
    return tuple(dict.fromkeys(term for term in terms if term))


@functools.cache
def words(name: str) -> frozenset[str]:
    """The terms of a list in their flat form."""
    return frozenset(flat(form) for term in entries(name) for form in _forms(term))


@functools.cache
def groups(name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The groups of a file whose lines read `key: term, term, ...`, as written."""
    parted = (line.partition(":") for line in _lines(name))
    return tuple(
        (key.strip(), tuple(term.strip() for term in terms.split(",") if term.strip()))
        for key, _, terms in parted
    )


@functools.cache
def table(name: str) -> dict[str, str]:
    """The terms of such a file in their flat form, each to its key."""
    return {
        flat(form): key for key, terms in groups(name) for term in terms for form in _forms(term)
    }


def key(name: str, found: str) -> str:
    """The key of a term that `table_pattern` found, whose spaces may be lost."""
    return _unspaced_table(name)[found.replace(" ", "")]


@functools.cache
def _unspaced_table(name: str) -> dict[str, str]:
    return {term.replace(" ", ""): key for term, key in table(name).items()}


@functools.cache
def _forms(term: str) -> tuple[str, ...]:
    """A term, and what the reader makes of it when it has letters the reader does not know.

    The recogniser has no Vietnamese letters with two marks and leaves them out: `Trưởng phòng`
    is read `Trưng phòng`.
    """
    written = unicodedata.normalize("NFC", term)
    read = _UNREADABLE.sub("", written)
    without_hooks = _HOOKED.sub("", read)
    forms = dict.fromkeys((term, without_hooks, read))
    return tuple(form for form in forms if form == term or len(form) >= _SHORTEST_READ)


def restored(name: str, text: str) -> str:
    """The text with accented terms of the list in their full spelling, whatever was read.

    A term that was read in full stays: `Phúc` is not what is left of `Phước`.
    """
    flattened = flat(text)
    for term, read in _misread(name):
        at = flattened.find(flat(read))
        end = at + len(read)
        if at < 0 or not _stands_alone(flattened, at, end):
            continue
        if text[at:end].lower() not in _lower(name) and _may_be(read, text[at:end]):
            text = text[:at] + _cased(term, text[at:end]) + text[end:]
            flattened = flat(text)
    return text


def _may_be(read: str, written: str) -> bool:
    """Marks may be misread within a phrase; a single word with another mark is another word."""
    signs = zip(read.lower(), unicodedata.normalize("NFC", written.lower()), strict=False)
    return " " in read or all(sign in (mark, texts.unaccented(mark)) for mark, sign in signs)


@functools.cache
def _lower(name: str) -> frozenset[str]:
    return frozenset(term.lower() for term in entries(name))


def _cased(term: str, like: str) -> str:
    if like.isupper() and len(like) > 1:
        return term.upper()
    return term[0].upper() + term[1:] if like[0].isupper() else term


@functools.cache
def _misread(name: str) -> tuple[tuple[str, str], ...]:
    """Each term with what may be read in its place, the longest first."""
    accented = [term for term in entries(name) if _VIETNAMESE.search(term)]
    pairs = [(term, form) for term in accented for form in _forms(term)]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[1])))


def _stands_alone(text: str, start: int, end: int) -> bool:
    return not text[max(0, start - 1) : start].isalpha() and not text[end : end + 1].isalpha()


def _lines(name: str) -> list[str]:
    file = resources.files(__package__).joinpath("data", f"{name}.txt")
    lines = file.read_text("utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


@functools.cache
def pattern(name: str) -> re.Pattern[str]:
    """Any term of a list, to be searched in flat text; Latin terms match as whole words."""
    return _union(words(name))


@functools.cache
def endings(name: str) -> re.Pattern[str]:
    """Compound words that end in any term of a list, to be searched in flat text."""
    ordered = sorted(words(name), key=len, reverse=True)
    return re.compile(rf"[^\W\d_]{{3,}}(?:{'|'.join(map(re.escape, ordered))})(?![^\W\d_])")


@functools.cache
def table_pattern(name: str) -> re.Pattern[str]:
    """Any term of a table, to be searched in flat text."""
    return _union(frozenset(table(name)))


def _union(terms: frozenset[str]) -> re.Pattern[str]:
    ordered = sorted(terms, key=len, reverse=True)
    cjk = "|".join(re.escape(term) for term in ordered if any(map(texts.is_cjk, term)))
    latin = "|".join(_loosely(term) for term in ordered if not any(map(texts.is_cjk, term)))
    parts = [rf"(?<![^\W\d_])(?:{latin})(?![^\W\d_])" if latin else "", cjk]
    # Han letters count as word characters: a Latin term may stand right beside them.
    return re.compile("|".join(part for part in parts if part))


def _loosely(term: str) -> str:
    """The term in which readers may have lost a space: `Attorneyat Law`, `CÔNGTY`."""
    return re.escape(term).replace(r"\ ", " ?")


def has(name: str, text: str) -> bool:
    """Whether any term of the list occurs in the text."""
    return pattern(name).search(flat(text)) is not None


def latin_words(text: str) -> list[str]:
    """The flat words of a text made of letters, apostrophes inside kept."""
    return re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", flat(text))
