"""Searching files for texts, in every form in which software writes a text down."""

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

SHORTEST = 6  # characters; shorter ones are found everywhere by chance
_SHORTEST_ENCODED = 10  # of base64: 60 bits


def forms(text: str) -> set[bytes]:
    """A text as UTF-8, UTF-16, hex, percent-, base64- and JSON-escaped."""
    plain = text.encode()
    found = {plain, plain.hex().encode(), plain.hex().upper().encode()}
    found |= {text.encode(encoding) for encoding in ("utf-16-le", "utf-16-be")}
    found |= {quote(text, safe="").encode(), quote(text).encode(), quote(text).lower().encode()}
    found |= {json.dumps(text)[1:-1].encode(), json.dumps(text).upper()[1:-1].encode()}
    return found | set(_base64(plain))


def _base64(plain: bytes) -> Iterable[bytes]:
    """What a text becomes inside of a longer one: it may begin at any of three places."""
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            encoded = encode(b"\0" * before + plain)
            first = -(-before * 4 // 3) + (1 if before else 0)
            core = encoded.rstrip(b"=")[first:-2]  # the ends depend on the neighbours
            if len(core) >= _SHORTEST_ENCODED:
                yield core


def found_in(folders: Iterable[Path], texts: Iterable[str]) -> set[str]:
    """Which of the texts stand in some file of the folders, in whatever form."""
    wanted = {form: text for text in texts if len(text) >= SHORTEST for form in forms(text)}
    found: set[str] = set()
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        found |= {text for form, text in wanted.items() if form in content}
    return found


def said_on(card: dict[str, Any]) -> set[str]:
    """What identifies the person or the company on a card, as it was read."""
    one = [card["name"], card["company"], card["title"], card["line_id"], card["tax_id"]]
    many = [*card["phones"], *card["emails"], *card["websites"], *card["addresses"]]
    members = ("value", "printed", "e164", "normalised")
    found = {field.get(member) for field in (*one, *many) if field for member in members}
    return {value for value in found if value and len(value) >= SHORTEST}
