"""A real PostgreSQL of the benchmark's own: fsync and synchronous commit on, on a disk."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import asyncpg

from forthwith.migrations.upgrade import upgrade
from forthwith.platform.db import Database
from forthwith.platform.identity import ensure_operator
from forthwith.platform.jobs.engine import install
from forthwith.platform.jobs.worker import housekeep
from forthwith.platform.postgres import EmbeddedServer

API_KEY = "fw_key-of-the-benchmarks-operator"
ENCRYPTION_KEY = "b1" * 32
JWT_SECRET = "b2" * 32


@contextmanager
def disk_folder() -> Iterator[Path]:
    """A temporary folder on a disk: /tmp may be memory, where a flush costs nothing."""
    parent = "/var/tmp" if Path("/var/tmp").is_dir() else None  # noqa: S108 - mkdtemp is safe
    folder = Path(tempfile.mkdtemp(prefix="forthwith-bench-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database_server(folder: Path) -> Iterator[str]:
    """The DSN of an embedded server in `folder`, with its ordinary settings."""
    server = EmbeddedServer.start_or_attach(folder / "postgres")
    try:
        asyncio.run(_as_in_use(server.dsn))
        yield server.dsn
    finally:
        server.discard()


async def _as_in_use(dsn: str) -> None:
    """Give the server the files of its coming WAL, which one that has been in use has.

    A new one writes 16 MB of zeros for each first, while every commit waits: some 100 ms, in the
    cards' stress once in 11 seconds. After a checkpoint old files become coming ones.
    """
    connection = await asyncpg.connect(dsn)
    try:
        for _ in range(_WAL_FILES):
            await connection.execute("select pg_logical_emit_message(false, '', '')")
            await connection.execute("select pg_switch_wal()")
        await connection.execute("checkpoint")
    finally:
        await connection.close()


def settings_of(dsn: str) -> dict[str, str]:
    """What the server says about how it commits and which version it is."""
    names = ("server_version", "fsync", "synchronous_commit", "shared_buffers")

    async def ask() -> list[str]:
        connection = await asyncpg.connect(dsn)
        try:
            return [f"{name} {await connection.fetchval(f'show {name}')}" for name in names]
        finally:
            await connection.close()

    return {"PostgreSQL": ", ".join(asyncio.run(ask()))}


def make_database(server_dsn: str, name: str) -> str:
    """An empty database; its DSN."""

    async def make() -> None:
        connection = await asyncpg.connect(server_dsn)
        await connection.execute(f"drop database if exists {name} with (force)")
        await connection.execute(f"create database {name}")
        await connection.close()

    asyncio.run(make())
    head, _, query = server_dsn.partition("?")
    return f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


def migrate(dsn: str) -> None:
    """Our tables, an operator with API_KEY, and the table that benchmark routes write to."""

    async def prepare() -> None:
        db = Database(dsn)
        await upgrade(db.connect, install)
        await db.open()
        try:
            await housekeep(db)
            await ensure_operator(db, API_KEY)
            await db.execute(NOTES)
        finally:
            await db.close()

    asyncio.run(prepare())


_WAL_FILES: Final = 32
"""Of 16 MB: more than any benchmark writes in its minutes."""

NOTES = """
create table public.notes (
  id uuid primary key, owner uuid not null, run uuid not null, text varchar not null,
  created_at timestamptz not null default now()
)
"""
"""The business row that a request writes beside its run."""
