"""`forthwith cards`: read photos without a server; measure a reader."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from forthwith.apps.cards.cli import notion
from forthwith.apps.cards.settings import Reader

cli = typer.Typer(no_args_is_help=True)
cli.add_typer(notion.commands, name="notion")

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

    from forthwith.apps.cards.cli.printing import show
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
                show(answer, as_json=as_json)
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
