"""What a reader should find on a card, in the form of the labelled development cards."""

from typing import Any

from examples.cardmaker.identity import Identity, NumberKind


def label(person: Identity, *, brand: bool, source: str) -> dict[str, Any]:
    """State the truth about a card.

    `name`, `company` and `title` hold alternatives of which any one is right; the others hold every
    printed value. Numbers keep their printed form and E.164. `kind` is added with the picture.
    """
    fields: dict[str, Any] = {
        "name": _some(person.name, person.second_name),
        "company": _some(person.company, person.second_company, person.brand if brand else ""),
        "title": _some(person.title, person.second_title),
        "department": _some(person.department),
        **{kind: _numbers(person, kind) for kind in ("phone", "mobile", "fax")},
        "email": [person.email],
        "website": _some(person.website),
        "address": _some(person.glue.join(person.address), " ".join(person.second_address)),
        "tax_id": person.tax_id,
    }
    return {
        "source": source,
        "language": person.language,
        "default_region": person.region,
        "kind": "digital artwork",
        "fields": {name: value for name, value in fields.items() if value},
    }


def _numbers(person: Identity, kind: NumberKind) -> list[dict[str, str]]:
    return [
        {"printed": number.printed, "e164": number.e164}
        for number in person.numbers
        if number.kind == kind
    ]


def _some(*values: str) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))
