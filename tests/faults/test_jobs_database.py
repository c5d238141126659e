"""The database is killed, restarted and cut off while people order and workers pay."""

import asyncio
import os
import signal
import time

import pytest
from checker import check
from fleet import START_SECONDS, Fleet, end_all_connections, eventually
from order_load import Load

from forthwith.platform.postgres import EmbeddedServer

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

AWAY_SECONDS = 20.0
SETTLE_SECONDS = 90.0


async def _under_way(fleet: Fleet, load: Load, orders: int) -> None:
    async def enough() -> bool:
        return len(load.acknowledged) >= orders

    await eventually(enough, within=START_SECONDS)


async def test_the_database_server_is_killed_under_load(
    fleet: Fleet, durable_server: EmbeddedServer
) -> None:
    fleet.worker()
    fleet.worker()
    _, client = await fleet.api()
    async with client, Load(client, per_second=20) as load:
        await _under_way(fleet, load, 20)
        pid = durable_server.status().pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await eventually(lambda: _restarted(durable_server), within=START_SECONDS, every=0.2)
        await _under_way(fleet, load, len(load.acknowledged) + 20)
    await fleet.ended(*load.acknowledged, within=SETTLE_SECONDS)
    report = await check(fleet.db, fleet.book, load.acknowledged)

    assert report.is_sound, report
    assert all(process.runs for process in fleet.processes)


async def test_all_connections_are_ended_again_and_again(fleet: Fleet) -> None:
    """More often than a run has tries: an outage uses none."""
    fleet.worker()
    _, client = await fleet.api()
    async with client, Load(client, per_second=20) as load:
        await _under_way(fleet, load, 10)
        for _ in range(5):
            await end_all_connections(fleet.dsn)
            await asyncio.sleep(1.0)
    rows = await fleet.ended(*load.acknowledged, within=SETTLE_SECONDS)
    report = await check(fleet.db, fleet.book, load.acknowledged)

    assert report.is_sound, report
    assert {row["attempt"] for row in rows} == {0}


async def test_a_database_that_is_away_for_twenty_seconds_costs_nobody_anything(
    fleet: Fleet, durable_server: EmbeddedServer
) -> None:
    """Workers that live keep their runs: they could not renew, and nobody takes over for that."""
    fleet.worker()
    fleet.worker()
    _, client = await fleet.api()
    async with client, Load(client, per_second=20) as load:
        await _under_way(fleet, load, 20)
        await asyncio.to_thread(_stop, durable_server)
        await asyncio.sleep(AWAY_SECONDS)
        await asyncio.to_thread(durable_server.ensure_running)
        await _under_way(fleet, load, len(load.acknowledged) + 20)
    rows = await fleet.ended(*load.acknowledged, within=SETTLE_SECONDS)
    report = await check(fleet.db, fleet.book, load.acknowledged)

    assert report.is_sound, report
    assert report.in_flight_repeated == 0, report
    assert {row["attempt"] for row in rows} == {0}
    assert all(process.runs for process in fleet.processes)


async def _restarted(server: EmbeddedServer) -> bool:
    return await asyncio.to_thread(server.ensure_running)


def _stop(server: EmbeddedServer) -> None:
    """As an administrator's restart does: at once, and cleanly."""
    pid = server.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGINT)
    while server.status().pid is not None:
        time.sleep(0.05)
