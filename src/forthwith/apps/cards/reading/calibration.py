"""From the reader's own confidence to the share of such answers that is right.

Measured on 3,200 made cards (400 in each of eight languages, 25,896 answers), read from their
strings with a text reader's mistakes: `python -m benchmarks.cards_robustness`. Answers were put
in order of confidence in groups of at least 60, and neighbours pooled until the share that is
right never falls (isotonic regression by pooling adjacent violators, Ayer et al. 1955).

The table is kept although the reader has become better since: strings are easier than photos, and
that command now prints, on other cards, that answers are right at least as often as it says.
"""

import bisect
from typing import Any, Final

import msgspec

from .fields import CardReading

_MOST: Final = (1.0, 0.995)  # no table is long enough for more

TABLE: Final[dict[str, tuple[tuple[float, float], ...]]] = {
    "name": ((0.75, 0.93), (0.91, 0.985), (0.96, 0.99)),
    "company": ((0.70, 0.86), (0.84, 0.90), (0.89, 0.94), (0.92, 0.97), (0.97, 0.985)),
    "title": ((0.80, 0.95), (0.91, 0.985), (0.98, 0.99)),
    "email": ((0.70, 0.95), (0.94, 0.99)),
    "website": ((0.80, 0.965), (0.94, 0.99)),
    "address": (
        (0.68, 0.75),
        (0.74, 0.80),
        (0.77, 0.91),
        (0.80, 0.955),
        (0.85, 0.98),
        (0.90, 0.99),
    ),
    "numbers": ((0.67, 0.74), (0.78, 0.975), (0.87, 0.99)),
}
"""Per field: mean confidence of a group, and the share that is right."""

_MEMBERS: Final = {
    "name": "name",
    "company": "company",
    "department": "title",
    "title": "title",
    "phones": "numbers",
    "emails": "email",
    "websites": "website",
    "addresses": "address",
}


def calibrated(raw: float, field: str) -> float:
    """The chance that an answer is right; between the points of the table, in proportion.

    A field without a table keeps its own confidence. The order of answers never changes.
    """
    if field not in TABLE:
        return raw
    points = ((0.0, 0.0), *TABLE[field], _MOST)
    at = min(len(points) - 1, max(1, bisect.bisect_right([x for x, _ in points], raw)))
    (left, low), (right, high) = points[at - 1], points[at]
    return round(low + (high - low) * (min(1.0, max(0.0, raw)) - left) / (right - left), 3)


def calibrated_card(card: CardReading) -> CardReading:
    """The same reading with confidences that mean something; alternatives keep their own."""
    changed = {name: _value(getattr(card, name), field) for name, field in _MEMBERS.items()}
    return msgspec.structs.replace(card, **changed)


def _value(value: Any, field: str) -> Any:
    if value is None or getattr(value, "value", value) is None:  # too unsure to be an answer
        return value
    if isinstance(value, tuple):
        return tuple(_value(each, field) for each in value)
    return msgspec.structs.replace(value, confidence=calibrated(value.confidence, field))
