"""The committed cards are small, complete and in the form of the labelled development cards."""

import json
from pathlib import Path

import pytest
from PIL import Image

from examples.cardmaker import compose, fonts
from examples.make_cards import EXAMPLE_SET, EXAMPLES, LARGEST_BYTES, Wanted, write

TRUTH = json.loads((EXAMPLES / "labels.json").read_text(encoding="utf-8"))
PICTURES = sorted(EXAMPLES.glob("*.jpg"))
FIELDS = {
    *("name", "company", "title", "department", "phone", "mobile", "fax"),
    *("email", "website", "address", "tax_id"),
}

with_fonts = pytest.mark.skipif(
    bool(fonts.missing()), reason=f"fonts are missing; install them with: {fonts.INSTALL}"
)


def test_every_picture_has_a_label_and_every_label_a_picture() -> None:
    assert {picture.name for picture in PICTURES} == TRUTH.keys()
    assert {card.file for card in EXAMPLE_SET} == TRUTH.keys()


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.stem)
def test_a_picture_fits_a_repository(picture: Path) -> None:
    assert picture.stat().st_size <= LARGEST_BYTES
    with Image.open(picture) as image:
        assert image.format == "JPEG"
        assert max(image.size) <= 1280


@pytest.mark.parametrize("file", TRUTH)
def test_a_label_has_the_form_of_the_development_cards(file: str) -> None:
    entry = TRUTH[file]

    assert entry.keys() == {"source", "language", "default_region", "kind", "fields"}
    assert entry["fields"].keys() <= FIELDS
    for kind in ("phone", "mobile", "fax"):
        for number in entry["fields"].get(kind, []):
            assert number.keys() == {"printed", "e164"}


@with_fonts
@pytest.mark.parametrize("card", EXAMPLE_SET, ids=lambda card: card.file)
def test_the_labels_are_those_of_the_generator(card: Wanted) -> None:
    _, truth = compose(card.seed, card.language, card.layout)

    assert TRUTH[card.file] == {**truth, "kind": "photo"}


@with_fonts
def test_writing_a_set_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for run in ("first", "second"):
        write(EXAMPLE_SET[:2], tmp_path / run)

    for card in EXAMPLE_SET[:2]:
        first, second = (tmp_path / run / card.file for run in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()
