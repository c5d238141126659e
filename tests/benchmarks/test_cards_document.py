"""Figures are put into docs/cards.md between their marks, and nothing else is touched."""

import pytest

from benchmarks.cards_document import ALL, DOCUMENT, replaced

PAGE = "# Page\n\n<!-- speed -->\nold\n<!-- end of speed -->\n\nProse.\n"


def test_figures_replace_what_stood_between_their_marks() -> None:
    page = replaced(PAGE, "speed", "## Speed\n\n- load: 1\n\n### Table\n\n| a |\n")

    assert page == (
        "# Page\n\n<!-- speed -->\n\n- load: 1\n\n#### Table\n\n| a |\n\n"
        "<!-- end of speed -->\n\nProse.\n"
    )


def test_page_without_the_marks_is_an_error() -> None:
    with pytest.raises(LookupError, match="weight"):
        replaced(PAGE, "weight", "## Weight\n")


@pytest.mark.parametrize("name", ALL)
def test_the_document_has_a_place_for_every_benchmark(name: str) -> None:
    document = DOCUMENT.read_text("utf-8")

    assert replaced(document, name, f"## {name}\n\nfigures\n") != document
