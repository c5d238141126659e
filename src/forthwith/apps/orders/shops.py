"""The verbs of a shop's staff: open a shop, edit its menu, close it, take it away."""

from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from forthwith.apps.orders import menu_bodies, queries
from forthwith.apps.orders.bodies import MenuBody, ShopBody, ShopChange
from forthwith.apps.orders.carts import same_name
from forthwith.apps.orders.errors import MenuChanged, ShopNotFound, ShopTaken
from forthwith.apps.orders.menus import Menu
from forthwith.apps.orders.models import Shop, ShopName
from forthwith.apps.orders.queries import FoundShop
from forthwith.apps.orders.schemas import KeptShop
from forthwith.platform import audit, ids
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Session
from forthwith.platform.errors import Fault

NEWEST = None
"""Instead of a version: whichever is the present one."""


def drawn_up(owner: UUID, body: ShopBody) -> tuple[FoundShop, Menu]:
    """A shop that is not there yet. Raises `MenuRefused`."""
    return FoundShop(ids.new(), owner, body.slug, 1, body.is_open), menu_bodies.menu_of(body)


async def create(session: Session, codec: Codec, shop: FoundShop, menu: Menu) -> None:
    """Open a shop. Raises `ShopTaken` for a slug or name that is in use."""
    values = {
        "id": shop.id,
        "owner": shop.owner,
        "slug": shop.slug,
        "menu": codec.seal(menu, queries.menu_place(shop.id)),
        "is_open": shop.is_open,
    }
    added = insert(Shop).values(values).on_conflict_do_nothing().returning(Shop.id)
    if await session.scalar(added) is None:
        raise ShopTaken("Another shop has this slug.", faults=[Fault("#/slug", "is in use")])
    await _name(session, shop.owner, shop.id, menu)
    await audit.record(
        session, codec, "orders.shop_opened", owner=shop.owner, subject=f"shop:{shop.id}"
    )


async def change(
    session: Session, codec: Codec, owner: UUID, slug: str, body: ShopChange
) -> KeptShop:
    """Give a shop other names, open or close it. Raises as `create` does, and `ShopNotFound`."""
    shop, menu = await _locked(session, codec, owner, slug)
    is_open = shop.is_open if body.is_open is None else body.is_open
    if body.names is not None:
        names = menu_bodies.names(body.names)
        menu = Menu(names, menu.currency, menu.timezone, menu.sections)
        await session.execute(delete(ShopName).where(ShopName.shop == shop.id))
        await _name(session, owner, shop.id, menu)
    changed = await _store(session, codec, shop, menu, is_open=is_open)
    await audit.record(
        session,
        codec,
        "orders.shop_changed",
        owner=owner,
        subject=f"shop:{shop.id}",
        data=body.model_dump(mode="json", exclude_unset=True),
    )
    return kept(changed, menu)


async def put_menu(
    session: Session, codec: Codec, owner: UUID, slug: str, body: MenuBody
) -> KeptShop:
    """Replace a menu. Raises `MenuChanged` when `version` is not the present one."""
    shop, menu = await _locked(session, codec, owner, slug)
    if body.version is not NEWEST and body.version != shop.version:
        raise MenuChanged("Somebody else has edited the menu; look at it again.")
    sections = menu_bodies.sections_of(body.sections, menu.currency)
    menu = Menu(menu.names, menu.currency, menu.timezone, sections)
    changed = await _store(session, codec, shop, menu, is_open=shop.is_open)
    await audit.record(
        session,
        codec,
        "orders.menu_changed",
        owner=owner,
        subject=f"shop:{shop.id}",
        data={"version": changed.version},
    )
    return kept(changed, menu)


async def remove(session: Session, codec: Codec, owner: UUID, slug: str) -> None:
    """Take a shop away; its orders stay. Raises `ShopNotFound`."""
    gone = delete(Shop).where(Shop.owner == owner, Shop.slug == slug).returning(Shop.id)
    shop = await session.scalar(gone)
    if shop is None:
        raise _not_found()
    await session.execute(delete(ShopName).where(ShopName.shop == shop))
    await audit.record(session, codec, "orders.shop_removed", owner=owner, subject=f"shop:{shop}")


def kept(shop: FoundShop, menu: Menu, *, with_menu: bool = True) -> KeptShop:
    """A shop for its staff."""
    return KeptShop(
        slug=shop.slug,
        names=menu.names,
        currency=menu.currency,
        timezone=menu.timezone,
        is_open=shop.is_open,
        version=shop.version,
        languages=menu.languages,
        sections=menu_bodies.written(menu.sections, menu.currency) if with_menu else None,
    )


async def _locked(session: Session, codec: Codec, owner: UUID, slug: str) -> tuple[FoundShop, Menu]:
    """The shop, held so that of two edits the second sees the first."""
    query = select(Shop).where(Shop.owner == owner, Shop.slug == slug).with_for_update()
    row = await session.scalar(query)
    if row is None:
        raise _not_found()
    shop = FoundShop(row.id, row.owner, row.slug, row.version, row.is_open)
    return shop, queries.opened_menu(codec, row.id, row.menu)


async def _store(
    session: Session, codec: Codec, shop: FoundShop, menu: Menu, *, is_open: bool
) -> FoundShop:
    version = shop.version + 1
    values = {
        "menu": codec.seal(menu, queries.menu_place(shop.id)),
        "is_open": is_open,
        "version": version,
    }
    await session.execute(update(Shop).where(Shop.id == shop.id).values(values))
    return FoundShop(shop.id, shop.owner, shop.slug, version, is_open)


async def _name(session: Session, owner: UUID, shop: UUID, menu: Menu) -> None:
    """Let orders name the shop in each language. Raises `ShopTaken`."""
    wanted = {same_name(each) for each in menu.names.all()}
    rows = [{"owner": owner, "name": each, "shop": shop} for each in wanted]
    added = insert(ShopName).values(rows).on_conflict_do_nothing().returning(ShopName.name)
    if len((await session.scalars(added)).all()) < len(wanted):
        raise ShopTaken(
            "Another shop of yours has this name; orders could not tell them apart.",
            faults=[Fault("#/names", "is in use")],
        )


def _not_found() -> ShopNotFound:
    return ShopNotFound("There is no shop with this slug.")
