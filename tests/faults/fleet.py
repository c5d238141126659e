"""Real processes over one real database, and what a test asks of them."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import asyncpg
import httpx
from fault_jobs import EFFECTS, JOBS
from fault_process import OWNER
from paid_vendor import BOOK, Entry, read_book
from support import API_KEY, ENCRYPTION_KEY

from forthwith.migrations.upgrade import upgrade
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import Database
from forthwith.platform.jobs import Jobs
from forthwith.platform.jobs.engine import install
from forthwith.platform.jobs.worker import housekeep

HERE = Path(__file__).parent
START_SECONDS = 60.0  # a Python process on a loaded machine
TEMPLATE = "faults_template"


class Process:
    """One process of the fleet; what it says goes to a file."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as said:
            self._process = subprocess.Popen(
                [sys.executable, *command],
                env=dict(environment),
                stdout=said,
                stderr=subprocess.STDOUT,
            )
        self.pid = self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def signal(self, number: int) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL, also to a frozen one, and collect it."""
        self._process.kill()
        self._process.wait(timeout=30)

    async def ended(self, within: float) -> int:
        """Its exit code; fails when it takes longer."""
        return await asyncio.to_thread(self._process.wait, within)


class Fleet:
    """Workers and APIs on one database, killed at the end whatever happened."""

    def __init__(self, dsn: str, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.dsn = dsn
        self.book = home / "paid.jsonl"
        self.processes: list[Process] = []
        self._home = home
        self._environment = os.environ | {
            "DATABASE_URL": dsn,
            "ENCRYPTION_KEY": ENCRYPTION_KEY,
            "API_KEY": API_KEY,
            "FORTHWITH_HOME": str(home),
            "CPU_PROCESSES": "1",
            BOOK: str(self.book),
        }
        self._codec = Codec([bytes.fromhex(ENCRYPTION_KEY)])
        self.db = Database(dsn, pool_size=2)
        self.jobs = Jobs(self.db, self._codec, JOBS, ())

    async def __aenter__(self) -> Self:
        await self.db.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in self.processes:
            if process.runs:
                process.kill()
        await self.db.close()

    def start(self, *command: str, **environment: str) -> Process:
        """Start a process: `python *command` with more environment."""
        log = self._home / f"process-{len(self.processes)}.log"
        process = Process(list(command), self._environment | environment, log)
        self.processes.append(process)
        return process

    def worker(self, **environment: str) -> Process:
        """A worker with the jobs of the fault suite."""
        return self.start(str(HERE / "fault_process.py"), "work", **environment)

    async def api(self, *command: str) -> tuple[Process, httpx.AsyncClient]:
        """An API that answers, and a client of it; by default with the route /orders."""
        port = _free_port()
        arguments = command or (str(HERE / "fault_process.py"), "serve")
        process = self.start(*arguments, PORT=str(port))
        url = f"http://127.0.0.1:{port}"
        await eventually(lambda: _answers(url), within=START_SECONDS)
        return process, httpx.AsyncClient(base_url=url, headers={"X-API-Key": API_KEY}, timeout=30)

    async def ask(
        self, name: str = "fault.order", *, run_at: datetime | None = None, **args: Any
    ) -> UUID:
        """Queue a run directly, as an API would."""
        async with self.db.transaction() as session:
            return await self.jobs.enqueue(session, name, args, owner=OWNER, run_at=run_at)

    async def runs(self, *ids: UUID) -> list[asyncpg.Record]:
        """These rows of the ledger, or all, in the order of their making."""
        return await self.db.fetch(
            "select * from platform.runs where $1 or id = any($2) order by id", not ids, ids
        )

    async def run(self, run: UUID) -> asyncpg.Record:
        """One row of the ledger."""
        return (await self.runs(run))[0]

    async def ended(self, *ids: UUID, within: float) -> list[asyncpg.Record]:
        """These runs (all without ids) once none of them is under way."""

        async def over() -> bool:
            return all(row["state"] not in {"queued", "running"} for row in await self.runs(*ids))

        await eventually(over, within=within)
        return await self.runs(*ids)

    async def has_step(self, run: UUID, name: str) -> bool:
        """Whether a step is recorded."""
        sql = "select 1 from platform.steps where run = $1 and name = $2"
        return await self.db.fetchrow(sql, run, name) is not None

    async def step_result(self, run: UUID, name: str) -> object:
        """What a step gave."""
        sql = "select result from platform.steps where run = $1 and name = $2"
        row = await self.db.fetchrow(sql, run, name)
        assert row is not None
        return self._codec.open(row["result"], place("platform.steps", "result", f"{run}|{name}"))

    async def effects(self, run: UUID) -> list[str]:
        """What people saw of a run."""
        rows = await self.db.fetch("select kind from effects where run = $1 order by at", run)
        return [row["kind"] for row in rows]

    def paid(self, run: UUID, step: str | None = None) -> list[Entry]:
        """Calls that began for a run."""
        return [
            entry
            for entry in read_book(self.book)
            if entry.word == "start" and entry.run == str(run) and step in {None, entry.step}
        ]

    async def has_called(self, run: UUID) -> bool:
        """Whether a paid call began for it."""
        return bool(self.paid(run))

    def holder(self, run: UUID) -> Process:
        """The process that made the newest call of a run."""
        pid = self.paid(run)[-1].pid
        return next(each for each in self.processes if each.pid == pid)


async def eventually(
    condition: Callable[[], Awaitable[bool]], *, within: float, every: float = 0.02
) -> float:
    """Wait until it holds; after how many seconds. Fails when it takes longer."""
    begun = time.monotonic()
    while not await condition():
        assert time.monotonic() - begun < within, f"it did not happen within {within} s"
        await asyncio.sleep(every)
    return time.monotonic() - begun


def freeze(process: Process) -> None:
    """SIGSTOP: it neither works nor notices."""
    process.signal(signal.SIGSTOP)


def thaw(process: Process) -> None:
    """SIGCONT: it goes on as if nothing had happened."""
    process.signal(signal.SIGCONT)


async def make_template(server_dsn: str) -> None:
    """A migrated database that test databases are copied from."""
    connection = await asyncpg.connect(server_dsn)
    await connection.execute(f"create database {TEMPLATE}")
    await connection.close()
    db = Database(with_database(server_dsn, TEMPLATE))
    await upgrade(db.connect, install)
    await housekeep(db)
    made = await db.connect()
    await made.execute(EFFECTS)
    await made.close()


async def make_database(server_dsn: str, name: str) -> str:
    """A fresh copy of the template; its address."""
    connection = await asyncpg.connect(server_dsn)
    await connection.execute(f"create database {name} template {TEMPLATE}")
    await connection.close()
    return with_database(server_dsn, name)


def with_database(server_dsn: str, name: str) -> str:
    """The address of another database on the same server."""
    head, _, query = server_dsn.partition("?")
    return f"{head.rpartition('/')[0]}/{name}?{query}"


async def _answers(url: str) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(f"{url}/health")).is_success
        except httpx.TransportError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
