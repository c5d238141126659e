"""An evaluation as one HTML page: each photo with its boxes, read and labelled values."""

import base64
import html
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from forthwith.apps.cards.evaluation.measure import Evaluation, FileResult
from forthwith.apps.cards.evaluation.tables import labelled_value, misses, read_value
from forthwith.apps.cards.reading import Address, CardReading, Contact, Number
from forthwith.integrations.ocr.page import Box
from forthwith.platform import images

_LONG_SIDE: Final = 900
_JPEG_QUALITY: Final = 75
_COLOURS: Final = {
    "name": "#d6336c",
    "company": "#1971c2",
    "title": "#2f9e44",
    "numbers": "#e8590c",
    "email": "#7048e8",
    "website": "#0c8599",
    "address": "#846358",
}

_STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem;color:#212529}
article{display:flex;flex-wrap:wrap;gap:1rem;border-top:1px solid #dee2e6;padding:1rem 0}
figure{margin:0;flex:1 1 28rem;position:relative;align-self:flex-start}
figure img{width:100%;display:block;border-radius:6px}
svg{position:absolute;inset:0;width:100%;height:100%}
table{border-collapse:collapse;flex:1 1 24rem}
td,th{text-align:left;padding:.2rem .6rem;vertical-align:top;border-bottom:1px solid #f1f3f5}
.missed{background:#fff0f0}
"""


def write_page(evaluation: Evaluation, path: Path) -> None:
    """Write the page; the photos are in it, so treat it as the photos themselves."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        "<meta name=viewport content='width=device-width'><title>Cards evaluated</title>",
        f"<style>{_STYLE}</style>",
        f"<h1>{evaluation.whole} of {len(evaluation.results)} cards wholly right</h1>",
        *(_article(result) for result in evaluation.results),
        "</html>",
    ]
    path.write_text("".join(parts), encoding="utf-8")


def _article(result: FileResult) -> str:
    missed = set(misses(result))
    rows = "".join(_row(result, name, missed=name in missed) for name in _fields(result))
    head = "<tr><th>field<th>labelled<th>read</tr>"
    name = html.escape(result.file.name)
    return f"<h2>{name}</h2><article>{_figure(result)}<table>{head}{rows}</table></article>"


def _fields(result: FileResult) -> list[str]:
    return [name for name, tally in result.score.fields.items() if tally.expected or tally.answered]


def _row(result: FileResult, name: str, *, missed: bool) -> str:
    labelled = html.escape(labelled_value(result, name))
    read = html.escape(read_value(result, name))
    row = "<tr class=missed>" if missed else "<tr>"
    return f"{row}<td>{name}<td>{labelled}<td>{read}</tr>"


def _figure(result: FileResult) -> str:
    page = result.reading.page if result.reading else None
    photo = images.decode(result.file.read_bytes(), _LONG_SIDE)
    photo = photo.rotate(-page.rotation, expand=True) if page else photo
    picture = base64.b64encode(images.to_jpeg(photo, _JPEG_QUALITY)).decode()
    cards = result.reading.cards if result.reading else ()
    polygons = "".join(_polygon(box, field) for card in cards for field, box in _boxes(card))
    width, height = (page.width, page.height) if page else photo.size
    return (
        f"<figure><img src='data:image/jpeg;base64,{picture}' alt=''>"
        f"<svg viewBox='0 0 {width} {height}' preserveAspectRatio=none>{polygons}</svg></figure>"
    )


def _boxes(card: CardReading) -> Iterator[tuple[str, Box]]:
    for name in ("name", "company", "title"):
        field = getattr(card, name)
        for box in field.boxes if field else ():
            yield name, box
    lists: dict[str, Sequence[Number | Contact | Address]] = {
        "numbers": card.phones,
        "email": card.emails,
        "website": card.websites,
        "address": card.addresses,
    }
    for name, values in lists.items():
        for each in values:
            for box in each.boxes:
                yield name, box


def _polygon(box: Box, field: str) -> str:
    points = " ".join(f"{x:.0f},{y:.0f}" for x, y in box)
    colour = _COLOURS[field]
    return f"<polygon points='{points}' fill='{colour}22' stroke='{colour}' stroke-width=2 />"
