"""Reading shops and orders.

A guest's order is found by its id alone, which nobody can guess; everything that is listed
names the owner. Orders are read with their run in one statement, without a session's round
trips: they are polled.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from forthwith.apps.orders.errors import OrderNotFound, ShopNotFound
from forthwith.apps.orders.menus import Menu
from forthwith.platform import ids
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import Database
from forthwith.platform.errors import Unavailable
from forthwith.platform.runtime import Runtime
from forthwith.platform.upstream.cache import Policy

_MENUS: Final = Policy(namespace="orders_menu", into=Menu, ttl=86_400.0)
"""Kept by shop and version: an edit is another key, so that no copy can be a stale one."""

_ORDERS: Final = """
select o.id, o.owner, o.run, o.shop, o.content, o.outcome, o.number, o.is_told, o.completed_at,
  o.accepted_at, o.done_at, o.created_at, r.state, r.progress, r.error,
  coalesce(s.last_seq, 0) as seq
from orders.orders o
left join platform.runs r on r.id = o.run
left join platform.streams s on s.id = o.run
"""
_FIND: Final = f"{_ORDERS} where o.id = $1"
_LISTED: Final = f"""{_ORDERS}
where o.owner = $1 and o.run >= $2 and o.run < $3
  and ($4::uuid is null or o.shop = $4) and ($5::text is null or r.state = $5)
  and ($6::text is null or $6 = case when o.done_at is not null then 'done'
    when o.accepted_at is not null then 'accepted' else 'new' end)
order by o.run desc limit $7
"""
_SHOPS: Final = "select id, owner, slug, version, is_open from orders.shops"
_BY_SLUG: Final = f"{_SHOPS} where slug = $1"
_OPERATOR: Final = """
select coalesce($1::uuid, (
  select id from platform.accounts where role = 'operator' order by id limit 1)) as id
"""
_BY_NAME: Final = f"""
select o.id as operator, s.id, s.owner, s.slug, s.version, s.is_open
from ({_OPERATOR}) o
left join orders.shop_names n on n.owner = o.id and n.name = $2
left join orders.shops s on s.id = n.shop
"""  # noqa: S608 - our own text
_MENU: Final = "select menu from orders.shops where id = $1 and version = $2"
_AFTER_ALL: Final = UUID(int=2**128 - 1)
_RUN_STATES: Final = {
    "pending": "queued",
    "processing": "running",
    "completed": "succeeded",
    "failed": "failed",
    "cancelled": "cancelled",
}


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order with what its run tells; None where the run was dropped with old history."""

    id: UUID
    owner: UUID
    run: UUID
    shop: UUID | None
    content: bytes
    outcome: bytes | None
    number: int | None
    is_told: bool
    completed_at: datetime | None
    accepted_at: datetime | None
    done_at: datetime | None
    created_at: datetime
    state: str | None
    progress: bytes | None
    error: bytes | None
    seq: int


class FoundShop(msgspec.Struct, frozen=True):
    """Which shop an order is for, and the version of its menu."""

    id: UUID
    owner: UUID
    slug: str
    version: int
    is_open: bool


_REMEMBERED: Final = Policy(namespace="orders_shop", into=FoundShop, ttl=3_600.0)


def content_place(order: UUID) -> bytes:
    """Where what was ordered is bound to."""
    return place("orders.orders", "content", order)


def outcome_place(order: UUID) -> bytes:
    """Where what became of an order is bound to."""
    return place("orders.orders", "outcome", order)


def menu_place(shop: UUID) -> bytes:
    """Where a menu is bound to."""
    return place("orders.shops", "menu", shop)


async def find(db: Database, order: UUID) -> OrderRow:
    """An order by the id that only its guest and its shop have. Raises `OrderNotFound`."""
    row = await db.fetchrow(_FIND, order)
    if row is None:
        raise OrderNotFound("There is no order with this id.")
    return OrderRow(**dict(row))


