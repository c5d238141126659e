"""Confidence is turned into a chance without changing the order of answers."""

import itertools
from collections.abc import Callable

import pytest

from forthwith.apps.cards.reading import CardReading
from forthwith.apps.cards.reading.calibration import TABLE, calibrated, calibrated_card

STEPS = [step / 200 for step in range(201)]


@pytest.mark.parametrize("field", TABLE)
def test_a_surer_answer_stays_the_surer_one(field: str) -> None:
    chances = [calibrated(raw, field) for raw in STEPS]

    assert all(low <= high for low, high in itertools.pairwise(chances))
    assert chances[0] == 0
    assert chances[-1] < 1


@pytest.mark.parametrize("field", TABLE)
def test_the_measured_points_are_met(field: str) -> None:
    for raw, right in TABLE[field]:
        assert calibrated(raw, field) == pytest.approx(right, abs=1e-3)


def test_between_two_points_the_chance_is_in_proportion() -> None:
    assert calibrated(0.83, "name") == pytest.approx((0.93 + 0.985) / 2, abs=1e-3)


def test_a_field_without_a_table_keeps_its_confidence() -> None:
    assert calibrated(0.42, "line_id") == 0.42


def test_a_card_keeps_its_values_and_gets_the_chances(read: Callable[..., CardReading]) -> None:
    card = read("Harbour Tools Ltd", "Ada Brook", "Sales Manager", "ada@harbourtools.example")

    chances = calibrated_card(card)

    assert card.name is not None
    assert chances.name is not None
    assert chances.name.value == card.name.value
    assert chances.name.confidence == calibrated(card.name.confidence, "name")
    assert chances.emails[0].confidence == calibrated(card.emails[0].confidence, "email")
    assert chances.emails[0].boxes == card.emails[0].boxes
