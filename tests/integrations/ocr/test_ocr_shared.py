"""Cards of strangers, which stay where they are: every sixth of the labelled ones."""

import json
import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from forthwith.integrations.ocr.reader import read_page

REPO = Path(__file__).parents[3]
CARDS = Path(os.environ.get("FORTHWITH_SHARED", REPO / ".." / "shared")) / "data" / "cards-dev"


def bare(text: str) -> str:
    """Letters and digits alone, in lower case and of one width."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


def contacts(fields: dict[str, Any]) -> list[str]:
    numbers = [number for kind in ("phone", "mobile", "fax") for number in fields.get(kind, [])]
    return [*(number["printed"] for number in numbers), *fields.get("email", [])]


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.skipif(not CARDS.is_dir(), reason="needs the labelled data: FORTHWITH_SHARED")
def test_nineteen_of_twenty_numbers_and_addresses_are_read() -> None:
    labels = json.loads((CARDS / "labels.json").read_text(encoding="utf-8"))
    found = []
    for name in sorted(labels)[::6]:
        page = read_page((CARDS / name).read_bytes())
        text = bare("".join(line.text for line in page.lines))
        found += [bare(contact) in text for contact in contacts(labels[name]["fields"])]

    assert sum(found) >= 0.95 * len(found) > 0
