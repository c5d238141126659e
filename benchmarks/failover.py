"""From a key or vendor that is out to the next: `python -m benchmarks.failover [--quick] [--json]`.

The real SDKs over sockets, against the sandbox's Gemini and OpenAI in the same process, so that
a gap counts both sides: from the end of a refusal to the arrival of the next request, by the
sandbox's own clock. Then the walk that no user may notice: the first key of Gemini has no quota
left today, the second has to wait for seven seconds, OpenAI answers 500; this machine reads.
"""

import asyncio
import logging
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import httpx
import structlog
from pydantic import BaseModel

from benchmarks import database, harness
from benchmarks.harness import Goal, Report, Table
from benchmarks.processes import REPOSITORY
from forthwith.apps.cards.readers.cascade import Readers
from forthwith.apps.cards.readers.played import said
from forthwith.apps.cards.reading import local
from forthwith.apps.cards.settings import CardReaderSettings, Reader
from forthwith.integrations.llm.client import Models, Question
from forthwith.integrations.llm.settings import ModelSettings
from forthwith.integrations.llm.vendor import vendors
from forthwith.platform import loop
from forthwith.platform.db import Database
from forthwith.platform.pool import ProcessPool
from forthwith.platform.upstream import Stores, in_memory
from forthwith.platform.upstream.budgets import BudgetStore
from forthwith.platform.upstream.budgets.postgres_store import PostgresStore
from forthwith.platform.upstream.cache import Cache, Memory
from forthwith.platform.upstream.costs import MemoryLedger
from forthwith.platform.upstream.spending import Spending, SpendingLimits
from forthwith.platform.upstream.upstreams import Upstreams
from forthwith.sandbox.models import ModelsSandbox, models_sandbox, stored
from forthwith.sandbox.models import Reader as Answers

SWITCH_MS: Final = 20.0
_KEYS: Final = {True: 40, False: 200}
_PHOTO: Final = REPOSITORY / "examples" / "cards" / "taiwan.jpg"
_WAIT_SECONDS: Final = 7.0
_FORECAST_SECONDS: Final = 0.3
"""For so long a limiter believes what it has seen last, whatever a person says of a key."""


@dataclass(frozen=True, slots=True)
class Switches:
    """Seconds of each, and of processor time for one on both sides together."""

    gaps: Sequence[float]
    processor: float

    @property
    def milliseconds(self) -> float:
        """The median."""
        return statistics.median(self.gaps) * 1000

    def row(self) -> list[str]:
        """Cells of a table."""
        cuts = statistics.quantiles(self.gaps, n=20, method="inclusive")
        figures = (statistics.median(self.gaps), cuts[-1], max(self.gaps), self.processor)
        return [str(len(self.gaps)), *(f"{each * 1000:.2f}" for each in figures)]


class Word(BaseModel):
    """The shortest form of an answer."""

    word: str


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it by position
    """Gaps between refusals and next requests, and the walk."""
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet)
    with database.disk_folder() as folder, database.database_server(folder) as server:
        dsn = database.make_database(server, "failover")
        database.migrate(dsn)
        return loop.run(_measure(dsn, _KEYS[quick]))


async def _measure(dsn: str, switches: int) -> Report:
    db = Database(dsn)
    await db.open()
    try:
        gaps = {
            "next key, limits in this process": await _between_keys(switches, None),
            "next key, limits in PostgreSQL": await _between_keys(switches, PostgresStore(db)),
            "next vendor, limits in PostgreSQL": await _between_vendors(
                switches // 4, PostgresStore(db)
            ),
        }
    finally:
        await db.close()
    walk = [await _walk(is_ill=False), await _walk(is_ill=True)]
    return Report(
        name="Failover of keys and vendors",
        arrival="one question after another",
        versions=harness.versions("pydantic-ai-slim", "google-genai", "openai"),
        tables=[
            Table(
                "From a refusal to the next request, ms",
                ["to", "switch-overs", "p50", "p95", "longest", "processor"],
                [[name, *found.row()] for name, found in gaps.items()],
            ),
            Table(
                "First key out for the day, second told to wait 7 s",
                ["OpenAI", "read by", "model", "USD", "seconds", "asked, in order"],
                walk,
            ),
        ],
        goals=[
            Goal(f"{name}, p50", found.milliseconds, SWITCH_MS, "ms")
            for name, found in gaps.items()
        ],
    )


