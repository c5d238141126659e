"""Limits that several processes keep together."""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from accounts import add_account
from cable import cable_to
from limiting import MINUTE, RUNS, calm, hits
from support import ENCRYPTION_KEY, JWT_SECRET

from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database, opened
from forthwith.platform.identity import shared_counts
from forthwith.platform.identity.shared_counts import DatabaseStore, SharedCounts, Taken
from forthwith.platform.identity.windows import Limit
from forthwith.platform.jobs.worker import housekeep


@contextmanager
def _processes(dsn: str, home: Path, count: int, **environment: str) -> Iterator[list[str]]:
    """URLs of API processes over one database."""
    script = Path(__file__).with_name("limited_process.py")
    given = {
        **os.environ,
        "DATABASE_URL": dsn,
        "ENCRYPTION_KEY": ENCRYPTION_KEY,
        "JWT_SECRET": JWT_SECRET,
        "FORTHWITH_HOME": str(home),
        **environment,
    }
    processes = [
        subprocess.Popen(
            [sys.executable, str(script)], env=given, stdout=subprocess.PIPE, text=True
        )
        for _ in range(count)
    ]
    try:
        yield [f"http://127.0.0.1:{_port(process)}" for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def _port(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip().isdigit():
            return int(line)
    raise AssertionError("it ended without a port")


async def _send(urls: list[str], key: str, requests: int, shares: list[float]) -> list[int]:
    """Statuses of requests, spread over the processes by these shares."""
    source = random.Random(11)  # noqa: S311 - who is asked
    targets = source.choices(urls, shares, k=requests)
    found: list[int] = []
    async with httpx.AsyncClient(headers={"X-API-Key": key}, timeout=30) as client:

        async def send(url: str) -> int:
            return (await client.get(url + RUNS)).status_code

        for start in range(0, requests, 20):
            batch = targets[start : start + 20]
            found += await asyncio.gather(*(send(url) for url in batch))
    return found


@pytest.mark.slow
@pytest.mark.timeout(180)  # three processes start, and wait for a fresh minute
async def test_three_processes_on_one_database_keep_a_limit_to_five_percent(
    db: Database, dsn: str, tmp_path: Path
) -> None:
    """However unevenly the requests come: evenly first, then most of them to one process."""
    with _processes(dsn, tmp_path, 3) as urls:
        for shares in ([1.0, 1.0, 1.0], [20.0, 1.0, 1.0]):
            key = f"fw_test-key-{shares[0]}"
            await add_account(db, key)
            await calm(60, needed=15)
            statuses = await _send(urls, key, 160, shares)

            assert set(statuses) <= {200, 429}
            assert 95 <= statuses.count(200) <= 100


class Asked(DatabaseStore):
    """The real one, that counts how often it is asked."""

    times = 0

    async def take(self, limit: Limit, subject: bytes, wanted: int) -> Taken:
        """Count one more."""
        self.times += 1
        return await super().take(limit, subject, wanted)


async def test_most_requests_ask_nobody(db: Database, codec: Codec) -> None:
    store = Asked(db)
    counts = SharedCounts(store, codec)
    await calm(60)

    await hits(counts, Limit("enterprise", 2000), "one", 1000)

    assert store.times <= 33


async def test_a_flood_of_addresses_makes_no_account_lose_its_slice(
    db: Database, codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_counts, "MOST", 10)
    store = Asked(db)
    counts, account = SharedCounts(store, codec), Limit("enterprise", 2000)
    await calm(60)
    await counts.hit(account, "one")
    for number in range(30):
        await counts.hit(Limit("address", 100), f"203.0.113.{number}")
    asked = store.times

    await hits(counts, account, "one", 20)

    assert store.times == asked


async def test_while_the_shared_counts_are_away_each_process_counts_for_itself(
    dsn: str, db: Database, codec: Codec
) -> None:
    async with cable_to(dsn) as cable, opened(Database(cable.dsn)) as far:
        counts = SharedCounts(DatabaseStore(far), codec)
        await counts.hit(MINUTE, "one")
        await cable.cut()
        away = await hits(counts, MINUTE, "two", 150)

    assert away == 100


async def test_counts_that_are_over_are_deleted(db: Database, codec: Codec) -> None:
    await SharedCounts(DatabaseStore(db), codec).hit(MINUTE, "one")
    await db.execute("update platform.request_counts set expires_at = now()")

    await housekeep(db)

    assert await db.fetch("select from platform.request_counts") == []
