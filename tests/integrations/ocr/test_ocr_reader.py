"""The real engine on drawn cards; about half a second a picture."""

import asyncio
import importlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from drawing import LEFT_COLUMN, RIGHT_COLUMN, VCARD, card, card_with_code, jpeg, photo
from PIL import Image

from forthwith.integrations.ocr.page import Line, Page
from forthwith.integrations.ocr.reader import read, read_page
from forthwith.platform.errors import Unavailable, Unprocessable
from forthwith.platform.pool import ProcessPool

pytestmark = pytest.mark.slow  # the models are loaded each time

ROWS = [text for row in zip(LEFT_COLUMN, RIGHT_COLUMN, strict=True) for text in row]
HERE = Path(__file__).parent


def texts(page: Page) -> list[str]:
    return [line.text for line in page.lines]


def squeezed(lines: Sequence[str]) -> list[str]:
    """Without spaces, of which the recogniser is never quite sure."""
    return [line.replace(" ", "") for line in lines]


def is_level(line: Line) -> bool:
    top_left, top_right, bottom_right, bottom_left = line.box
    return top_left[0] < top_right[0] and bottom_left[0] < bottom_right[0]


def test_columns_stay_apart_and_rows_come_from_top_to_bottom() -> None:
    assert squeezed(texts(read_page(jpeg(card())))) == squeezed(ROWS)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_picture_is_read_upright(rotation: int) -> None:
    turned = card().rotate(rotation, expand=True)  # anticlockwise

    page = read_page(jpeg(turned))

    assert page.rotation == rotation
    assert (page.width, page.height) == card().size
    assert squeezed(texts(page)) == squeezed(ROWS)
    assert all(is_level(line) for line in page.lines)


def test_a_card_lying_askew_is_read_in_order() -> None:
    page = read_page(jpeg(photo(card(), (1400, 1000), width=1200, degrees=8)))

    assert squeezed(texts(page)) == squeezed(ROWS)


@pytest.mark.parametrize("width", [600, 520])
def test_a_small_card_in_a_large_photo_is_looked_at_again(width: int) -> None:
    page = read_page(jpeg(photo(card(), (3000, 2250), width=width, degrees=3)))

    assert squeezed(texts(page)) == squeezed(ROWS)
    assert all(page.width * 0.4 < line.box[0][0] < page.width * 0.6 for line in page.lines)


def test_a_code_is_read_where_it_is() -> None:
    page = read_page(jpeg(card_with_code().rotate(90, expand=True)))

    (code,) = page.codes
    assert (code.format, code.text) == ("QRCode", VCARD)
    assert all(420 < x < 640 and 390 < y < 560 for x, y in code.box)


def test_an_empty_picture_has_no_lines() -> None:
    page = read_page(jpeg(Image.new("RGB", (640, 400), "white")))

    assert (page.width, page.height) == (640, 400)
    assert (page.lines, page.codes, page.sheets) == ((), (), ())


@pytest.mark.parametrize("size", [(1, 1), (3000, 4), (4, 3000)])
def test_a_sliver_of_a_picture_has_no_lines(size: tuple[int, int]) -> None:
    assert read_page(jpeg(Image.new("RGB", size, "white"))).lines == ()


@pytest.mark.parametrize("width", [1000, 380], ids=["first look", "closer look"])
def test_a_page_survives_json(width: int) -> None:
    page = read_page(jpeg(photo(card_with_code(), (2400, 1800), width=width, degrees=0)))

    assert msgspec.json.decode(msgspec.json.encode(page), type=Page) == page


def test_a_damaged_picture_is_refused() -> None:
    data = jpeg(card())

    with pytest.raises(Unprocessable):
        read_page(data[: len(data) // 2])


LIGHT = """
import sys
import forthwith.integrations.ocr.reader
print(sorted({"cv2", "numpy", "onnxruntime", "rapidocr", "zxingcpp", "PIL"} & set(sys.modules)))
"""


def test_a_process_that_only_asks_imports_nothing_that_reads() -> None:
    run = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)

    assert run.stdout == "[]\n"


def test_without_the_extra_the_command_is_named() -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in sys.modules if name.startswith("forthwith.integrations.ocr")]:
            patch.delitem(sys.modules, name)
        patch.setitem(sys.modules, "cv2", None)
        fresh = importlib.import_module("forthwith.integrations.ocr.reader")

        with pytest.raises(Unavailable, match=r"pip install 'forthwith\[ocr\]'"):
            fresh.read_page(jpeg(card()))


WITHOUT_NETWORK = """
import sys

def forbid(event, args):
    if event.startswith("socket.") and event != "socket.__new__":
        raise PermissionError(event)

sys.addaudithook(forbid)
from drawing import card, jpeg
from forthwith.integrations.ocr.reader import read_page
print(len(read_page(jpeg(card())).lines))
"""


def test_models_come_from_the_wheel_without_any_network_or_noise() -> None:
    environment = os.environ | {"PYTHONPATH": str(HERE)}
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT_NETWORK],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (run.stdout, run.stderr) == ("6\n", "")


async def test_reading_in_the_pool_keeps_the_event_loop_free() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    async with ProcessPool(1) as pool:
        ticker = asyncio.create_task(tick())
        page = await read(pool, jpeg(card()))
        ticker.cancel()

    assert len(page.lines) == len(ROWS)
    assert ticks > 20
