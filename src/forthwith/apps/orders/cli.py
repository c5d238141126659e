"""`forthwith orders`: shops and their menus, orders, the voice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from forthwith.platform.runtime import Runtime

cli = typer.Typer(no_args_is_help=True)
shops = typer.Typer(no_args_is_help=True, help="Shops and their menus.")
cli.add_typer(shops, name="shops")


@shops.command("list")
def list_shops() -> None:
    """The operator's shops: slug, name, open or closed, dishes, languages."""
    asyncio.run(_list_shops())


@shops.command("import")
def import_shop(
    file: Annotated[Path, typer.Argument(help="JSON as POST /orders/shops takes it.")],
) -> None:
    """Open a shop with its menu; one that is there gets the menu of the file."""
    asyncio.run(_import_shop(file))


@shops.command("export")
def export_shop(slug: Annotated[str, typer.Argument(help="Which shop.")]) -> None:
    """Print a shop as `import` takes it."""
    asyncio.run(_export_shop(slug))


@cli.command("list")
def list_orders(
    *,
    shop: Annotated[str | None, typer.Option(help="Only of the shop with this slug.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many, the newest.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """The operator's orders, newest first."""
    asyncio.run(_list_orders(shop, limit, as_json=as_json))


@cli.command()
def say(
    text: Annotated[str, typer.Argument(help="Chinese, at most 1,000 characters.")],
    *,
    out: Annotated[Path, typer.Option(help="The recording: m4a.")] = Path("order.m4a"),
    rate: Annotated[float, typer.Option(help="0.7, 1.0 or 1.3.")] = 1.0,
) -> None:
    """Speak a text as an order is spoken; needs no server and no database."""
    asyncio.run(_say(text, out, rate))


@asynccontextmanager
async def _opened() -> "AsyncIterator[Runtime]":
    from forthwith.apps.orders.jobs import JOBS
    from forthwith.platform.config import PlatformSettings
    from forthwith.platform.runtime import database_dsn, open_runtime

    settings = PlatformSettings()
    async with (
        database_dsn(settings) as dsn,
        open_runtime(settings, dsn, JOBS, ()) as runtime,
    ):
        yield runtime


async def _operator(runtime: "Runtime") -> Any:
    from forthwith.apps.orders import queries, service

    return await queries.operator(runtime.db, service.settings_of(runtime).owner)


async def _list_shops() -> None:
    from forthwith.apps.orders import queries
    from forthwith.apps.orders.menus import Language

    async with _opened() as runtime:
        for shop in await queries.shops(runtime.db, await _operator(runtime)):
            menu = await queries.menu(runtime, shop)
            state = "open" if shop.is_open else "closed"
            dishes = len(list(menu.dishes()))
            languages = " ".join(menu.languages)
            name = menu.names.into(Language.CHINESE)
            typer.echo(f"{shop.slug}  {name}  {state}  {dishes} dishes  {languages}")


async def _import_shop(file: Path) -> None:
    from pydantic import ValidationError

    from forthwith.apps.orders import queries
    from forthwith.apps.orders import shops as verbs
    from forthwith.apps.orders.bodies import MenuBody, ShopBody

    try:
        body = ShopBody.model_validate_json(await asyncio.to_thread(file.read_bytes))
    except (ValidationError, OSError) as error:
        typer.secho(f"{file}: {error}", err=True, fg=typer.colors.RED)
        raise typer.Exit(1) from None
    async with _opened() as runtime:
        owner = await _operator(runtime)
        known = await queries.shop_by_slug(runtime.db, body.slug)
        async with runtime.db.transaction() as session:
            if known is None:
                await verbs.create(session, runtime.codec, *verbs.drawn_up(owner, body))
            else:
                menu = MenuBody(sections=body.sections)
                await verbs.put_menu(session, runtime.codec, owner, body.slug, menu)
        await queries.forget_shop(runtime, body.slug)
    typer.echo(f"{body.slug} is open." if known is None else f"{body.slug} has a new menu.")


async def _export_shop(slug: str) -> None:
    import msgspec

    from forthwith.apps.orders import queries
    from forthwith.apps.orders import shops as verbs

    async with _opened() as runtime:
        shop = await queries.own_shop(runtime.db, await _operator(runtime), slug)
        kept = verbs.kept(shop, await queries.menu(runtime, shop))
    members = msgspec.to_builtins(kept)
    body = {name: members[name] for name in ("slug", "names", "currency", "timezone", "sections")}
    typer.echo(msgspec.json.format(msgspec.json.encode(body)).decode())


async def _list_orders(slug: str | None, limit: int, *, as_json: bool) -> None:
    import msgspec

    from forthwith.apps.orders import queries, views

    async with _opened() as runtime:
        owner = await _operator(runtime)
        shop = await queries.own_shop(runtime.db, owner, slug) if slug else None
        wanted = queries.Wanted(limit=limit, shop=shop.id if shop else None)
        for row in await queries.listed(runtime.db, owner, wanted):
            order = views.counter_order(runtime.codec, row)
            if as_json:
                typer.echo(msgspec.json.encode(order).decode())
            else:
                typer.echo(
                    f"{order.created_at[:19]}  {order.number or '-':6} {order.status:10} "
                    f"{order.counter:8} {order.total_text:>10}  {order.shop_name}"
                )


async def _say(text: str, out: Path, rate: float) -> None:
    from forthwith.integrations.speech.speaking import speak
    from forthwith.integrations.speech.vendors import vendors
    from forthwith.platform.pool import ProcessPool
    from forthwith.platform.upstream import in_memory
    from forthwith.platform.upstream.upstreams import Upstreams

    upstreams = Upstreams(vendors(), in_memory())
    try:
        async with ProcessPool(1) as pool:
            speech = await speak(pool, upstreams, text, rate=rate)
    finally:
        await upstreams.close()
    await asyncio.to_thread(out.write_bytes, speech.audio)
    typer.echo(f"{out}: {speech.milliseconds / 1000:.1f} s, {speech.provider}")