async def _between_keys(count: int, budgets: BudgetStore | None) -> Switches:
    """One question that meets so many keys without quota before one that has some."""
    keys = [f"key-{number}" for number in range(count + 1)]
    async with _asking(budgets, GOOGLE_API_KEY=",".join(keys)) as (models, sandbox, http):
        await models.ask(_question("warm"))
        used = (await _asked(http, sandbox.gemini_url))[0]["key"]
        spent = [key for key in keys if key != used]
        await _behave(http, sandbox.gemini_url, quota={"spent_keys": spent})
        began = time.process_time()
        await models.ask(_question("asked"))
        spent_seconds = time.process_time() - began
        entries = await _asked(http, sandbox.gemini_url)
    gaps = [later["began"] - former["ended"] for former, later in pairwise(entries[1:])]
    return Switches(gaps, spent_seconds / (count + 1))


async def _between_vendors(count: int, budgets: BudgetStore | None) -> Switches:
    """As many questions that Gemini has no quota for and OpenAI answers."""
    async with _asking(budgets) as (models, sandbox, http):
        await _behave(http, sandbox.gemini_url, quota={"spent_keys": ["sandbox"]})
        began = time.process_time()
        for number in range(count + 1):
            await asyncio.sleep(_FORECAST_SECONDS)
            await models.upstreams["gemini"].keys.reset("key-1")
            await models.ask(_question(str(number)))
        spent_seconds = time.process_time() - began
        refused = await _asked(http, sandbox.gemini_url)
        answered = await _asked(http, sandbox.openai_url)
    pairs = zip(refused[1:], answered[1:], strict=True)  # the first one opens a connection
    gaps = [to["began"] - since["ended"] for since, to in pairs]
    return Switches(gaps, spent_seconds / (count + 1))


async def _walk(*, is_ill: bool) -> list[str]:
    """A photo through the readers; a row of what became of it."""
    settings = CardReaderSettings().model_copy(update={"reader": Reader.MODEL})
    keys = {"GOOGLE_API_KEY": "first", "GOOGLE_API_KEY_FALLBACK": "second"}
    async with ProcessPool(1) as pool:
        await local.warm_up(pool)
        photo = await asyncio.to_thread(_PHOTO.read_bytes)
        answers = stored({}, await said(pool, photo))
        async with _asking(None, answers, **keys) as (models, sandbox, http):
            wait = {"per_minute": 0, "minute_seconds": _WAIT_SECONDS}
            await _behave(http, sandbox.gemini_url, quota={"spent_keys": ["first"], **wait})
            if is_ill:
                ill = [{"kind": "status", "status": 500}]
                await _behave(http, sandbox.openai_url, next_faults=ill)
            readers = Readers(pool, models, settings)
            began = time.monotonic()
            reading = await readers.read_at_once(photo)
            seconds = time.monotonic() - began
            entries = [
                *await _asked(http, sandbox.gemini_url),
                *await _asked(http, sandbox.openai_url),
            ]
    asked = ", ".join(f"{each['key']} {each['outcome']}" for each in entries)
    cost = f"{reading.cost_micros / 1_000_000:.6f}"
    ill_or_not = "answers 500" if is_ill else "answers"
    return [ill_or_not, reading.provider, reading.model or "-", cost, f"{seconds:.2f}", asked]


@asynccontextmanager
async def _asking(
    budgets: BudgetStore | None, answers: Answers | None = None, **settings: str
) -> AsyncIterator[tuple[Models, ModelsSandbox, httpx.AsyncClient]]:
    """Models over the sandbox."""
    async with (
        models_sandbox(answers or stored({}, '{"word": "yes"}')) as sandbox,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        patient = {"AI_WAIT_SECONDS": "60"} if answers is None else {}
        own = ModelSettings.model_validate({**sandbox.environment(), **patient, **settings})
        upstreams = Upstreams(vendors(own), _stores(budgets))
        models = Models(upstreams, own)
        try:
            yield models, sandbox, http
        finally:
            await models.close()
            await upstreams.close()


def _stores(budgets: BudgetStore | None) -> Stores:
    if budgets is None:
        return in_memory()
    return Stores(
        cache=Cache(Memory(1_000_000)),
        budgets=budgets,
        ledger=MemoryLedger(),
        spending=Spending(SpendingLimits(), budgets),
    )


def _question(text: str) -> Question[Word]:
    return Question(prompt="Say a word.", version="1", schema=Word, text=text)


async def _behave(http: httpx.AsyncClient, url: str, **knobs: Any) -> None:
    (await http.put(f"{url}/_sandbox/knobs", json=knobs)).raise_for_status()


async def _asked(http: httpx.AsyncClient, url: str) -> list[dict[str, Any]]:
    """What a vendor was asked, in order of arrival."""
    entries: list[dict[str, Any]] = (await http.get(f"{url}/_sandbox/log")).json()
    return sorted(entries, key=lambda entry: entry["number"])


if __name__ == "__main__":
    sys.exit(harness.main(measure))
