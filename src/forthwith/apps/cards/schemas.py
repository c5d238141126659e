"""What goes over HTTP and out of the CLI."""

from uuid import UUID

import msgspec

from forthwith.apps.cards.reading import CardReading
from forthwith.apps.cards.reading.advice import Advice
from forthwith.platform.jobs import Progress, RunError


class Upright(msgspec.Struct, frozen=True):
    """What boxes are measured on: the photo turned clockwise by `rotation` degrees, in pixels."""

    width: int
    height: int
    rotation: int


class Position(msgspec.Struct, frozen=True):
    """Where a person worked before, and until which day (ISO 8601) that was known."""

    until: str
    company: str | None = None
    department: str | None = None
    title: str | None = None


class Reading(msgspec.Struct, frozen=True):
    """What was read from one photo: its cards, by whom, in how many seconds; how to do better.

    `history` holds earlier positions of the first card's person, the oldest first. `cost_micros`
    are millionths of `currency`; what this machine reads, or was paid before, costs nothing.
    """

    cards: tuple[CardReading, ...]
    provider: str
    seconds: float
    page: Upright
    advice: tuple[Advice, ...] = ()
    history: tuple[Position, ...] = ()
    model: str | None = None
    cost_micros: int = 0
    currency: str | None = None

    @property
    def paid(self) -> str:
        """What it cost, for people: `0.000225 USD`; empty where it cost nothing."""
        if not self.cost_micros:
            return ""
        return f"{self.cost_micros / 1_000_000:f} {self.currency}"


class SamePerson(msgspec.Struct, frozen=True):
    """Another card that seems to be of the same person, and why."""

    card_id: UUID
    reason: str


class NotionPages(msgspec.Struct, frozen=True):
    """A card's way into Notion: `waiting`, `done` or `failed`; `failure` is the code of why.

    `pages` are addresses in the order of the card's contacts, null until made. `provider` is
    `notion`, or `sandbox` where one of this machine stands for it.
    """

    state: str
    provider: str
    pages: tuple[str | None, ...] = ()
    failure: str | None = None


class CardView(msgspec.Struct, frozen=True):
    """A card as its owner sees it; `cards` are the contacts on the photo, usually one.

    `advice` says what to do better when the photo is taken again; usually nothing. `history`
    holds earlier positions of a person whose newer card was merged into this one. `notion` is
    null where contacts do not go there.
    """

    id: UUID
    run_id: UUID
    status: str
    processing: bool
    progress: Progress | None
    cards: tuple[CardReading, ...]
    provider: str | None
    model: str | None
    cost_micros: int | None
    currency: str | None
    seconds: float | None
    page: Upright | None
    advice: tuple[Advice, ...]
    history: tuple[Position, ...]
    error: RunError | None
    same_person: tuple[SamePerson, ...]
    notion: NotionPages | None
    photo_url: str
    events_url: str
    created_at: str


class Submitted(msgspec.Struct, frozen=True):
    """The answer to a photo that was taken in."""

    card_id: UUID
    run_id: UUID
    status: str
    polling_url: str
    events_url: str
    run_url: str
