"""Orders and menus as guests and the counter see them."""

import hashlib
from collections.abc import Mapping
from typing import Final, TypeAlias

from forthwith.apps.orders import links, money, wording
from forthwith.apps.orders.carts import Cart, Line
from forthwith.apps.orders.menus import Choice, Dish, Language, Menu
from forthwith.apps.orders.models import Order
from forthwith.apps.orders.queries import FoundShop, OrderRow, content_place, outcome_place
from forthwith.apps.orders.schemas import (
    ChoiceView,
    Counter,
    CounterOrder,
    DishView,
    LineView,
    OptionView,
    OrderStatus,
    SectionView,
    ShopView,
    StageView,
    State,
    VoiceView,
)
from forthwith.apps.orders.voices import MEDIA_TYPE, Outcome
from forthwith.platform.crypto import Codec
from forthwith.platform.jobs import Progress, RunError
from forthwith.platform.jobs.run import progress_place
from forthwith.platform.jobs.runner import error_place

Kept: TypeAlias = OrderRow | Order
BASE: Final = "/api/v1/orders"
_STATES: Final[Mapping[str, State]] = {
    "queued": "pending",
    "running": "processing",
    "succeeded": "completed",
    "failed": "failed",
    "cancelled": "cancelled",
}
WORKED_ON: Final[frozenset[State]] = frozenset({"pending", "processing"})


def state_of(row: OrderRow) -> State:
    """The order's state is its run's; what has outlived its run has ended."""
    if row.state is None:
        return "completed" if row.completed_at else "failed"
    return _STATES[row.state]


def counter_of(row: OrderRow) -> Counter:
    """How far the shop is."""
    if row.done_at is not None:
        return "done"
    return "accepted" if row.accepted_at is not None else "new"


def tag(row: OrderRow) -> str:
    """What changes whenever the order's status does; nothing has to be opened for it.

    What is sealed anew is another text, even where it says the same.
    """
    told = (
        *(row.state, row.seq, row.number, row.is_told, row.accepted_at, row.done_at),
        *(row.progress, row.outcome, row.error, links.good_until(row.created_at)),
    )
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def cart_of(codec: Codec, row: Kept) -> Cart:
    """What was ordered."""
    return codec.open(row.content, content_place(row.id), Cart)


def outcome_of(codec: Codec, row: Kept) -> Outcome | None:
    """What has been made of it so far."""
    sealed = row.outcome
    return codec.open(sealed, outcome_place(row.id), Outcome) if sealed is not None else None


def voice_path(codec: Codec, row: OrderRow, rate: float) -> str:
    """Where a voice can be heard, for a day."""
    linked = links.Linked(row.id, rate)
    return f"{BASE}/voice/{links.sign(codec, linked, links.good_until(row.created_at))}"


def status(codec: Codec, row: OrderRow) -> OrderStatus:
    """An order for its guest."""
    cart, outcome, state = cart_of(codec, row), outcome_of(codec, row), state_of(row)
    progress = _progress(codec, row)
    voices = _voices(codec, row, outcome)
    return OrderStatus(
        order_id=links.shown(row.id),
        status=state,
        processing=state in WORKED_ON,
        progress=1.0 if state == "completed" else progress.fraction,
        stage=_stage(state, progress, cart.language),
        number=wording.order_number(row.number) if row.number else None,
        shop=cart.slug,
        shop_name=cart.shop_name.into(cart.language),
        language=cart.language,
        verified=cart.is_verified,
        items=_lines(cart, cart.language),
        currency=cart.currency,
        total=money.major(cart.total, cart.currency),
        total_text=money.text(cart.total, cart.currency),
        voice_ready=bool(voices),
        voice_url=voices[0].url if voices else None,
        voices=voices,
        summary_ready=outcome is not None,
        summary=outcome.summary if outcome else None,
        error=_error(codec, row) if state == "failed" else None,
        counter=counter_of(row),
        can_cancel=state in WORKED_ON and row.accepted_at is None,
        can_retry=state in {"failed", "cancelled"} and row.state is not None,
        line_sent=row.is_told,
        created_at=row.created_at.isoformat(),
        completed_at=row.completed_at.isoformat() if row.completed_at else None,
    )


