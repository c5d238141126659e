"""Opening what calls share in a process of a fleet: Redis where there is one, PostgreSQL always.

What may be away at any time is behind something that stands in for it: the cache skips a tier,
limits hold in the process alone, charges wait. Nothing here has to be there at the start but
the database.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import asyncpg

from forthwith.platform import logging
from forthwith.platform.config import BudgetSettings, PlatformSettings
from forthwith.platform.crypto import Codec
from forthwith.platform.db import FAILURES, Database
from forthwith.platform.upstream.budgets import BudgetStore
from forthwith.platform.upstream.budgets.postgres_store import PostgresStore
from forthwith.platform.upstream.budgets.stand_in import StandIn
from forthwith.platform.upstream.cache import Cache, DurableTier, Memory, used
from forthwith.platform.upstream.cache.tiers import SharedTier
from forthwith.platform.upstream.costs import DatabaseLedger
from forthwith.platform.upstream.flights import Listening, PostgresFlights
from forthwith.platform.upstream.spending import Spending, SpendingLimits
from forthwith.platform.upstream.stores import CallDefaults, Stores

if TYPE_CHECKING:
    from forthwith.platform.upstream.redis_link import RedisLink
    from forthwith.platform.upstream.redis_stores import RedisStores

log = logging.get(__name__)

_HOUSEKEEPING_SECONDS: Final = 600.0
_MEGABYTE: Final = 1_000_000
_MICROS: Final = 1_000_000
_FLUSH_SECONDS: Final = 5.0  # for charges that wait when a process ends
_AWAY: Final = (*FAILURES, asyncpg.PostgresError)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetStores(Stores):
    """Stores that processes share; `redis` where one is configured."""

    ledger: DatabaseLedger
    durable: DurableTier
    kept_budgets: PostgresStore
    redis: "RedisLink | None"

    async def keep_house(self, settings: PlatformSettings) -> None:
        """Tidy up every few minutes until cancelled; jittered, so that workers take turns."""
        while True:
            await asyncio.sleep(_HOUSEKEEPING_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
            try:
                await self.tidy(settings)
            except _AWAY as error:
                log.warning("housekeeping_put_off", error=type(error).__name__)

    async def tidy(self, settings: PlatformSettings) -> None:
        """Delete what is expired or too much; any one worker does it for all."""
        await self.durable.purge(settings.cache.disk_mb * _MEGABYTE)
        await self.ledger.purge(settings.budgets.costs_kept_days)
        await self.kept_budgets.purge()


@asynccontextmanager
async def fleet_stores(
    settings: PlatformSettings, db: Database, codec: Codec, listener: Listening
) -> AsyncGenerator[FleetStores]:
    """Stores over an open database, while the block lasts; `listener` hears its notices."""
    async with AsyncExitStack() as stack:
        flights = PostgresFlights(db)
        await flights.open(listener)
        stack.push_async_callback(flights.close)
        ledger = DatabaseLedger(db)
        await stack.enter_async_context(_writing(ledger))  # ends after the last call was charged
        redis = await _redis(settings, stack)
        durable = DurableTier(db, flights=flights, tells=redis is None)
        tiers: list[SharedTier] = [durable] if redis is None else [redis.tier, durable]
        memory = Memory(settings.cache.memory_mb * _MEGABYTE)
        ttl_seconds = settings.cache.ttl_seconds
        cache = Cache(memory, tiers=tiers, codec=codec, ttl_seconds=ttl_seconds)
        await cache.open(listener if redis is None else redis.listener)
        stack.push_async_callback(cache.close)
        stack.enter_context(used(cache))
        kept_budgets = PostgresStore(db)
        budgets = StandIn(kept_budgets if redis is None else redis.budgets)
        yield FleetStores(
            cache=cache,
            budgets=budgets,
            ledger=ledger,
            spending=_spending(settings.budgets, budgets),
            codec=codec,
            defaults=_defaults(settings),
            durable=durable,
            kept_budgets=kept_budgets,
            redis=None if redis is None else redis.link,
        )


async def _redis(settings: PlatformSettings, stack: AsyncExitStack) -> "RedisStores | None":
    address = settings.redis.address
    if address is None:
        return None
    from forthwith.platform.upstream import redis_stores  # noqa: PLC0415 - its module says why

    return await stack.enter_async_context(
        redis_stores.opened(address, settings.redis.max_connections)
    )


@asynccontextmanager
async def _writing(ledger: DatabaseLedger) -> AsyncGenerator[None]:
    """Charges are written meanwhile, and those that wait at the end as well if they can be."""
    async with _beside(ledger.run()):
        yield
    try:
        async with asyncio.timeout(_FLUSH_SECONDS):
            await ledger.flush()
    except _AWAY:
        log.exception("charges_not_written", waiting=ledger.waiting)


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _defaults(settings: PlatformSettings) -> CallDefaults:
    return CallDefaults(
        connect_seconds=settings.calls.connect_seconds,
        timeout_seconds=settings.calls.timeout_seconds,
        kept_seconds=settings.cache.result_ttl_seconds,
    )


def _spending(settings: BudgetSettings, store: BudgetStore) -> Spending:
    limits = SpendingLimits(
        per_owner=_micros(settings.per_owner),
        per_app={app: int(amount * _MICROS) for app, amount in settings.per_app.items()},
        currency=settings.currency,
        zone=settings.zone,
    )
    return Spending(limits, store)


def _micros(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * _MICROS)
