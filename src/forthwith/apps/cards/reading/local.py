"""What the processes of the pool run.

They import this and nothing of the server: its libraries would double the time they take to
start, and the memory each of them holds.
"""

from typing import Final

from forthwith.apps.cards.reading.assemble import extract
from forthwith.apps.cards.reading.calibration import calibrated_card
from forthwith.apps.cards.reading.fields import CardReading
from forthwith.apps.cards.reading.several import read_each
from forthwith.integrations.ocr.page import Line, Page
from forthwith.integrations.ocr.reader import load
from forthwith.platform.pool import ProcessPool


def extract_cards(page: Page) -> tuple[CardReading, ...]:
    """Every card of a page, with the confidence that was measured."""
    return tuple(calibrated_card(card) for card in read_each(page, extract))


async def warm_up(pool: ProcessPool) -> None:
    """Load the reader in every process of the pool, so that the first photo need not wait."""
    await pool.warm(_load)


def _load() -> None:
    """Load the models, and the dictionaries by using them."""
    load()
    extract(_SAMPLE)


def _sample_line(text: str, top: float) -> Line:
    return Line(text, 1.0, ((50.0, top), (450.0, top), (450.0, top + 30.0), (50.0, top + 30.0)))


_SAMPLE: Final = Page(
    width=900,
    height=500,
    lines=(
        _sample_line("範例股份有限公司", 40.0),
        _sample_line("王小明 經理", 100.0),
        _sample_line("電話 02-2345-6789 example@example.com", 160.0),
        _sample_line("臺北市信義區信義路五段7號", 220.0),
    ),
)
