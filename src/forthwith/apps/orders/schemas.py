"""What goes over HTTP as an answer; prices as in `bodies`."""

from typing import Any, Literal

import msgspec

from forthwith.apps.orders.menus import Language, Names
from forthwith.platform.jobs import RunError

State = Literal["pending", "processing", "completed", "failed", "cancelled"]
Counter = Literal["new", "accepted", "done"]


class OptionView(msgspec.Struct, frozen=True):
    """An option in the guest's language."""

    id: str
    name: str
    price: float
    price_text: str


class ChoiceView(msgspec.Struct, frozen=True):
    """A choice in the guest's language: take from `least` to `most` of the options."""

    id: str
    name: str
    least: int
    most: int
    options: tuple[OptionView, ...]


class DishView(msgspec.Struct, frozen=True):
    """A dish in the guest's language; `chinese` is what the menu on the wall calls it."""

    id: str
    name: str
    chinese: str | None
    price: float
    price_text: str
    is_available: bool
    choices: tuple[ChoiceView, ...]


class SectionView(msgspec.Struct, frozen=True):
    """A part of the menu in the guest's language."""

    id: str
    name: str
    items: tuple[DishView, ...]


class ShopView(msgspec.Struct, frozen=True):
    """A shop as its guests see it; `decimals` are those of its prices."""

    slug: str
    name: str
    language: Language
    languages: tuple[Language, ...]
    currency: str
    decimals: int
    is_open: bool
    liff_id: str | None
    sections: tuple[SectionView, ...]


class KeptShop(msgspec.Struct, frozen=True):
    """A shop as its staff sees and edits it; `sections` is what `PUT .../menu` takes."""

    slug: str
    names: Names
    currency: str
    timezone: str
    is_open: bool
    version: int
    languages: tuple[Language, ...]
    sections: tuple[dict[str, Any], ...] | None = None


class Submitted(msgspec.Struct, frozen=True):
    """The answer to an order that was taken in."""

    order_id: str
    status: State
    polling_url: str
    events_url: str
    ws_url: str
    cancel_url: str
    retry_url: str


class StageView(msgspec.Struct, frozen=True):
    """What is being done: a code, and words in the guest's language."""

    code: str
    text: str


class Summary(msgspec.Struct, frozen=True):
    """The order in words: for the counter, and in the guest's language."""

    chinese: str
    translated: str


class VoiceView(msgspec.Struct, frozen=True):
    """The order spoken at `rate`; the link needs no credentials, and is renewed here."""

    rate: float
    url: str
    duration_ms: int
    media_type: str


class LineView(msgspec.Struct, frozen=True):
    """A line of an order in the guest's language; `amount` is price times quantity."""

    name: str
    chinese: str
    options: tuple[str, ...]
    quantity: int
    price: float
    amount: float
    amount_text: str


class OrderStatus(msgspec.Struct, frozen=True):
    """An order as its guest sees it; `progress` is 0.0 to 1.0."""

    order_id: str
    status: State
    processing: bool
    progress: float
    stage: StageView
    number: str | None
    shop: str | None
    shop_name: str
    language: Language
    verified: bool
    items: tuple[LineView, ...]
    currency: str
    total: float
    total_text: str
    voice_ready: bool
    voice_url: str | None
    voices: tuple[VoiceView, ...]
    summary_ready: bool
    summary: Summary | None
    error: RunError | None
    counter: Counter
    can_cancel: bool
    can_retry: bool
    line_sent: bool
    created_at: str
    completed_at: str | None


class CounterOrder(msgspec.Struct, frozen=True):
    """An order as the shop sees it, in Chinese."""

    order_id: str
    number: str | None
    shop: str | None
    shop_name: str
    status: State
    counter: Counter
    language: Language
    verified: bool
    items: tuple[LineView, ...]
    total: float
    total_text: str
    guest_name: str | None
    table: str | None
    note: str | None
    summary: str | None
    voices: tuple[VoiceView, ...]
    error: RunError | None
    created_at: str
    accepted_at: str | None
    done_at: str | None


class DraftSubmitted(msgspec.Struct, frozen=True):
    """A photo of a menu was taken in; the run's `result` is a menu for a person to confirm."""

    run_id: str
    polling_url: str
    events_url: str
