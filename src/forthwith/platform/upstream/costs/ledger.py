"""Writing charges: never in the way of a call, never lost while the process lives.

A charge is queued in memory and written in batches behind. While the database is away the
queue waits; beyond its bound the oldest charges are dropped and counted, since money told
late is better than memory eaten whole. Saved calls are summed up before they are written: a
hit in memory is worth an addition, not a row.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, Final, Protocol

import asyncpg
from prometheus_client import Counter

from forthwith.platform import ids, logging
from forthwith.platform.db import FAILURES, Database
from forthwith.platform.upstream.costs.charge import Charge
from forthwith.platform.upstream.costs.savings import Savings

log = logging.get(__name__)

BATCH: Final = 500
MOST_WAITING: Final = 100_000
_WRITE_SECONDS: Final = 0.25
_AGAIN_SECONDS: Final = 2.0
_AWAY: Final = (*FAILURES, asyncpg.PostgresError)

charges_dropped = Counter(
    "cost_charges_dropped_total", "Charges that the ledger could not keep: queue full, or refused."
)

_COLUMNS: Final = (
    *("id", "owner", "app", "vendor", "operation", "source", "outcome", "calls", "tokens_in"),
    *("tokens_out", "micros", "currency", "latency_ms", "model", "key", "run"),
    *("prompt_version", "created_at"),
)
_TYPES: Final = (
    *("uuid", "uuid", "text", "text", "text", "text", "text", "bigint", "bigint"),
    *("bigint", "bigint", "text", "bigint", "text", "text", "uuid"),
    *("text", "timestamptz"),
)
_INSERT: Final = (
    f"insert into platform.costs ({', '.join(_COLUMNS)}) select * from unnest("  # noqa: S608
    + ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(_TYPES, 1))
    + ") on conflict do nothing"
)
_PURGE: Final = "delete from platform.costs where created_at < now() - $1 * interval '1 day'"


class CostLedger(Protocol):
    """Whoever takes charges. Both return at once and never raise."""

    def add(self, charge: Charge) -> None:
        """Take the charge of a call that was made."""

    def save(self, charge: Charge) -> None:
        """Take what a call would have cost that was not made."""


class MemoryLedger:
    """Keeps the newest charges in memory: for the command line, which has no database."""

    def __init__(self) -> None:
        self.charges: deque[Charge] = deque(maxlen=MOST_WAITING)
        self.saved: deque[Charge] = deque(maxlen=MOST_WAITING)

    def add(self, charge: Charge) -> None:
        """Keep it."""
        self.charges.append(charge)

    def save(self, charge: Charge) -> None:
        """Keep it apart."""
        self.saved.append(charge)


class DatabaseLedger:
    """Writes charges to `platform.costs`; `run()` lives as long as the process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waiting: deque[Charge] = deque()
        self._savings = Savings()
        self._filled = asyncio.Event()
        self._writing = asyncio.Lock()
        self._is_away = False

    def add(self, charge: Charge) -> None:
        """Queue it for the next batch."""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            charges_dropped.inc()
        self._waiting.append(charge)
        self._filled.set()

    def save(self, charge: Charge) -> None:
        """Add it to what was saved since the last batch."""
        self._savings.add(charge)
        self._filled.set()

    @property
    def waiting(self) -> int:
        """How many charges are not written yet."""
        return len(self._waiting)

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._filled.wait()
            await asyncio.sleep(_WRITE_SECONDS)  # let a batch gather
            try:
                await self.flush()
            except _AWAY as error:
                self._tell_away(error)
                await asyncio.sleep(_AGAIN_SECONDS)

    async def flush(self) -> None:
        """Write all that waits; what fails stays queued. A repeated batch writes nothing twice.

        Raises what the database raises when it is away.
        """
        async with self._writing:
            self._filled.clear()
            self._waiting.extend(self._savings.taken())
            try:
                await self._write_all()
            except BaseException:
                self._filled.set()
                raise
            self._is_away = False

    async def purge(self, days: int) -> None:
        """Forget charges older than this."""
        await self._db.execute(_PURGE, days)

    async def _write_all(self) -> None:
        while self._waiting:
            batch = [self._waiting[place] for place in range(min(BATCH, len(self._waiting)))]
            try:
                await self._write(batch)
            except (asyncpg.DataError, ValueError):  # a text that no database takes
                await self._write_each(batch)
            self._forget(batch)

    async def _write(self, batch: Sequence[Charge]) -> None:
        await self._db.execute(_INSERT, *zip(*map(_values, batch), strict=True))

    async def _write_each(self, batch: Sequence[Charge]) -> None:
        for charge in batch:
            try:
                await self._write([charge])
            except (asyncpg.DataError, ValueError) as error:
                charges_dropped.inc()
                log.exception("charge_refused", vendor=charge.vendor, error=type(error).__name__)

    def _forget(self, batch: Sequence[Charge]) -> None:
        """Take out what is written; the oldest may have been dropped meanwhile."""
        written = {charge.id for charge in batch}
        while self._waiting and self._waiting[0].id in written:
            self._waiting.popleft()

    def _tell_away(self, error: BaseException) -> None:
        if not self._is_away:
            log.warning("charges_wait_for_database", error=type(error).__name__)
        self._is_away = True


def _values(charge: Charge) -> tuple[Any, ...]:
    return (
        charge.id,
        charge.owner,
        charge.app,
        charge.vendor,
        charge.operation,
        charge.source,
        charge.outcome,
        charge.usage.calls,
        charge.usage.tokens_in,
        charge.usage.tokens_out,
        charge.micros,
        charge.currency,
        charge.latency_ms,
        charge.model,
        charge.key,
        charge.run,
        charge.prompt_version,
        ids.made_at(charge.id),
    )
