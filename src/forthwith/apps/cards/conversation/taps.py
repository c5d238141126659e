"""Buttons on a contact, and the data that they carry."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from forthwith.apps.cards.conversation.commands import Field


class Tap(StrEnum):
    """What a button does with a contact."""

    SHOW = "show"
    EDIT = "edit"
    NOTE = "note"
    DELETE = "delete"
    DELETE_NOW = "delete_now"
    MERGE = "merge"
    KEEP = "keep"
    FILE = "file"
    CODE = "code"
    MORE = "more"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Tapped:
    """A tapped button: which contact of which card, and a field or another card."""

    tap: Tap
    card: UUID
    number: int = 0
    field: Field | None = None
    other: UUID | None = None

    def data(self) -> str:
        """As it stands in a postback."""
        more = self.field or self.other or ""
        return f"{self.tap}|{self.card.hex}|{self.number}|{more}"


def parse_tap(data: str) -> Tapped | None:
    """The button that a postback is of; None for data that none of ours carries."""
    try:
        tap, card, number, more = data.split("|")
        kind = Tap(tap)
        if kind is Tap.EDIT:
            return Tapped(kind, UUID(card), int(number), field=Field(more))
        return Tapped(kind, UUID(card), int(number), other=UUID(more) if more else None)
    except ValueError:
        return None
