"""How reading is shared among threads; about half a second a picture."""

import platform
import sys

import pytest
from drawing import card, jpeg

from forthwith.integrations.ocr.reader import read_page
from forthwith.integrations.ocr.settings import OcrSettings
from forthwith.integrations.ocr.whole import in_reading_thread


def half_of_least() -> float:
    """One of the numbers that a core is slow with."""
    return sys.float_info.min / float("2")


def test_lines_are_the_same_however_many_threads_read_them() -> None:
    photo = jpeg(card())

    one, three = (read_page(photo, OcrSettings(OCR_THREADS=n)) for n in (1, 3))

    assert one == three


@pytest.mark.skipif(platform.machine() not in {"x86_64", "AMD64"}, reason="others are not slow")
def test_only_the_thread_that_reads_takes_the_smallest_numbers_for_zero() -> None:
    read_page(jpeg(card()))

    assert in_reading_thread(half_of_least) == 0.0
    assert half_of_least() > 0.0
