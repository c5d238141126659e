"""Minutes of seeded faults under load, and the table of what they did.

    python tests/faults/soak.py --minutes 5 --seed 1 [--write docs/reliability.md]

Several workers and two APIs on an embedded PostgreSQL with every commit on the disk. About every
three seconds one fault: a worker or an API is killed, a worker is frozen past its lease, all
connections are ended, the database server is killed. When the time is over everything settles,
and the checker compares acknowledged orders, ledger and the paid vendor's book.
"""

import argparse
import asyncio
import logging
import os
import platform
import signal
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TypeAlias

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from checker import Report, check  # noqa: E402 - found through the path above
from fleet import (  # noqa: E402
    Fleet,
    Process,
    end_all_connections,
    eventually,
    freeze,
    make_database,
    make_template,
    thaw,
)
from nursery import Nursery  # noqa: E402
from order_load import Load  # noqa: E402
from postgres_clients import reachable_root  # noqa: E402

from forthwith.platform.postgres import EmbeddedServer  # noqa: E402

WORKERS = 3
APIS = 2
ORDERS_PER_SECOND = 4.0  # of each API
PAUSE_SECONDS = (1.5, 4.0)
FROZEN_SECONDS = (7.0, 11.0)  # the lease is 6 seconds
SETTLE_SECONDS = 300.0
BEGIN, END = "<!-- soak: made by tests/faults/soak.py -->", "<!-- /soak -->"

Fault: TypeAlias = Callable[[], Awaitable[None]]


class Soak:
    """One fleet under load, and the faults that it suffers."""

    def __init__(self, fleet: Fleet, server: EmbeddedServer, seed: int) -> None:
        self.suffered: Counter[str] = Counter()
        self._fleet = fleet
        self._server = server
        self._random = Random(seed)  # noqa: S311 - a seed, not a secret
        self._workers: list[Process] = []
        self._loads: list[tuple[Process, Load]] = []
        self._thawing: set[asyncio.Task[None]] = set()
        self._faults: dict[str, tuple[int, Fault]] = {
            "worker killed": (6, self._kill_worker),
            "worker frozen past its lease": (3, self._freeze_worker),
            "API killed": (2, self._kill_api),
            "all connections ended": (3, self._end_connections),
            "database server killed": (2, self._kill_server),
        }

    async def run(self, seconds: float) -> Report:
        """Order and suffer for `seconds`, settle, compare."""
        async with AsyncExitStack() as stack:
            self._workers = [self._fleet.worker() for _ in range(WORKERS)]
            for _ in range(APIS):
                await self._open_api(stack)
            await eventually(self._first_orders_done, within=120)
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                await self._suffer()
                await asyncio.sleep(self._random.uniform(*PAUSE_SECONDS))
        await asyncio.gather(*self._thawing)
        acknowledged = [run for _, load in self._loads for run in load.acknowledged]
        await self._fleet.ended(*acknowledged, within=SETTLE_SECONDS)
        return await check(self._fleet.db, self._fleet.book, acknowledged)

    async def _open_api(self, stack: AsyncExitStack) -> None:
        process, client = await self._fleet.api()
        await stack.enter_async_context(client)
        load = await stack.enter_async_context(Load(client, per_second=ORDERS_PER_SECOND))
        self._loads.append((process, load))

    async def _first_orders_done(self) -> bool:
        return len(await self._fleet.runs()) > ORDERS_PER_SECOND

    async def _suffer(self) -> None:
        names = list(self._faults)
        weights = [self._faults[name][0] for name in names]
        (name,) = self._random.choices(names, weights)
        await self._faults[name][1]()
        self.suffered[name] += 1

    async def _kill_worker(self) -> None:
        victim = self._random.choice(self._workers)
        victim.kill()
        self._workers.remove(victim)
        self._workers.append(self._fleet.worker())

    async def _freeze_worker(self) -> None:
        """Another one stands in meanwhile, and stays."""
        victim = self._random.choice(self._workers)
        freeze(victim)
        self._thawing.add(
            asyncio.create_task(_thaw_later(victim, self._random.uniform(*FROZEN_SECONDS)))
        )

    async def _kill_api(self) -> None:
        """Its people go on as soon as it is back on its port."""
        number = self._random.randrange(len(self._loads))
        process, load = self._loads[number]
        process.kill()
        self._loads[number] = (self._fleet.restart_api(process), load)

    async def _end_connections(self) -> None:
        await end_all_connections(self._fleet.dsn)

    async def _kill_server(self) -> None:
        pid = self._server.status().pid
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(self._random.uniform(0.0, 1.0))
        await asyncio.to_thread(self._server.ensure_running)


async def _thaw_later(process: Process, seconds: float) -> None:
    await asyncio.sleep(seconds)
    if process.runs:
        thaw(process)


async def soak(minutes: float, seed: int) -> tuple[Counter[str], Report]:
    """The whole soak on a server of its own; the faults suffered, and the report."""
    with (
        reachable_root() as root,
        EmbeddedServer.start_or_attach(root) as server,
        TemporaryDirectory(prefix="forthwith-soak-") as home,
        Nursery() as nursery,
    ):
        await make_template(server.dsn)
        dsn = await make_database(server.dsn, "soak")
        async with Fleet(dsn, Path(home), nursery) as fleet:
            suffering = Soak(fleet, server, seed)
            return suffering.suffered, await suffering.run(minutes * 60)


def table(minutes: float, seed: int, suffered: Counter[str], report: Report) -> str:
    """The result in Markdown."""
    rows = [*sorted(suffered.items()), ("**faults**", suffered.total()), *report.lines()]
    made = time.strftime("%Y-%m-%d", time.gmtime())
    command = f"python tests/faults/soak.py --minutes {minutes:g} --seed {seed}"
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    lines = [f"`{command}` on {made}, {machine}:", "", "| what | count |", "|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {count} |" for name, count in rows)])


def write(path: Path, result: str) -> None:
    """Put the table between its two marks."""
    before, _, rest = path.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n\n{result}\n\n{END}{after}")


def main() -> int:
    """Soak, print, write; 1 when a promise was broken."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=5.0)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--write", type=Path, help="the document whose table is replaced")
    chosen = arguments.parse_args()
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)  # that the server is away is known
    suffered, report = asyncio.run(soak(chosen.minutes, chosen.seed))
    result = table(chosen.minutes, chosen.seed, suffered, report)
    print(result)  # noqa: T201 - this is the command's answer
    if chosen.write is not None:
        write(chosen.write, result)
    return 0 if report.is_sound else 1


if __name__ == "__main__":
    sys.exit(main())
