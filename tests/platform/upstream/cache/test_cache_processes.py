"""One call for all processes, also when the one that makes it is killed or frozen."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cache_stores import SHARED
from callers import Callers
from redis import Redis as BlockingRedis
from support import REPOSITORY

HERE = Path(__file__).parent
LEASE_SECONDS = 1.5

pytestmark = pytest.mark.faults

BOTH = pytest.mark.parametrize("kind", SHARED, indirect=True)


class Fleet(Callers):
    """Processes with a cache."""

    def __init__(self, kind: str, address: str, folder: Path) -> None:
        path = os.pathsep.join([str(REPOSITORY / "tests"), str(REPOSITORY), str(HERE)])
        self._shared = (kind, address, folder / "paid")
        script = HERE / "cache_process.py"
        super().__init__(script, folder / "paid", {**os.environ, "PYTHONPATH": path})

    async def start_with(self, count: int, callers: int, load_seconds: float) -> None:
        """Start them, each with so many callers of a load that takes so long."""
        await self.start(count, *self._shared, callers, load_seconds, LEASE_SECONDS)


@pytest.fixture
async def fleet(kind: str, address: str, tmp_path: Path, opening: object) -> AsyncIterator[Fleet]:
    fleet = Fleet(kind, address, tmp_path)
    yield fleet
    fleet.end()


@BOTH
async def test_a_thousand_callers_in_four_processes_are_one_call(fleet: Fleet) -> None:
    await fleet.start_with(4, 250, load_seconds=0.5)
    fleet.go()

    assert await fleet.served() == [250] * 4
    assert len(fleet.payers()) == 1


@BOTH
async def test_a_load_that_outlasts_its_lease_stays_one_call(fleet: Fleet) -> None:
    await fleet.start_with(2, 50, load_seconds=2.5 * LEASE_SECONDS)
    fleet.go()

    assert await fleet.served() == [50] * 2
    assert len(fleet.payers()) == 1


@BOTH
@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_leader_that_dies_or_freezes_is_replaced_within_its_lease(
    fleet: Fleet, fault: signal.Signals
) -> None:
    await fleet.start_with(3, 50, load_seconds=0.8)
    fleet.go()
    leader = await fleet.leader()
    leader.send_signal(fault)
    hit_at = time.monotonic()
    served = await fleet.served(but=leader)

    assert served == [50] * 2
    assert len(fleet.payers()) == 2
    assert time.monotonic() - hit_at < LEASE_SECONDS + 0.8 + 3  # a loaded machine


@BOTH
async def test_a_leader_that_comes_back_late_is_served_and_hurts_nobody(fleet: Fleet) -> None:
    await fleet.start_with(3, 50, load_seconds=0.8)
    fleet.go()
    leader = await fleet.leader()
    leader.send_signal(signal.SIGSTOP)
    await asyncio.sleep(LEASE_SECONDS + 0.4)  # the next one is in the air
    leader.send_signal(signal.SIGCONT)

    assert await fleet.served() == [50] * 3
    assert len(fleet.payers()) == 2


@pytest.mark.parametrize("kind", ["redis"], indirect=True)
async def test_waiting_costs_redis_few_commands(fleet: Fleet, address: str) -> None:
    await fleet.start_with(2, 500, load_seconds=1.0)
    with BlockingRedis.from_url(address) as client:
        before = _commands(client)
        fleet.go()
        await fleet.served()
        used = {name: count - before.get(name, 0) for name, count in _commands(client).items()}

    set_up = ("hello", "info", "client", "ping", "config", "script", "subscribe", "unsubscribe")
    asked = {name: n for name, n in used.items() if n and not name.startswith(set_up)}
    renewals = 3 * asked.get("pexpire", 0)  # a slow machine needs more of them
    assert sum(asked.values()) - renewals <= 20, asked
    assert len(fleet.payers()) == 1


def _commands(client: "BlockingRedis") -> dict[str, int]:
    """Without those that failed: a script is called in vain once, before it is loaded."""
    stats = client.info("commandstats")
    return {
        name.removeprefix("cmdstat_"): each["calls"] - each["failed_calls"]
        for name, each in stats.items()
    }
