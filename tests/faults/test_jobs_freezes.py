"""Processes and networks that stop without a word, and go on as if nothing had happened."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from cut_proxy import CutProxy
from fleet import START_SECONDS, Fleet, eventually, freeze, thaw

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

TAKEOVER_SECONDS = 45.0
SETTLED_SECONDS = 3.0  # two renewals, after which a thawed worker has noticed


async def test_a_worker_frozen_past_its_lease_finishes_nothing_more(fleet: Fleet) -> None:
    """Frozen between two steps: the other does the rest, the thawed one nothing."""
    fleet.worker()
    fleet.worker()
    run = await fleet.ask(steps=2, pause=2.0)
    await eventually(lambda: fleet.has_step(run, "pay-0"), within=START_SECONDS)
    frozen = fleet.holder(run)
    freeze(frozen)
    (ended,) = await fleet.ended(run, within=TAKEOVER_SECONDS)
    thaw(frozen)
    await asyncio.sleep(SETTLED_SECONDS)

    assert frozen.runs
    assert (ended["state"], ended["takeovers"]) == ("succeeded", 1)
    assert await fleet.run(run) == ended
    assert [call.step for call in fleet.paid(run)] == ["pay-0", "pay-1"]
    assert await fleet.effects(run) == ["ordered"]


async def test_the_answer_that_a_frozen_worker_paid_for_is_kept(fleet: Fleet) -> None:
    """It was paid for before the other worker's own call ends: whoever is first is recorded."""
    fleet.worker()
    fleet.worker()
    run = await fleet.ask(steps=1, seconds=4.0)
    await eventually(lambda: fleet.has_called(run), within=START_SECONDS)
    frozen = fleet.holder(run)
    freeze(frozen)

    async def called_again() -> bool:
        return len(fleet.paid(run)) == 2

    await eventually(called_again, within=TAKEOVER_SECONDS)
    thaw(frozen)  # its call is answered at once, four seconds before the other one
    (ended,) = await fleet.ended(run, within=TAKEOVER_SECONDS)
    first_call = fleet.paid(run)[0]
    assert ended["state"] == "succeeded"
    assert await fleet.step_result(run, "pay-0") == first_call.call
    assert fleet.paid(run)[1].pid != first_call.pid
    assert await fleet.effects(run) == ["ordered"]


@pytest.fixture
async def proxy(fleet: Fleet) -> AsyncIterator[CutProxy]:
    """A network between the workers and the database that can be cut."""
    async with CutProxy(fleet.dsn) as opened:
        yield opened


async def test_what_was_asked_for_while_nobody_listened_begins_soon(
    fleet: Fleet, proxy: CutProxy
) -> None:
    """Only the listener is deaf: its probe notices, and everything is looked at again."""
    fleet.worker(DATABASE_URL=proxy.dsn)
    first = await fleet.ask(steps=1)
    await fleet.ended(first, within=START_SECONDS)
    cut = proxy.cut(only_listeners=True)
    run = await fleet.ask(steps=1)
    (ended,) = await fleet.ended(run, within=20.0)

    waited = (ended["started_at"] - ended["created_at"]).total_seconds()
    assert cut == 1
    assert waited < 8.0
