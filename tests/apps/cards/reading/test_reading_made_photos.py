"""Photos of made cards, read once by `python -m benchmarks.cards_stored`, are read well again.

Half of them are ordinary telephone photos, half are tilted, shaded and blurred.
"""

import statistics
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from forthwith.apps.cards.evaluation.measure import Answer, answers_of_card
from forthwith.apps.cards.reading.local import extract_cards
from forthwith.apps.cards.reading.scoring import Tally, score, total
from forthwith.integrations.ocr.page import Page

STORED = Path(__file__).parent / "pages" / "made.jsonl"
SURE = 0.9


class Replayed(NamedTuple):
    """All cards of one level: counts per field, whole cards of how many, answers."""

    tallies: Mapping[str, Tally]
    whole: int
    cards: int
    answers: list[Answer]


@pytest.fixture(scope="module")
def photos() -> dict[str, Replayed]:
    levels: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in STORED.read_bytes().splitlines():
        stored = msgspec.json.decode(line)
        levels[stored["level"]].append(stored)
    return {level: replayed(stored) for level, stored in levels.items()}


def replayed(stored: list[dict[str, Any]]) -> Replayed:
    pages = [msgspec.convert(each["page"], Page) for each in stored]
    read = [(extract_cards(page), each["fields"]) for page, each in zip(pages, stored, strict=True)]
    tallies, whole = total(score(cards, fields) for cards, fields in read)
    answers = [
        answer for cards, fields in read if cards for answer in answers_of_card(cards[0], fields)
    ]
    return Replayed(tallies, whole, len(read), answers)


@pytest.mark.parametrize(
    ("field", "least"),
    [
        ("name", 1.0),
        ("company", 1.0),
        ("title", 1.0),
        ("email", 1.0),
        ("website", 1.0),
        ("numbers", 1.0),
        ("typed numbers", 0.95),
        ("address", 1.0),
    ],
)
def test_no_field_of_an_ordinary_photo_gets_worse(
    photos: dict[str, Replayed], field: str, least: float
) -> None:
    tally = photos["photo"].tallies[field]

    assert tally.recall >= least
    assert tally.precision >= least


def test_every_ordinary_photo_is_wholly_right(photos: dict[str, Replayed]) -> None:
    assert photos["photo"].whole == photos["photo"].cards


def test_five_of_six_hard_photos_are_wholly_right(photos: dict[str, Replayed]) -> None:
    assert photos["hard"].whole >= 5 / 6 * photos["hard"].cards


def test_hard_photos_lose_answers_rather_than_give_wrong_ones(photos: dict[str, Replayed]) -> None:
    for field in ("name", "company", "email", "website", "numbers"):
        tally = photos["hard"].tallies[field]

        assert tally.precision >= 0.95, field


@pytest.mark.parametrize(
    "field", ["name", "company", "title", "email", "website", "numbers", "address"]
)
def test_sure_answers_are_right_nine_times_in_ten(photos: dict[str, Replayed], field: str) -> None:
    answers = [answer for level in photos.values() for answer in level.answers]

    sure = [each.right for each in answers if each.field == field and each.confidence >= SURE]

    assert len(sure) >= 50
    assert statistics.fmean(sure) >= SURE


def test_surer_answers_are_right_more_often(photos: dict[str, Replayed]) -> None:
    answers = [answer for level in photos.values() for answer in level.answers]
    unsure = [each.right for each in answers if each.confidence < SURE]
    sure = [each.right for each in answers if each.confidence >= SURE]

    assert statistics.fmean(sure) > statistics.fmean(unsure)
