"""`forthwith runs`: the ledger at the command line, over all owners."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from forthwith import registry
from forthwith.platform.config import PlatformSettings
from forthwith.platform.errors import BadRequest
from forthwith.platform.events import read_after
from forthwith.platform.jobs import queries
from forthwith.platform.runtime import Runtime, database_dsn, open_runtime

console = Console()


@asynccontextmanager
async def _opened(settings: PlatformSettings) -> AsyncGenerator[Runtime]:
    apps = registry.selected(settings.apps.names)
    async with (
        database_dsn(settings) as dsn,
        open_runtime(settings, dsn, registry.jobs(apps), registry.schedules(apps)) as runtime,
    ):
        yield runtime


async def show_list(
    settings: PlatformSettings,
    *,
    status: str | None,
    name: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Print runs, newest first."""
    async with _opened(settings) as runtime, runtime.db.read() as session:
        rows = await queries.listed(
            session, None, status=status, name=name, before=None, limit=limit
        )
        views = [queries.view(runtime.codec, row) for row in rows]
    if as_json:
        typer.echo(msgspec.json.encode(views).decode())
        return
    table = Table("id", "job", "state", "progress", "tries", "takeovers", "created", "error")
    for view in views:
        table.add_row(
            str(view.id),
            view.name,
            view.status,
            f"{view.progress.fraction:.0%} {view.progress.stage}" if view.progress else "",
            str(view.attempt),
            str(view.takeovers),
            view.created_at[:19],
            view.error.message if view.error else "",
        )
    console.print(table)


async def show_one(settings: PlatformSettings, run: str, *, as_json: bool) -> None:
    """Print a run and its events."""
    async with _opened(settings) as runtime:
        async with runtime.db.read() as session:
            row = await queries.find(session, None, _parse(run))
        view = queries.view(runtime.codec, row)
        events = await read_after(runtime.db, runtime.codec, row.id, 0)
    if as_json:
        typer.echo(msgspec.json.encode({"run": view, "events": events}).decode())
        return
    for key, value in msgspec.to_builtins(view).items():
        if value is not None:
            console.print(f"[bold]{key}[/bold]  {value}")
    for event in events:
        console.print(f"{event.at[:23]}  {event.kind}  {event.data or ''}")


async def retry(settings: PlatformSettings, run: str) -> None:
    """Queue a failed or cancelled run again."""
    async with _opened(settings) as runtime:
        owner = await _owner(runtime, _parse(run))
        await runtime.jobs.retry(owner, _parse(run))
    typer.echo("The run is queued again.")


async def cancel(settings: PlatformSettings, run: str) -> None:
    """Cancel a run that has not ended."""
    async with _opened(settings) as runtime:
        owner = await _owner(runtime, _parse(run))
        await runtime.jobs.cancel(owner, _parse(run))
    typer.echo("The run is cancelled.")


async def _owner(runtime: Runtime, run: UUID) -> UUID:
    async with runtime.db.read() as session:
        return (await queries.find(session, None, run)).owner


def _parse(run: str) -> UUID:
    try:
        return UUID(run)
    except ValueError:
        raise BadRequest("A run id looks like 01932c5e-7b1a-7c3e-9a51-0a8f2f3b4c5d.") from None
