"""The verbs around an order: place it, cancel it, try it again, accept it, hand it over."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import text

from forthwith.apps.orders import carts, links, queries, views
from forthwith.apps.orders.carts import Cart
from forthwith.apps.orders.errors import OrderRefused, TooLate
from forthwith.apps.orders.models import Order
from forthwith.apps.orders.queries import FoundShop, OrderRow
from forthwith.apps.orders.schemas import QuickOrder
from forthwith.apps.orders.settings import OrderSettings
from forthwith.platform import audit, ids
from forthwith.platform.db import Session
from forthwith.platform.errors import Conflict, Fault
from forthwith.platform.jobs import FailedRun
from forthwith.platform.runtime import Runtime

PROCESS: Final = "orders.process"
TELL: Final = "orders.tell"
BELL: Final = "forthwith_orders"
"""The channel on which counters hear that something has changed; the payload is the owner."""

_SETTINGS: Final = "orders.settings"
_RING: Final = text("select pg_notify(:channel, :owner)")
_ACCEPT: Final = text("""
update orders.orders o set accepted_at = coalesce(accepted_at, now())
from platform.runs r
where o.id = :id and o.owner = :owner and r.id = o.run
  and r.state in ('queued', 'running', 'succeeded')
returning o.run
""")
_HAND_OVER: Final = text("""
update orders.orders o
set accepted_at = coalesce(accepted_at, now()), done_at = coalesce(done_at, now())
from platform.runs r
where o.id = :id and o.owner = :owner and r.id = o.run
  and r.state in ('queued', 'running', 'succeeded')
returning o.run
""")


class KeptSettings(OrderSettings):
    """The settings as they were at the first order: reading them anew takes a millisecond."""

    async def close(self) -> None:
        """Nothing is held open."""


def settings_of(runtime: Runtime) -> OrderSettings:
    """The settings of this process."""
    return runtime.upstreams.client(_SETTINGS, KeptSettings)


@dataclass(frozen=True, slots=True)
class Placing:
    """An order that has found whose it is, before it is checked: `check` raises what is wrong."""

    id: UUID
    owner: UUID
    shop: UUID | None
    check: Callable[[], Awaitable[Cart]]


async def prepare(runtime: Runtime, order: QuickOrder) -> Placing:
    """Find the shop of an order. Raises `OrderRefused` for a slug that nobody has.

    Always asked of the database, which also tells the version of the menu: so no copy of an
    older one can give a price.
    """
    shop: FoundShop | None
    if order.shop is not None:
        shop = await queries.shop_by_slug(runtime.db, order.shop)
        if shop is None:
            wrong = Fault("#/shop", "is no shop here")
            raise OrderRefused("There is no such shop.", faults=[wrong])
        owner = shop.owner
    else:
        name = carts.same_name(order.store_name or "")
        owner, shop = await queries.shop_by_name(runtime.db, name, settings_of(runtime).owner)
    check = partial(_checked, runtime, order, shop)
    return Placing(links.new_order_id(), owner, shop.id if shop else None, check)


async def _checked(runtime: Runtime, order: QuickOrder, shop: FoundShop | None) -> Cart:
    if shop is None:
        settings = settings_of(runtime)
        return carts.anywhere(order, settings.currency, settings.timezone)
    if not shop.is_open:
        at = "#/shop" if order.shop is not None else "#/store_name"
        raise OrderRefused("The shop is closed now.", faults=[Fault(at, "is closed now")])
    return carts.at_shop(order, shop.slug, await queries.menu(runtime, shop))


async def place(
    runtime: Runtime,
    placing: Placing,
    line_id_token: str | None,
    idempotency: Mapping[str, object] | None,
) -> None:
    """Check an order and keep it with its run, in one statement; both are safe at the return."""
    cart = await placing.check()
    run = ids.new()
    row = {
        "id": placing.id,
        "owner": placing.owner,
        "run": run,
        "shop": placing.shop,
        "content": runtime.codec.seal(cart, queries.content_place(placing.id)),
    }
    await runtime.jobs.enqueue_with(
        Order,
        row,
        PROCESS,
        {"order": placing.id, "line_id_token": line_id_token},
        owner=placing.owner,
        run=run,
        idempotency=idempotency,
    )


async def cancel(runtime: Runtime, order: UUID) -> OrderRow:
    """Cancel an order that is worked on and that the shop has not accepted. Raises `TooLate`."""
    row = await queries.find(runtime.db, order)
    if row.accepted_at is not None:
        raise TooLate("The shop has accepted this order; speak to the counter.")
    if views.state_of(row) not in views.WORKED_ON:
        raise TooLate("This order has ended already.")
    try:
        await runtime.jobs.cancel(row.owner, row.run)
    except Conflict:
        raise TooLate("This order has ended already.") from None
    await _ring_alone(runtime, row.owner)
    return await queries.find(runtime.db, order)


async def retry(runtime: Runtime, order: UUID) -> OrderRow:
    """Try a failed or cancelled order again; what was done stays done. Raises `TooLate`."""
    row = await queries.find(runtime.db, order)
    try:
        await runtime.jobs.retry(row.owner, row.run)
    except Conflict:
        raise TooLate("This order has not failed.") from None
    await _ring_alone(runtime, row.owner)
    return await queries.find(runtime.db, order)


async def accept(session: Session, runtime: Runtime, owner: UUID, order: UUID) -> None:
    """The shop has seen the order, and makes it. Raises `TooLate` when it was cancelled."""
    await _move(session, runtime, owner, order, "accepted")


async def hand_over(session: Session, runtime: Runtime, owner: UUID, order: UUID) -> None:
    """The guest has the order. Raises `TooLate` when it was cancelled or has failed."""
    await _move(session, runtime, owner, order, "done")


async def _move(session: Session, runtime: Runtime, owner: UUID, order: UUID, to: str) -> None:
    statement = _ACCEPT if to == "accepted" else _HAND_OVER
    run = await session.scalar(statement, {"id": order, "owner": owner})
    if run is None:
        raise TooLate("This order was cancelled, or has failed.")
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
    await session.execute(_RING, {"channel": BELL, "owner": str(owner)})


async def _ring_alone(runtime: Runtime, owner: UUID) -> None:
    await runtime.db.execute("select pg_notify($1, $2)", BELL, str(owner))


async def ring_failure(session: Session, failed: FailedRun) -> None:
    """Tell the counters that an order has failed for good."""
    await ring(session, failed.owner)
