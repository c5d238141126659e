"""Claims straight from a run table: the least a durable run of one step can cost here.

No retries, no queues, no cancel, no events, no sealing: the limit, not an engine to use.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import asyncpg

from benchmarks.peers import protocol
from benchmarks.peers.protocol import Engine, Enqueue

RENEW_SECONDS = 1.5
LOOK_SECONDS = 2.0  # for leases that are over; new runs wake us at once

_TABLES = """
create table notes (id uuid primary key, text varchar not null);
create table runs (
  id uuid primary key, state varchar not null default 'queued', args text not null,
  holder uuid, lease_until timestamptz, created_at timestamptz not null default now()
);
create index on runs (created_at) where state <> 'done';
create table steps (run uuid, name varchar, result bytea not null, primary key (run, name))
"""
_ENQUEUE = """
with note as (insert into notes (id, text) values ($1, 'a note')),
run as (insert into runs (id, args) values ($1, $2))
select pg_notify('runs', '')
"""
_CLAIM = """
update runs set state = 'running', holder = $1, lease_until = now() + interval '6 s'
where id in (
  select id from runs
  where state = 'queued' or state = 'running' and lease_until < now()
  order by created_at limit $2 for update skip locked
) returning id, args
"""
_RENEW = """
update runs set lease_until = now() + interval '6 s' where holder = $1 and state = 'running'
"""
_STEP = """
insert into steps (run, name, result)
select id, 'note', $3 from runs where id = $1 and holder = $2 and state = 'running'
on conflict do nothing
"""
_DONE = "update runs set state = 'done', holder = null where id = $1 and holder = $2"


def prepare() -> None:
    """The tables."""
    asyncio.run(_prepare())


async def _prepare() -> None:
    connection = await asyncpg.connect(protocol.DSN)
    await connection.execute(_TABLES)
    await connection.close()


def work() -> None:
    """Claim as many runs as there are free slots, again and again."""
    asyncio.run(_work())


async def _work() -> None:
    async with asyncpg.create_pool(protocol.DSN, min_size=5, max_size=15) as pool:
        worker = _Worker(pool)
        listener = await asyncpg.connect(protocol.DSN)
        await listener.add_listener("runs", lambda *_: worker.wake.set())
        async with asyncio.TaskGroup() as group:
            group.create_task(worker.renew())
            await worker.claim(group)


class _Worker:
    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool
        self._free = protocol.CONCURRENCY
        self._token = uuid4()
        self.wake = asyncio.Event()

    async def claim(self, group: asyncio.TaskGroup) -> None:
        while True:
            self.wake.clear()
            rows = []
            if self._free:
                rows = await self._pool.fetch(_CLAIM, self._token, self._free)
            self._free -= len(rows)
            for row in rows:
                group.create_task(self._run(row["id"], row["args"]))
            if not rows:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.wake.wait(), LOOK_SECONDS)

    async def renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            await self._pool.execute(_RENEW, self._token)

    async def _run(self, run: UUID, args: str) -> None:
        due, hold = json.loads(args)
        protocol.started(due)
        if hold:
            await asyncio.sleep(hold)
        await self._pool.execute(_STEP, run, self._token, b"true")
        await self._pool.execute(_DONE, run, self._token)
        self._free += 1
        self.wake.set()


@asynccontextmanager
async def opened() -> AsyncIterator[Enqueue]:
    """A business row and its run in one statement."""
    async with asyncpg.create_pool(protocol.DSN, min_size=5, max_size=15) as pool:

        async def enqueue(due: float, hold: float) -> None:
            await pool.execute(_ENQUEUE, uuid4(), json.dumps([due, hold]))

        yield enqueue


if __name__ == "__main__":
    protocol.main(Engine(prepare, work, opened))
