"""How well readings agree with labels typed by a person.

The lenient rule: two texts agree when their similarity is at least 0.85 after NFKC, lower case
and removal of punctuation, or when the true text stands inside the answer. Numbers agree by
E.164 or by their digits. A card is whole when name, company, every e-mail and every number are
right.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from rapidfuzz import fuzz

from forthwith.platform import text as texts

from .fields import CardReading, Number

SIMILAR: Final = 0.85
SINGLE_FIELDS: Final = ("name", "company", "department", "title", "tax_id")
LIST_FIELDS: Final = ("email", "website", "address")
NUMBER_KINDS: Final = ("phone", "mobile", "fax")

Label = Mapping[str, Any]
"""`fields` of one entry: alternatives of single fields, every printed value of list fields."""


class Tally(msgspec.Struct):
    """Counts of one field over many cards."""

    expected: int = 0
    found: int = 0
    exact: int = 0
    answered: int = 0
    right: int = 0

    @property
    def recall(self) -> float:
        """Share of the printed values that were found; 1 when none is printed."""
        return self.found / self.expected if self.expected else 1.0

    @property
    def precision(self) -> float:
        """Share of the answers that are right; 1 when none was given."""
        return self.right / self.answered if self.answered else 1.0

    def add(self, other: "Tally") -> None:
        """Count another card in."""
        for field in self.__struct_fields__:
            setattr(self, field, getattr(self, field) + getattr(other, field))


class Score(msgspec.Struct):
    """One card against its label: a tally per field, and whether the whole card is right."""

    fields: dict[str, Tally]
    whole: bool


def plain(text: str) -> str:
    """NFKC, lower case, letters and digits only."""
    return "".join(filter(str.isalnum, texts.nfkc(text).lower()))


def agrees(answer: str, truth: str) -> bool:
    """The lenient rule of this module."""
    given, wanted = plain(answer), plain(truth)
    if not given or not wanted:
        return given == wanted
    return wanted in given or fuzz.ratio(given, wanted) >= SIMILAR * 100


def score(readings: Sequence[CardReading], label: Label) -> Score:
    """Compare the best of the readings of one picture with its label."""
    scored = [_score_one(reading, label) for reading in readings or [CardReading()]]
    return max(scored, key=lambda s: sum(t.found for t in s.fields.values()))


def _score_one(reading: CardReading, label: Label) -> Score:
    fields = {name: _single(_value(reading, name), label.get(name)) for name in SINGLE_FIELDS}
    fields["email"] = _values([c.value for c in reading.emails], label.get("email", ()))
    fields["website"] = _values([c.value for c in reading.websites], label.get("website", ()))
    fields["address"] = _values([a.value for a in reading.addresses], label.get("address", ()))
    printed = [(kind, n) for kind in NUMBER_KINDS for n in label.get(kind, ())]
    fields["numbers"] = _numbers(reading.phones, printed, typed=False)
    fields["typed numbers"] = _numbers(reading.phones, printed, typed=True)
    whole = all(
        fields[f].found == fields[f].expected for f in ("name", "company", "email", "numbers")
    )
    return Score(fields, whole)


def _value(reading: CardReading, name: str) -> str | None:
    field = getattr(reading, name)
    return None if field is None else field.value


def _single(answer: str | None, truth: str | Sequence[str] | None) -> Tally:
    accepted = [truth] if isinstance(truth, str) else list(truth or ())
    right = answer is not None and any(agrees(answer, t) for t in accepted)
    exact = answer is not None and any(plain(answer) == plain(t) for t in accepted)
    return Tally(
        expected=int(bool(accepted)),
        found=int(right),
        exact=int(exact),
        answered=int(answer is not None),
        right=int(right),
    )


def _values(answers: Sequence[str], truths: Sequence[str]) -> Tally:
    return Tally(
        expected=len(truths),
        found=sum(any(agrees(a, t) for a in answers) for t in truths),
        exact=sum(any(plain(a) == plain(t) for a in answers) for t in truths),
        answered=len(answers),
        right=sum(any(agrees(a, t) for t in truths) for a in answers),
    )


def _numbers(
    answers: Sequence[Number],
    truths: Sequence[tuple[str, Mapping[str, str | None]]],
    *,
    typed: bool,
) -> Tally:
    def same(answer: Number, kind: str, truth: Mapping[str, str | None]) -> bool:
        return (not typed or answer.kind == kind) and _same_number(answer, truth)

    found = sum(any(same(a, k, t) for a in answers) for k, t in truths)
    right = sum(any(same(a, k, t) for k, t in truths) for a in answers)
    return Tally(len(truths), found, found, len(answers), right)


def _same_number(answer: Number, truth: Mapping[str, str | None]) -> bool:
    if answer.e164 is not None and answer.e164 == truth.get("e164"):
        return True
    return _digits(answer.printed) == _digits(truth["printed"] or "")


def _digits(printed: str) -> str:
    return re.sub(r"\D", "", printed.partition("#")[0])


def total(scores: Iterable[Score]) -> tuple[dict[str, Tally], int]:
    """Tallies per field over all cards, and how many cards are wholly right."""
    tallies: dict[str, Tally] = {}
    whole = 0
    for item in scores:
        whole += item.whole
        for name, tally in item.fields.items():
            tallies.setdefault(name, Tally()).add(tally)
    return tallies, whole
