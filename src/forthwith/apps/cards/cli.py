"""`forthwith cards`: read photos without a server; look after the contacts in Notion."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forthwith.apps.cards.settings import Reader

if TYPE_CHECKING:
    from forthwith.platform.runtime import Runtime

cli = typer.Typer(no_args_is_help=True)
notion = typer.Typer(no_args_is_help=True, help="Contacts as pages in Notion.")
cli.add_typer(notion, name="notion")

_READER = "local: this machine. model: the models that are set. auto: these where it is unsure."


@cli.command()
def read(
    photos: Annotated[list[Path], typer.Argument(help="Photos: JPEG, PNG, WebP or HEIC.")],
    *,
    reader: Annotated[Reader, typer.Option(help=_READER)] = Reader.LOCAL,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object per photo and line.")
    ] = False,
) -> None:
    """Read business cards; needs no server, and unless a model shall read, no key.

    Exits 1 when a photo could not be read; the others are read all the same.
    """
    failed = asyncio.run(_read_all(photos, reader, as_json=as_json))
    raise typer.Exit(1 if failed else 0)


@cli.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(help="Photos with a labels.json beside them.")],
    *,
    reader: Annotated[Reader, typer.Option(help=_READER)] = Reader.LOCAL,
    as_json: Annotated[bool, typer.Option("--json", help="Print figures as JSON.")] = False,
    errors: Annotated[bool, typer.Option("--errors", help="List misses with both values.")] = False,
    page: Annotated[
        Path | None, typer.Option("--html", help="Write each photo with boxes and values here.")
    ] = None,
) -> None:
    """Measure a reader on a labelled folder: fields, whole cards, confidence, seconds, money."""
    asyncio.run(_evaluate(folder, reader, as_json=as_json, errors=errors, page=page))


@notion.command()
def check(
    *,
    create: Annotated[bool, typer.Option("--create", help="Add the properties it lacks.")] = False,
) -> None:
    """Say whether the database has the properties that are written, and what it lacks.

    Exits 1 when pages cannot be written.
    """
    asyncio.run(_check_notion(create=create))


@notion.command()
def status(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print figures as JSON.")] = False,
) -> None:
    """Count the cards whose pages are done, wait or failed, and why."""
    asyncio.run(_show_notion(as_json=as_json))


@notion.command()
def backfill() -> None:
    """Ask for the pages of all cards that have none yet.

    A worker writes them behind everything else, within Notion's budget. May be stopped and
    begun again.
    """
    asyncio.run(_backfill_notion())


async def _check_notion(*, create: bool) -> None:
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


async def _show_notion(*, as_json: bool) -> None:
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


async def _backfill_notion() -> None:
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


async def _evaluate(
    folder: Path, reader: Reader, *, as_json: bool, errors: bool, page: Path | None
) -> None:
    import msgspec
    from rich.console import Console

    from forthwith.apps.cards import evaluation as cards

    results = await _results(folder, reader, cards.load_labels(folder))
    evaluation = cards.Evaluation(tuple(results))
    if page is not None:
        cards.write_page(evaluation, page)
    if as_json:
        figures = {"folder": str(folder), "reader": reader, **cards.as_json(evaluation)}
        typer.echo(msgspec.json.encode(figures).decode())
        return
    console = Console()
    if errors:
        cards.print_errors(console, evaluation)
    cards.print_tables(console, evaluation)


async def _results(folder: Path, reader: Reader, labels: Any) -> list[Any]:
    """Every labelled photo read, with a bar on a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    from forthwith.apps.cards.evaluation import evaluate
    from forthwith.apps.cards.readers.opened import readers_alone
    from forthwith.apps.cards.reading import local
    from forthwith.platform.pool import ProcessPool

    bar = Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
    results = []
    async with ProcessPool(1) as pool, readers_alone(pool, reader) as readers:
        if reader is not Reader.MODEL:
            await local.warm_up(pool)
        with bar:
            task = bar.add_task("Evaluating", total=len(labels))
            async for result in evaluate(folder, labels, readers.read_at_once):
                results.append(result)
                bar.advance(task)
    return results


async def _read_all(photos: list[Path], reader: Reader, *, as_json: bool) -> int:
    """Read all photos, as many at once as there are processes; how many failed."""
    from rich.console import Console
    from rich.progress import Progress

    from forthwith.apps.cards.readers.opened import readers_alone
    from forthwith.platform.config import WorkerSettings
    from forthwith.platform.pool import ProcessPool

    processes = WorkerSettings().cpu_processes
    failed = 0
    bar = Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
    async with (
        ProcessPool(processes, max_waiting=processes) as pool,
        readers_alone(pool, reader) as readers,
    ):
        at_once = asyncio.Semaphore(processes)
        with bar:
            task = bar.add_task("Reading", total=len(photos))
            for reading in [asyncio.create_task(_read(readers, at_once, path)) for path in photos]:
                answer = await reading
                failed += "error" in answer
                _show(answer, as_json=as_json)
                bar.advance(task)
    return failed


async def _read(readers: Any, at_once: asyncio.Semaphore, path: Path) -> dict[str, Any]:
    """One photo as the object that is printed: cards, or an error."""
    import msgspec

    from forthwith.platform.errors import ForthwithError

    async with at_once:
        try:
            photo = await asyncio.to_thread(path.read_bytes)
            reading = await readers.read_at_once(photo)
        except ForthwithError as error:
            return {"file": str(path), "error": {"code": error.code, "message": error.message}}
        except TimeoutError:
            return {
                "file": str(path),
                "error": {"code": "TIMED_OUT", "message": "It took too long."},
            }
        except OSError as error:
            message = error.strerror or str(error)
            return {"file": str(path), "error": {"code": "UNREADABLE_FILE", "message": message}}
    return {"file": str(path), **msgspec.to_builtins(reading)}


def _show(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        import msgspec

        typer.echo(msgspec.json.encode(answer).decode())
        return
    typer.secho(answer["file"], bold=True)
    if "error" in answer:
        typer.secho(f"  {answer['error']['message']}", fg=typer.colors.RED)
    for each in answer.get("advice", ()):
        typer.secho(f"  {each['message']}", fg=typer.colors.YELLOW)
    for card in answer.get("cards", ()):
        for label, value in _lines(card):
            typer.echo(f"  {label:<12}{value}")
    if "provider" in answer:
        paid = f"{answer['cost_micros'] / 1_000_000:f} {answer['currency'] or 'USD'}"
        source = f"  read by {answer['provider']} in {answer['seconds']:.2f} s for {paid}"
        typer.secho(source, fg=typer.colors.BRIGHT_BLACK)


def _lines(card: dict[str, Any]) -> list[tuple[str, str]]:
    """The fields of a card that have a value, in the order people read them."""
    single = [(name, card[name]) for name in ("name", "company", "department", "title")]
    lines = [(name, field["value"]) for name, field in single if field and field["value"]]
    lines += [(each["kind"], each["e164"] or each["printed"]) for each in card["phones"]]
    for label, name in (("e-mail", "emails"), ("website", "websites"), ("address", "addresses")):
        lines += [(label, each["value"]) for each in card[name]]
    lines += [(name, card[name]["value"]) for name in ("tax_id", "line_id") if card[name]]
    return lines
