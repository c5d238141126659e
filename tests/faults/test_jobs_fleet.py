"""What several processes promise together: caps, keys, delays, limits, an orderly end."""

import asyncio
import signal
from datetime import timedelta
from random import Random

import httpx
import pytest
from fault_process import MAX_TAKEOVERS
from fleet import START_SECONDS, Fleet, eventually
from paid_vendor import read_book

from forthwith.platform import clock

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

DRAIN_SECONDS = 2.0
SLOW_MACHINE_SECONDS = 10.0


async def test_a_run_that_kills_every_worker_is_given_up_and_told_once(fleet: Fleet) -> None:
    """Two takeovers are allowed here, ten outside; the fourth worker gives it up."""
    workers = [fleet.worker(**{MAX_TAKEOVERS: "2"}) for _ in range(4)]
    run = await fleet.ask("fault.poison")
    (ended,) = await fleet.ended(run, within=150)
    healthy = await fleet.ask(steps=1)
    (done,) = await fleet.ended(healthy, within=START_SECONDS)

    assert (ended["state"], ended["takeovers"], ended["attempt"]) == ("failed", 2, 0)
    assert await fleet.effects(run) == ["told"]
    assert [worker.runs for worker in workers].count(True) == 1
    assert done["state"] == "succeeded"


async def test_a_run_that_hangs_ends_at_its_time_limit(fleet: Fleet) -> None:
    worker = fleet.worker()
    run = await fleet.ask("fault.hang")
    (ended,) = await fleet.ended(run, within=START_SECONDS)

    assert (ended["state"], ended["attempt"], ended["takeovers"]) == ("failed", 2, 0)
    assert await fleet.effects(run) == ["told"]
    assert worker.runs


async def test_a_cap_holds_over_three_processes(fleet: Fleet) -> None:
    runs = [await fleet.ask("fault.capped", seconds=0.4) for _ in range(18)]
    for _ in range(3):
        fleet.worker()
    await fleet.ended(*runs, within=START_SECONDS + 30)
    now, most, processes = 0, 0, set()
    for entry in read_book(fleet.book):
        now += 1 if entry.word == "start" else -1
        most = max(most, now)
        processes.add(entry.pid)

    assert most == 3
    assert len(processes) >= 2


async def test_one_key_makes_one_run_however_many_ask_at_once(fleet: Fleet) -> None:
    """Two APIs, twenty requests each, at the same moment."""
    (_, one), (_, other) = await asyncio.gather(fleet.api(), fleet.api())
    async with one, other:
        order = {"steps": 1, "unique": "the same order"}

        async def ask(client: httpx.AsyncClient) -> str:
            answer = await client.post("/orders", json=order)
            return str(answer.json()["id"])

        answers = await asyncio.gather(*(ask(client) for client in (one, other) * 20))
    fleet.worker()
    rows = await fleet.ended(within=START_SECONDS)

    assert set(answers) == {str(row["id"]) for row in rows}
    assert len(rows) == 1


async def test_a_delayed_run_begins_when_it_is_due(fleet: Fleet) -> None:
    fleet.worker()
    await fleet.ended(await fleet.ask(steps=1), within=START_SECONDS)
    seeded = Random(5)  # noqa: S311 - a seed, not a secret
    delays = [seeded.uniform(0.2, 3.0) for _ in range(10)]
    runs = [
        await fleet.ask(steps=1, run_at=clock.now() + timedelta(seconds=delay)) for delay in delays
    ]
    rows = await fleet.ended(*runs, within=START_SECONDS)
    late = sorted((row["started_at"] - row["run_at"]).total_seconds() for row in rows)

    assert late[0] >= 0
    assert late[5] < 0.5  # 0.05 s on an idle machine
    assert late[-1] < 2.0


async def test_a_worker_told_to_stop_finishes_what_it_can_and_gives_the_rest_back(
    fleet: Fleet,
) -> None:
    """No try is used, nobody waits for a lease, and no call is cut that ends in time."""
    worker = fleet.worker(WORKER_DRAIN_SECONDS=str(DRAIN_SECONDS))
    short, long = await fleet.ask(steps=1, seconds=1.0), await fleet.ask(steps=1, pause=30.0)
    for run in (short, long):
        await eventually(lambda run=run: fleet.has_called(run), within=START_SECONDS)  # type: ignore[misc]
    worker.signal(signal.SIGTERM)
    code = await worker.ended(within=DRAIN_SECONDS + SLOW_MACHINE_SECONDS)
    finished, given_back = await fleet.runs(short, long)

    assert code == 0
    assert (finished["state"], finished["attempt"]) == ("succeeded", 0)
    assert (given_back["state"], given_back["holder"]) == ("queued", None)
    assert (given_back["attempt"], given_back["takeovers"]) == (0, 0)
    assert await fleet.has_step(long, "pay-0")
    assert len(fleet.paid(short)) == 1
