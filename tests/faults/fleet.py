"""Real processes over one real database, and what a test asks of them."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import asyncpg
import httpx
from fault_jobs import EFFECTS, JOBS
from fault_process import OWNER
from nursery import Nursery
from paid_vendor import BOOK, Entry, read_book
from support import API_KEY, ENCRYPTION_KEY, JWT_SECRET

from forthwith.migrations.upgrade import upgrade
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import Database
from forthwith.platform.jobs import Jobs
from forthwith.platform.jobs.engine import install
from forthwith.platform.jobs.worker import housekeep

START_SECONDS = 90.0  # imports and a database under load
TEMPLATE = "faults_template"
FAULT_PROCESS = "fault_process.py"
_DUE_NOW = """
update platform.runs set run_at = now() where id in (
  select id from platform.runs
  where state = 'queued' and run_at > now() and started_at is not null for update skip locked
)
"""
_TICKETS_DUE_NOW = """
update pgqueuer.pgqueuer set execute_after = now() where id in (
  select t.id from pgqueuer.pgqueuer t join platform.runs r on r.ticket = t.id
  where t.execute_after > now() and r.state = 'queued' and r.run_at <= now()
  for update of t skip locked
)
"""


class Process:
    """One process of the fleet."""

    def __init__(self, pid: int, poll: Callable[[], int | None], port: str | None = None) -> None:
        self.pid = pid
        self.port = port
        self._poll = poll

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._poll() is None

    def signal(self, number: int) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL, also to a frozen one, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        while self.runs:
            time.sleep(0.005)

    async def ended(self, within: float) -> int:
        """Its exit code; fails when it takes longer."""

        async def over() -> bool:
            return not self.runs

        await eventually(over, within=within)
        code = self._poll()
        assert code is not None
        return code


class Fleet:
    """Workers and APIs on one database, killed at the end whatever happened."""

    def __init__(self, dsn: str, home: Path, nursery: Nursery) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.dsn = dsn
        self.book = home / "paid.jsonl"
        self.processes: list[Process] = []
        self._home = home
        self._nursery = nursery
        self._environment = os.environ | {
            "DATABASE_URL": dsn,
            "ENCRYPTION_KEY": ENCRYPTION_KEY,
            "JWT_SECRET": JWT_SECRET,
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

    def command(self, *arguments: str, **environment: str) -> Process:
        """A `forthwith` process."""
        return self._born(["forthwith", *arguments], environment)

    def worker(self, **environment: str) -> Process:
        """A worker with the jobs of the fault suite."""
        return self._born([FAULT_PROCESS, "work"], environment)

    async def api(self) -> tuple[Process, httpx.AsyncClient]:
        """An API with the route /orders that answers, and a client of it."""
        process = self._born([FAULT_PROCESS, "serve"], {"PORT": _free_port()})
        return process, await self.client(process)

    def restart_api(self, ended: Process) -> Process:
        """The same once more, on the same port."""
        assert ended.port is not None
        return self._born([FAULT_PROCESS, "serve"], {"PORT": ended.port})

    async def serve(self) -> tuple[Process, httpx.AsyncClient]:
        """The real API, and a client of it."""
        process = self.command("serve", PORT=_free_port())
        return process, await self.client(process)

    async def client(self, process: Process) -> httpx.AsyncClient:
        """A client of an API, as its operator, once it answers."""
        url = f"http://127.0.0.1:{process.port}"
        await eventually(lambda: _answers(url), within=START_SECONDS)
        return httpx.AsyncClient(base_url=url, headers={"X-API-Key": API_KEY}, timeout=30)

    def _born(self, command: list[str], environment: dict[str, str]) -> Process:
        log = self._home / f"process-{len(self.processes)}.log"
        pid = self._nursery.start(command, self._environment | environment, log)
        born = Process(pid, partial(self._nursery.exit_code, pid), environment.get("PORT"))
        self.processes.append(born)
        return born

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

    async def hurry(self) -> None:
        """Let runs that were put off go on now; schedules keep their time."""
        for statement in (_DUE_NOW, _TICKETS_DUE_NOW):
            await self.db.execute(statement)

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


async def end_all_connections(dsn: str) -> None:
    """As an administrator may, and as a failover does."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    await connection.close()


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


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])
