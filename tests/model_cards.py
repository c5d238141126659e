"""Answers of models about business cards."""

from typing import Any

import msgspec

CARD: dict[str, Any] = {
    "name": "Ada Lovelace",
    "company": "Analytical Engines Ltd",
    "department": None,
    "title": "Programmer",
    "numbers": [{"kind": "mobile", "printed": "+44 7400 123456"}],
    "emails": ["Ada@Engines.Example"],
    "websites": ["www.engines.example"],
    "addresses": ["12 St James's Square, London SW1Y 4JH"],
    "tax_id": None,
    "line_id": None,
    "notes": None,
}


def said(*cards: dict[str, Any]) -> str:
    """What a model says of a photo with these cards; members that a card leaves out are CARD's."""
    return msgspec.json.encode({"cards": [{**CARD, **card} for card in cards]}).decode()
