"""The verbs around an order: place it, cancel it, try it again, accept it, hand it over."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from sqlalchemy import text

from forthwith.apps.orders import carts, links, queries
from forthwith.apps.orders.bodies import QuickOrder
from forthwith.apps.orders.carts import Cart
from forthwith.apps.orders.errors import MenuEdited, OrderRefused, TooLate
from forthwith.apps.orders.models import Order
from forthwith.apps.orders.queries import FoundShop, OrderRow
from forthwith.apps.orders.settings import OrderSettings
from forthwith.platform import audit, ids
from forthwith.platform.db import Session
from forthwith.platform.errors import Conflict, Fault
from forthwith.platform.jobs import Condition, MovedRun
from forthwith.platform.runtime import Runtime

PROCESS: Final = "orders.process"
TELL: Final = "orders.tell"
BELL: Final = "forthwith_orders"
"""The channel on which counters hear that something has changed; the payload is the owner."""

_SETTINGS: Final = "orders.settings"
_CURRENT: Final = "select 1 from orders.shops where id = {shop} and version = {version}"
_EDITS_WAITED_FOR: Final = 3
_ACCEPTED: Final = text(
    "select 1 from orders.orders where id = :id and accepted_at is not null for share"
)
_MOVABLE: Final = """
with held as (
  select r.id from platform.runs r join orders.orders o on o.run = r.id
  where o.id = :id and o.owner = :owner and r.state <> 'cancelled'
  for share of r
)
update orders.orders o set {change} from held where o.id = :id and o.run = held.id
returning o.run
"""
"""The lock on the run keeps a guest from cancelling what the shop accepts at the same moment."""
_ACCEPT: Final = text(_MOVABLE.format(change="accepted_at = coalesce(o.accepted_at, now())"))
_HAND_OVER: Final = text(
    _MOVABLE.format(
        change="accepted_at = coalesce(o.accepted_at, now()), done_at = coalesce(o.done_at, now())"
    )
)


class KeptSettings(OrderSettings):
    """The settings as they were at the first order: reading them anew takes a millisecond."""

    async def close(self) -> None:
        """Nothing is held open."""


def settings_of(runtime: Runtime) -> OrderSettings:
    """The settings of this process."""
    return runtime.upstreams.client(_SETTINGS, KeptSettings)


@dataclass(frozen=True, slots=True)
class Placing:
    """An order of which it is known whose it is; it is not checked yet."""

    id: UUID
    owner: UUID
    order: QuickOrder
    shop: FoundShop | None


async def prepare(runtime: Runtime, order: QuickOrder) -> Placing:
    """Find the shop of an order. Raises `OrderRefused` for a slug that nobody has."""
    if order.shop is not None:
        shop = await queries.remembered_shop(runtime, order.shop)
        if shop is None:
            raise _no_such_shop()
        return Placing(links.new_order_id(), shop.owner, order, shop)
    name = carts.same_name(order.store_name or "")
    owner, shop = await queries.shop_by_name(runtime.db, name, settings_of(runtime).owner)
    return Placing(links.new_order_id(), owner, order, shop)


async def place(
    runtime: Runtime, placing: Placing, idempotency: Mapping[str, object] | None
) -> None:
    """Check an order and keep it with its run, in one statement; both are safe at the return.

    The shop comes from memory. The statement writes nothing when its menu was edited meanwhile,
    and an order that does not fit is checked once more against the newest menu: so nobody
    pays an old price, and nobody is refused for one. Raises `OrderRefused`.
    """
    for _ in range(_EDITS_WAITED_FOR):
        try:
            await _keep(runtime, placing, idempotency)
        except (OrderRefused, MenuEdited):
            newest = await _newest(runtime, placing)
            if newest == placing.shop:
                raise
            placing = replace(placing, shop=newest)
        else:
            return
    raise _edited()


async def _keep(
    runtime: Runtime, placing: Placing, idempotency: Mapping[str, object] | None
) -> None:
    order, shop, run = placing.order, placing.shop, ids.new()
    owner = shop.owner if shop else placing.owner
    cart = await _checked(runtime, order, shop)
    row = {
        "id": placing.id,
        "owner": owner,
        "run": run,
        "shop": shop.id if shop else None,
        "content": runtime.codec.seal(cart, queries.content_place(placing.id)),
    }
    await runtime.jobs.enqueue_with(
        Order,
        row,
        PROCESS,
        {"order": placing.id, "line_id_token": order.line_id_token},
        owner=owner,
        run=run,
        idempotency=idempotency,
        condition=_is_current(shop) if shop else None,
    )


async def _checked(runtime: Runtime, order: QuickOrder, shop: FoundShop | None) -> Cart:
    if shop is None:
        settings = settings_of(runtime)
        return carts.anywhere(order, settings.currency, settings.timezone)
    if not shop.is_open:
        at = "#/shop" if order.shop is not None else "#/store_name"
        raise OrderRefused("The shop is closed now.", faults=[Fault(at, "is closed now")])
    return carts.at_shop(order, shop.slug, await queries.menu(runtime, shop))


async def _newest(runtime: Runtime, placing: Placing) -> FoundShop | None:
    """The shop as it is now. Raises `OrderRefused` when it was taken away."""
    if placing.shop is None:
        return None
    shop = await queries.shop_by_slug(runtime.db, placing.shop.slug)
    if shop is None:
        raise _no_such_shop()
    if shop != placing.shop:
        await queries.forget_shop(runtime, shop.slug)
    return shop


def _is_current(shop: FoundShop) -> Condition:
    return Condition(_CURRENT, {"shop": shop.id, "version": shop.version}, _edited)


def _edited() -> MenuEdited:
    return MenuEdited("The menu is being edited; order again.", retry_after=1)


def _no_such_shop() -> OrderRefused:
    return OrderRefused("There is no such shop.", faults=[Fault("#/shop", "is no shop here")])


async def cancel(runtime: Runtime, order: UUID) -> OrderRow:
    """Cancel an order that is worked on and that the shop has not accepted. Raises `TooLate`."""
    row = await queries.find(runtime.db, order)
    try:
        await runtime.jobs.cancel(row.owner, row.run)
    except Conflict as refused:
        raise _too_late(refused, "This order has ended already.") from None
    return await queries.find(runtime.db, order)


async def retry(runtime: Runtime, order: UUID) -> OrderRow:
    """Try a failed or cancelled order again; what was done stays done. Raises `TooLate`."""
    row = await queries.find(runtime.db, order)
    try:
        await runtime.jobs.retry(row.owner, row.run)
    except Conflict as refused:
        raise _too_late(refused, "This order has not failed.") from None
    return await queries.find(runtime.db, order)


async def note_cancelled(session: Session, moved: MovedRun) -> None:
    """Keep an order that the shop has accepted from being cancelled. Raises `TooLate`."""
    accepted = await session.scalar(_ACCEPTED, {"id": moved.args["order"]})
    if accepted is not None:
        raise TooLate("The shop has accepted this order; speak to the counter.")
    await ring(session, moved.owner)


async def note_moved(session: Session, moved: MovedRun) -> None:
    """Tell the counters that an order is tried again, or has failed for good."""
    await ring(session, moved.owner)


def _too_late(refused: Conflict, sentence: str) -> TooLate:
    return refused if isinstance(refused, TooLate) else TooLate(sentence)


async def accept(session: Session, runtime: Runtime, owner: UUID, order: UUID) -> None:
    """The shop has seen the order, and makes it. Raises `TooLate` when it was cancelled."""
    await _move(session, runtime, owner, order, "accepted")


async def hand_over(session: Session, runtime: Runtime, owner: UUID, order: UUID) -> None:
    """The guest has the order. Raises `TooLate` when it was cancelled."""
    await _move(session, runtime, owner, order, "done")


async def _move(session: Session, runtime: Runtime, owner: UUID, order: UUID, to: str) -> None:
    statement = _ACCEPT if to == "accepted" else _HAND_OVER
    run = await session.scalar(statement, {"id": order, "owner": owner})
    if run is None:
        raise TooLate("The guest has cancelled this order.")
    # The log keeps for ever; the order's own id would let in whoever reads it there.
    subject = f"run:{run}"
    await audit.record(session, runtime.codec, f"orders.{to}", owner=owner, subject=subject)
    await ring(session, owner)


async def tell_guest(
    session: Session, runtime: Runtime, owner: UUID, order: UUID, token: str
) -> None:
    """Queue the LINE message in a run of its own: LINE's failures fail no order."""
    args = {"order": order, "line_id_token": token}
    await runtime.jobs.enqueue(session, TELL, args, owner=owner)


async def ring(session: Session, owner: UUID) -> None:
    """Tell the owner's counters, once the transaction commits."""
    session.tell(BELL, str(owner))
