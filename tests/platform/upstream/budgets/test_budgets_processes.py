"""Two real processes on one Redis or PostgreSQL: together they get the limit, not more."""

import asyncio
import json
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import budget_process
import pytest

from forthwith.platform.db import Database
from forthwith.platform.upstream.budgets import Cost, Limits
from forthwith.platform.upstream.budgets.accounts import SHARED, Account, Blocked, Grant, Pool
from forthwith.platform.upstream.budgets.postgres_store import PostgresStore

RATE = 50
BURST = 5


def _together(kind: str, where: str) -> list[dict[str, Any]]:
    """What two processes were granted, both beginning at the same moment."""
    command = [sys.executable, budget_process.__file__, kind, where]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    path = os.pathsep.join([str(Path("src").resolve()), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path}
    processes = [subprocess.Popen(command, env=environment, **pipes) for _ in range(2)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    begin = f"{time.time() + 0.2}\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(begin)
        process.stdin.flush()
    return [json.loads(process.communicate(timeout=30)[0]) for process in processes]


def _check(found: list[dict[str, Any]]) -> None:
    moments = sorted(moment for each in found for moment in each["moments"])
    granted = len(moments)
    assert all(each["tickets"] for each in found)
    seconds = moments[-1] - moments[0]
    assert granted <= RATE * seconds * 1.01 + BURST + 1
    assert granted >= RATE * seconds * 0.9  # a machine that is busy elsewhere may lose some
    for start in moments[:: RATE // 5]:
        assert sum(start <= each < start + 1 for each in moments) <= RATE + BURST + 1
    for each in found:
        assert all(one < other for one, other in pairwise(each["tickets"]))


@pytest.mark.slow
@pytest.mark.redis
def test_two_processes_share_a_rate_through_redis(redis_socket: str) -> None:
    _check(_together("redis", redis_socket))


@pytest.mark.slow
def test_two_processes_share_a_rate_through_postgres(db: Database) -> None:
    _check(_together("postgres", db.dsn))


async def test_two_connections_take_exactly_the_limit_through_postgres(
    db: Database, dsn: str
) -> None:
    other = Database(dsn)
    await other.open()
    pool = Pool("vendor", Account(SHARED, Limits(rpm=37).parts()))
    stores = [PostgresStore(db), PostgresStore(other)]
    outcomes = await asyncio.gather(*(stores[n % 2].take(pool, Cost()) for n in range(80)))
    await other.close()

    assert sum(isinstance(each, Grant) for each in outcomes) == 37
    assert sum(isinstance(each, Blocked) for each in outcomes) == 43
