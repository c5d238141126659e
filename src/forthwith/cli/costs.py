"""`forthwith costs`: what calls to vendors cost, over all owners."""

from datetime import timedelta
from typing import cast, get_args

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from forthwith.platform import clock
from forthwith.platform.config import PlatformSettings
from forthwith.platform.db import Database, opened
from forthwith.platform.errors import BadRequest
from forthwith.platform.runtime import database_dsn
from forthwith.platform.upstream.costs import queries

_MICROS = 1_000_000
_BAR_LENGTH = 24  # characters
console = Console()


async def show(settings: PlatformSettings, *, by: str, days: int, as_json: bool) -> None:
    """Print the sums of the last days, dearest first."""
    if by not in get_args(queries.GroupBy):
        raise BadRequest(f"--by is one of: {', '.join(get_args(queries.GroupBy))}.")
    since = clock.now() - timedelta(days=days)
    async with database_dsn(settings) as dsn, opened(Database(dsn)) as db, db.read() as session:
        lines = await queries.summed(session, None, by=cast("queries.GroupBy", by), since=since)
    if as_json:
        typer.echo(msgspec.json.encode(lines).decode())
    else:
        console.print(_table(lines, by) if lines else "Nothing was spent or saved.")


def _table(lines: list[queries.CostLine], by: str) -> Table:
    table = Table(by, "calls", "failed", "tokens", "money", "", "saved calls", "saved", "mean ms")
    dearest = max(line.micros for line in lines)
    for line in lines:
        table.add_row(
            line.group or "-",
            f"{line.calls:,}",
            f"{line.failed_calls:,}",
            f"{line.tokens_in + line.tokens_out:,}",
            _money(line.micros, line.currency),
            _bar(line.micros, dearest),
            f"{line.saved_calls:,}",
            _money(line.saved_micros, line.currency),
            f"{line.mean_latency_ms:,}",
        )
    return table


def _money(micros: int, currency: str) -> str:
    return f"{micros / _MICROS:,.4f} {currency}"


def _bar(micros: int, dearest: int) -> str:
    return "█" * round(_BAR_LENGTH * micros / dearest) if dearest else ""