async def find_own(db: Database, owner: UUID, order: UUID) -> OrderRow:
    """An order of this owner. Raises `OrderNotFound` also for somebody else's."""
    row = await find(db, order)
    if row.owner != owner:
        raise OrderNotFound("There is no order with this id.")
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which orders are to be listed; None is any."""

    limit: int
    before: UUID | None = None
    since: datetime | None = None
    shop: UUID | None = None
    status: str | None = None
    counter: str | None = None


async def listed(db: Database, owner: UUID, wanted: Wanted) -> list[OrderRow]:
    """Orders of this owner, newest first."""
    rows = await db.fetch(
        _LISTED,
        owner,
        ids.lowest(wanted.since) if wanted.since else UUID(int=0),
        wanted.before or _AFTER_ALL,
        wanted.shop,
        _RUN_STATES[wanted.status] if wanted.status else None,
        wanted.counter,
        wanted.limit,
    )
    return [OrderRow(**dict(row)) for row in rows]


async def shop_by_slug(db: Database, slug: str) -> FoundShop | None:
    """The shop with this slug, whoever owns it."""
    return _found(await db.fetchrow(_BY_SLUG, slug))


async def remembered_shop(runtime: Runtime, slug: str) -> FoundShop | None:
    """The shop as this process knows it; whoever relies on its version must check that."""

    async def load() -> FoundShop | None:
        return await shop_by_slug(runtime.db, slug)

    policy: Policy[Any] = _REMEMBERED  # None is never kept: anybody may ask for any slug
    found: FoundShop | None = await runtime.stores.cache.get_or_load(slug, load, policy)
    return found


async def forget_shop(runtime: Runtime, slug: str) -> None:
    """Let every process look again: the shop was changed."""
    await runtime.stores.cache.delete(slug, _REMEMBERED)


async def forget_all(runtime: Runtime, shop: FoundShop) -> None:
    """Leave no copy of a shop that is gone, nor of its menus of any version."""
    await forget_shop(runtime, shop.slug)
    await runtime.stores.cache.invalidate(tag=_tag(shop))


async def own_shop(db: Database, owner: UUID, slug: str) -> FoundShop:
    """A shop of this owner. Raises `ShopNotFound` also for somebody else's."""
    shop = await shop_by_slug(db, slug)
    if shop is None or shop.owner != owner:
        raise ShopNotFound("There is no shop with this slug.")
    return shop


async def operator(db: Database, configured: UUID | None) -> UUID:
    """The account that is set, or the first operator. Raises `Unavailable` without either."""
    row = await db.fetchrow(_OPERATOR, configured)
    return _ensured(row["id"] if row else None)


async def shop_by_name(
    db: Database, name: str, configured: UUID | None
) -> tuple[UUID, FoundShop | None]:
    """The operator, as `operator` says, and their shop of this name."""
    row: Any = await db.fetchrow(_BY_NAME, configured, name)
    owner = _ensured(row["operator"] if row else None)
    if row["id"] is None:
        return owner, None
    found = {field: row[field] for field in FoundShop.__struct_fields__}
    return owner, FoundShop(**found)


def _ensured(operator: UUID | None) -> UUID:
    if operator is None:
        raise Unavailable("There is no operator yet; run: forthwith up", retry_after=60)
    return operator


async def shops(db: Database, owner: UUID) -> list[FoundShop]:
    """All shops of this owner, the oldest first."""
    rows = await db.fetch(f"{_SHOPS} where owner = $1 order by id", owner)
    return [FoundShop(**dict(row)) for row in rows]


async def menu(runtime: Runtime, shop: FoundShop) -> Menu:
    """The menu of the version that was found. Raises `Unavailable` if it was edited just now."""

    async def load() -> Menu:
        row = await runtime.db.fetchrow(_MENU, shop.id, shop.version)
        if row is None:
            raise Unavailable("The menu is being edited; try again.", retry_after=1)
        return opened_menu(runtime.codec, shop.id, row["menu"])

    key, tags = f"{shop.id}|{shop.version}", (_tag(shop),)
    return await runtime.stores.cache.get_or_load(key, load, _MENUS, tags=tags)


def opened_menu(codec: Codec, shop: UUID, sealed: bytes) -> Menu:
    """A menu as it is kept."""
    return codec.open(sealed, menu_place(shop), Menu)


def _tag(shop: FoundShop) -> str:
    return f"orders_shop:{shop.id}"


def _found(row: Any) -> FoundShop | None:
    return FoundShop(**dict(row)) if row is not None else None
