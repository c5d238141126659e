"""`forthwith cards notion`: look after the contacts in Notion."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from forthwith.platform.runtime import Runtime

commands = typer.Typer(no_args_is_help=True, help="Contacts as pages in Notion.")


@commands.command()
def check(
    *,
    create: Annotated[bool, typer.Option("--create", help="Add the properties it lacks.")] = False,
) -> None:
    """Say whether the database has the properties that are written, and what it lacks.

    Exits 1 when pages cannot be written.
    """
    asyncio.run(_check(create=create))


@commands.command()
def status(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print figures as JSON.")] = False,
) -> None:
    """Count the cards whose pages are done, wait or failed, and why."""
    asyncio.run(_show_status(as_json=as_json))


@commands.command()
def backfill() -> None:
    """Ask for the pages of all cards that have none yet.

    A worker writes them behind everything else, within Notion's budget. May be stopped and
    begun again.
    """
    asyncio.run(_backfill())


async def _check(*, create: bool) -> None:
    from forthwith.apps.cards.notion import tending
    from forthwith.platform.errors import UpstreamError

    async with _opened() as runtime:
        try:
            schema, made = await tending.check(runtime, create=create)
        except UpstreamError as error:
            typer.secho(str(error), fg=typer.colors.RED, err=True)
            typer.echo("Properties that are missing are made by --create.", err=True)
            raise typer.Exit(1) from error
    for column in made:
        typer.echo(f"Made {column.name} ({column.kind}).")
    typer.echo(f"Pages can be written into {schema.name!r}: {schema.url}")


async def _show_status(*, as_json: bool) -> None:
    import msgspec
    from rich.console import Console
    from rich.table import Table

    from forthwith.apps.cards.notion import tending

    async with _opened() as runtime:
        tallies = await tending.tallies(runtime)
    if as_json:
        typer.echo(msgspec.json.encode(tallies).decode())
        return
    table = Table("state", "why", "cards")
    for each in tallies:
        table.add_row(each.state, each.failure or "", f"{each.cards:,}")
    Console(highlight=False).print(table if tallies else "No card has been read yet.")


async def _backfill() -> None:
    from rich.console import Console
    from rich.progress import Progress

    from forthwith.apps.cards.notion import tending

    bar = Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
    async with _opened() as runtime:
        with bar:
            task = bar.add_task("Asking", total=None)
            asked = await tending.backfill(
                runtime, lambda done, total: bar.update(task, completed=done, total=total)
            )
    typer.echo(f"{asked:,} cards will be written by a worker; `forthwith cards notion status`.")


@asynccontextmanager
async def _opened() -> "AsyncGenerator[Runtime]":
    """What a command on the database needs."""
    from forthwith.apps.cards.jobs import JOBS, SCHEDULES
    from forthwith.integrations.notion.settings import NotionSettings
    from forthwith.integrations.notion.vendor import vendor
    from forthwith.platform.config import PlatformSettings
    from forthwith.platform.runtime import database_dsn, open_runtime

    settings = PlatformSettings()
    vendors = (vendor(NotionSettings()),)
    async with (
        database_dsn(settings) as dsn,
        open_runtime(settings, dsn, JOBS, SCHEDULES, vendors=vendors) as runtime,
    ):
        yield runtime
