"""Advice helps where reading was hard, and stays away where it was easy."""

import msgspec
import pytest

from forthwith.apps.cards.reading.advice import MESSAGES, advise
from forthwith.integrations.ocr.page import Line, Page, Quality

GOOD = Quality(
    confidence=0.99, text_height=36.0, sharpness=0.8, brightness=200.0, glare=0.0, cut_lines=0
)
LINE = Line("Ada Brook", 0.99, ((0.0, 0.0), (90.0, 0.0), (90.0, 20.0), (0.0, 20.0)))


def codes(quality: Quality | None, *lines: Line) -> list[str]:
    return [each.code for each in advise(Page(800, 600, lines, quality=quality))]


def changed(**measures: float) -> Quality:
    return msgspec.structs.replace(GOOD, **measures)


def test_a_good_photo_gets_no_advice() -> None:
    assert codes(GOOD, LINE) == []


def test_a_page_that_was_not_judged_gets_no_advice() -> None:
    assert codes(None, LINE) == []


@pytest.mark.parametrize(
    ("measures", "code"),
    [
        ({"sharpness": 0.03}, "BLURRED"),
        ({"sharpness": 0.3, "confidence": 0.8}, "BLURRED"),
        ({"text_height": 9.0, "confidence": 0.85}, "TOO_SMALL"),
        ({"brightness": 20.0}, "TOO_DARK"),
        ({"brightness": 60.0, "confidence": 0.8}, "TOO_DARK"),
        ({"glare": 0.2}, "GLARE"),
        ({"cut_lines": 2}, "CUT_OFF"),
    ],
)
def test_a_poor_photo_is_told_what_is_wrong(measures: dict[str, float], code: str) -> None:
    assert codes(changed(**measures), LINE) == [code]


@pytest.mark.parametrize(
    "measures", [{"sharpness": 0.07}, {"text_height": 9.0}, {"brightness": 40.0}, {"glare": 0.01}]
)
def test_a_poor_measure_alone_is_no_reason_when_reading_was_sure(
    measures: dict[str, float],
) -> None:
    assert codes(changed(**measures), LINE) == []


def test_small_print_is_not_called_blurred() -> None:
    """Letters of few pixels have no sharp edges; moving closer mends both."""
    assert codes(changed(text_height=9.0, sharpness=0.04, confidence=0.8), LINE) == ["TOO_SMALL"]


def test_a_dark_photo_without_any_text_is_called_dark() -> None:
    assert codes(Quality(brightness=15.0)) == ["TOO_DARK"]


def test_every_code_says_what_to_do() -> None:
    for message in MESSAGES.values():
        assert message.endswith(".")
        assert message.count(".") == 2