def counter_order(codec: Codec, row: OrderRow) -> CounterOrder:
    """An order for the counter, in Chinese."""
    cart, outcome, state = cart_of(codec, row), outcome_of(codec, row), state_of(row)
    return CounterOrder(
        order_id=links.shown(row.id),
        number=wording.order_number(row.number) if row.number else None,
        shop=cart.slug,
        shop_name=cart.shop_name.into(Language.CHINESE),
        status=state,
        counter=counter_of(row),
        language=cart.language,
        verified=cart.is_verified,
        items=_lines(cart, Language.CHINESE),
        total=money.major(cart.total, cart.currency),
        total_text=money.text(cart.total, cart.currency),
        guest_name=cart.guest_name,
        table=cart.table,
        note=cart.note,
        summary=outcome.summary.chinese if outcome else None,
        voices=_voices(codec, row, outcome),
        error=_error(codec, row) if state == "failed" else None,
        created_at=row.created_at.isoformat(),
        accepted_at=row.accepted_at.isoformat() if row.accepted_at else None,
        done_at=row.done_at.isoformat() if row.done_at else None,
    )


def shop(found: FoundShop, menu: Menu, language: Language, liff_id: str | None) -> ShopView:
    """A shop in the guest's language."""
    return ShopView(
        slug=found.slug,
        name=menu.names.into(language),
        language=language,
        languages=menu.languages,
        currency=menu.currency,
        decimals=money.decimals(menu.currency),
        is_open=found.is_open,
        liff_id=liff_id,
        sections=tuple(
            SectionView(
                section.id,
                section.names.into(language),
                tuple(_dish(dish, language, menu.currency) for dish in section.items),
            )
            for section in menu.sections
        ),
    )


def _dish(dish: Dish, language: Language, currency: str) -> DishView:
    return DishView(
        id=dish.id,
        name=dish.names.into(language),
        chinese=dish.names.own(Language.CHINESE),
        price=money.major(dish.price, currency),
        price_text=money.text(dish.price, currency),
        is_available=dish.is_available,
        choices=tuple(_choice(each, language, currency) for each in dish.choices),
    )


def _choice(choice: Choice, language: Language, currency: str) -> ChoiceView:
    options = tuple(
        OptionView(
            each.id,
            each.names.into(language),
            money.major(each.price, currency),
            money.text(each.price, currency),
        )
        for each in choice.options
    )
    name = choice.names.into(language)
    return ChoiceView(choice.id, name, choice.least, choice.most, options)


def _lines(cart: Cart, language: Language) -> tuple[LineView, ...]:
    return tuple(_line(line, cart.currency, language) for line in cart.lines)


def _line(line: Line, currency: str, language: Language) -> LineView:
    return LineView(
        name=line.names.into(language),
        chinese=line.names.into(Language.CHINESE),
        options=tuple(each.into(language) for each in line.options),
        quantity=line.quantity,
        price=money.major(line.price, currency),
        amount=money.major(line.amount, currency),
        amount_text=money.text(line.amount, currency),
    )


def _voices(codec: Codec, row: OrderRow, outcome: Outcome | None) -> tuple[VoiceView, ...]:
    return tuple(
        VoiceView(each.rate, voice_path(codec, row, each.rate), each.duration_ms, MEDIA_TYPE)
        for each in (outcome.voices if outcome else ())
    )


def _stage(state: State, progress: Progress, language: Language) -> StageView:
    code = {"pending": "waiting", "processing": progress.stage}.get(state, state)
    return StageView(code, wording.WORDS[language].stages[code])


def _progress(codec: Codec, row: OrderRow) -> Progress:
    if row.progress is None:
        return Progress(0.0, "waiting")
    return codec.open(row.progress, progress_place(row.run), Progress)


def _error(codec: Codec, row: OrderRow) -> RunError | None:
    if row.error is None:
        return None
    return codec.open(row.error, error_place(row.run), RunError)
