"""Bringing a database to the newest schema; safe when several processes start at once.

One connection holds an advisory lock over everything: schema, Alembic's steps and, outside of
Alembic's transactions, whatever `also` installs (pgqueuer's own tables).
"""

from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any, Final

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

_LOCK: Final = 0x4D696772  # "Migr"


async def upgrade(
    connect: Callable[[], Awaitable[Any]],
    also: Callable[[Any], Awaitable[None]],
) -> tuple[str | None, str | None]:
    """Migrate to the newest revision; the revisions before and after.

    `connect` opens a direct asyncpg connection; `also` is called on one, before the steps.
    """
    guard: asyncpg.Connection[asyncpg.Record] = await connect()
    try:
        await guard.execute("select pg_advisory_lock($1)", _LOCK)
        await guard.execute("create schema if not exists platform")
        await also(guard)
        return await _run(connect)
    finally:
        await guard.close()


async def _run(connect: Callable[[], Awaitable[Any]]) -> tuple[str | None, str | None]:
    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    config = Config()
    config.set_main_option("script_location", str(files("forthwith.migrations")))
    try:
        async with engine.connect() as connection:
            before = await connection.run_sync(_revision)
            await connection.run_sync(_to_head, config)
            await connection.commit()
            after = await connection.run_sync(_revision)
    finally:
        await engine.dispose()
    return before, after


def _revision(connection: Any) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table_schema": "platform"})
    return context.get_current_revision()


def _to_head(connection: Any, config: Config) -> None:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
