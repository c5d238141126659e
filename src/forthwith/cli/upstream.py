"""`forthwith upstream`: the keys of vendors as the fleet knows them, by alias, never the keys."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from forthwith import registry
from forthwith.platform.config import PlatformSettings
from forthwith.platform.runtime import database_dsn, open_runtime
from forthwith.platform.upstream import Vendor
from forthwith.platform.upstream.budgets import KeyStatus
from forthwith.platform.upstream.upstreams import Upstreams

console = Console()


class KeyView(msgspec.Struct, frozen=True):
    """A key as people see it; `room` is the free share of each limit, 0 to 1."""

    vendor: str
    key: str
    state: str
    until: str | None
    room: dict[str, float]


def declared(settings: PlatformSettings) -> list[Vendor]:
    """The vendors of the applications that this process would serve."""
    return registry.vendors(registry.selected(settings.apps.names))


async def show_keys(
    settings: PlatformSettings, vendors: Sequence[Vendor], *, as_json: bool
) -> None:
    """Print every key with its state, its room, and until when it has to wait."""
    async with _opened(settings, vendors) as upstreams:
        views = [
            _view(name, status)
            for name in upstreams.names
            for status in await upstreams[name].keys.status()
        ]
    if as_json:
        typer.echo(msgspec.json.encode(views).decode())
    else:
        console.print(_table(views) if views else "No application calls a vendor that needs keys.")


async def reset(
    settings: PlatformSettings, vendors: Sequence[Vendor], vendor: str, key: str
) -> None:
    """Use a key again, whatever was said of it."""
    async with _opened(settings, vendors) as upstreams:
        await upstreams[vendor].keys.reset(key)
    typer.echo(f"{key} of {vendor} is used again.")


@asynccontextmanager
async def _opened(
    settings: PlatformSettings, vendors: Sequence[Vendor]
) -> AsyncGenerator[Upstreams]:
    async with (
        database_dsn(settings) as dsn,
        open_runtime(settings, dsn, (), (), vendors=vendors) as runtime,
    ):
        yield runtime.upstreams


def _view(vendor: str, status: KeyStatus) -> KeyView:
    return KeyView(
        vendor=vendor,
        key=status.alias,
        state=status.standing.name.lower(),
        until=status.until.isoformat(timespec="seconds") if status.until else None,
        room={name: round(share, 3) for name, share in status.rooms.items()},
    )


def _table(views: Sequence[KeyView]) -> Table:
    table = Table("vendor", "key", "state", "until", "room")
    for view in views:
        room = ", ".join(f"{name} {share:.0%}" for name, share in view.room.items())
        table.add_row(view.vendor, view.key, view.state, view.until or "", room)
    return table
