"""`forthwith encryption`: which key sealed what, a new key, and sealing everything with it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from forthwith.platform import rotation
from forthwith.platform.blobs import BlobStore
from forthwith.platform.config import AppSelection, PlatformSettings
from forthwith.platform.crypto import Codec, add_key, new_key
from forthwith.platform.db import Database, opened
from forthwith.platform.errors import Conflict
from forthwith.platform.runtime import database_dsn, key_file, load_codec
from forthwith.server import create_app

console = Console()


@dataclass(frozen=True, slots=True)
class _Store:
    """Where sealed values stand, and what opens them."""

    db: Database
    codec: Codec
    blobs: BlobStore


@asynccontextmanager
async def _opened(settings: PlatformSettings) -> AsyncGenerator[_Store]:
    """Every application's tables are known, whichever of them this process would serve."""
    create_app(settings.model_copy(update={"apps": AppSelection.model_construct(names=None)}))
    codec = load_codec(settings)
    async with database_dsn(settings) as dsn, opened(Database(dsn, command_seconds=None)) as db:
        yield _Store(db, codec, BlobStore(settings.home.home / "blobs", codec))


async def show_status(settings: PlatformSettings, *, as_json: bool) -> None:
    """Print how many values each key sealed."""
    async with _opened(settings) as store:
        found = await rotation.survey(store.db, store.blobs)
    codec = store.codec
    if as_json:
        told = {"keys": codec.key_ids, "values": found, "stale": _stale(codec, found)}
        typer.echo(msgspec.json.encode(told).decode())
        return
    shown = Table("values of", *codec.key_ids, "other")
    for name, counted in found.items():
        known = [counted[key] for key in codec.key_ids]
        shown.add_row(name, *map(str, known), str(counted.total() - sum(known)))
    console.print(shown)
    console.print(f"New values are sealed with key {codec.key_id}.")


async def rotate(settings: PlatformSettings) -> None:
    """Seal everything with the newest key. Raises `Conflict` when something is left."""
    async with _opened(settings) as store:
        codec = store.codec
        found = await rotation.survey(store.db, store.blobs)
        with _progress() as progress:
            bars = {
                name: progress.add_task(name, total=stale)
                for name, counted in found.items()
                if (stale := rotation.stale(codec, counted))
            }

            async def told(name: str, moved: int) -> None:
                if name not in bars:  # came in since the count
                    bars[name] = progress.add_task(name, total=None)
                progress.advance(bars[name], moved)

            moved = await rotation.rotate(store.db, codec, store.blobs, told)
        left = _stale(codec, await rotation.survey(store.db, store.blobs))
    typer.echo(f"{moved} values are sealed anew with key {codec.key_id}.")
    if left:
        raise Conflict(
            f"{left} values are still sealed with an older key. Some process may still seal with "
            "it, or hold rows: start every process with the new key first, then rotate again."
        )


def make_key(settings: PlatformSettings) -> None:
    """Make a new key: in front of this home's own, or to be put into ENCRYPTION_KEY."""
    if settings.secrets.encryption_key is not None:
        typer.echo(new_key().hex())
        typer.echo(
            "Put it behind the others in ENCRYPTION_KEY of every process, then in front of them, "
            "then run: forthwith encryption rotate",
            err=True,
        )
        return
    add_key(key_file(settings))
    typer.echo(f"New values will be sealed with key {load_codec(settings).key_id}.")
    typer.echo("Start Forthwith again, then run: forthwith encryption rotate")


def _stale(codec: Codec, found: rotation.Survey) -> int:
    return sum(rotation.stale(codec, counted) for counted in found.values())


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    )
