"""Budgets of money, what limits learn, whose run it is: what else stands before a call."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
from paid_sandbox import PRICE, Sandbox, answering, keys, sandbox

from forthwith.platform import context, ids
from forthwith.platform.errors import LeaseLost, TooMany
from forthwith.platform.runtime import Runtime
from forthwith.platform.upstream import (
    Attempt,
    BudgetSpent,
    Limits,
    SpendingLimits,
    Stores,
    Upstream,
    Vendor,
    in_memory,
)
from forthwith.platform.upstream.budgets import BudgetStore, MemoryStore
from forthwith.platform.upstream.spending import Spending

ANN, BOB = ids.new(), ids.new()


@pytest.fixture
async def vendor() -> AsyncIterator[Sandbox]:
    async with sandbox() as opened:
        yield opened


@pytest.fixture(params=["memory", "postgres"])
def budgets(request: pytest.FixtureRequest) -> BudgetStore:
    """Where budgets are kept: in the process, or for a fleet."""
    if request.param == "memory":
        return MemoryStore()
    runtime: Runtime = request.getfixturevalue("runtime")
    return runtime.stores.budgets


@contextmanager
def run_of(owner: UUID, ensure_held: Any = lambda: None) -> Any:
    """As inside a run of this owner."""
    token = context.run.set(context.RunContext(ids.new(), "cards.read", owner, ensure_held))
    try:
        yield
    finally:
        context.run.reset(token)


async def test_what_was_taken_is_replaced_by_what_was_spent(budgets: BudgetStore) -> None:
    spending = Spending(SpendingLimits(per_owner=1_000), budgets)
    for _ in range(5):
        reservation = await spending.reserve("cards", ANN, 600)
        reservation.spent = 100
        await reservation.settle()
    await spending.reserve("cards", ANN, 500)
    with pytest.raises(BudgetSpent):
        await spending.reserve("cards", ANN, 1)


async def test_what_is_reserved_is_not_spent_twice(budgets: BudgetStore) -> None:
    spending = Spending(SpendingLimits(per_owner=1_000), budgets)
    taken = await asyncio.gather(
        *(spending.reserve("cards", ANN, 300) for _ in range(10)), return_exceptions=True
    )

    assert sum(isinstance(each, BudgetSpent) for each in taken) == 7


async def test_each_owner_and_each_application_has_a_budget_of_its_own(
    budgets: BudgetStore,
) -> None:
    spending = Spending(SpendingLimits(per_owner=1_000, per_app={"cards": 1_500}), budgets)
    await spending.reserve("cards", ANN, 1_000)
    with pytest.raises(BudgetSpent, match="this account"):
        await spending.reserve("orders", ANN, 1)
    with pytest.raises(BudgetSpent, match="cards"):
        await spending.reserve("cards", BOB, 1_000)
    await spending.reserve("orders", BOB, 1_000)


async def test_what_a_refused_reservation_took_is_given_back(budgets: BudgetStore) -> None:
    """The application's money is not gone because the owner has none."""
    spending = Spending(SpendingLimits(per_owner=100, per_app={"cards": 1_000}), budgets)
    await spending.reserve("cards", ANN, 100)
    for _ in range(20):
        with pytest.raises(BudgetSpent):
            await spending.reserve("cards", ANN, 100)
    await spending.reserve("cards", BOB, 100)


async def test_schedules_spend_for_no_owner(budgets: BudgetStore) -> None:
    spending = Spending(SpendingLimits(per_owner=100), budgets)
    for _ in range(3):
        await spending.reserve("cards", UUID(int=0), 100)


async def test_a_hundred_callers_spend_no_more_than_allowed(vendor: Sandbox) -> None:
    stores = in_memory(SpendingLimits(per_owner=10 * PRICE.per_call))
    async with answering(vendor.url, stores, of=keys(2)) as answers:
        with run_of(ANN):
            asked = [answers.ask("" if number else "-", is_kept=False) for number in range(100)]
            ended = await asyncio.gather(*asked, return_exceptions=True)

    assert sum(isinstance(each, str) for each in ended) in {9, 10}
    assert all(isinstance(each, str | BudgetSpent) for each in ended)


async def test_a_run_that_was_lost_calls_nobody(vendor: Sandbox) -> None:
    def lost() -> None:
        raise LeaseLost("another worker has it")

    stores = in_memory()
    async with answering(vendor.url, stores, of=keys(1, Limits(rpm=1))) as answers:
        with run_of(ANN, lost), pytest.raises(LeaseLost):
            await answers.ask("abc")
        with run_of(BOB):
            assert await answers.ask("abc") == "cba"

    assert len(await vendor.log()) == 1


async def test_a_lost_run_takes_nobody_along(vendor: Sandbox) -> None:
    def lost() -> None:
        raise LeaseLost("another worker has it")

    async with answering(vendor.url, in_memory()) as answers:
        with run_of(ANN, lost):
            leading = asyncio.create_task(answers.ask("abc"))
        with run_of(BOB):
            waiting = asyncio.create_task(answers.ask("abc"))
        with pytest.raises(LeaseLost):
            await leading

        assert await waiting == "cba"


async def test_what_headers_tell_of_a_limit_is_believed() -> None:
    """The vendor knows of calls that we did not make."""

    async def send(attempt: Attempt) -> str:
        headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "45s"}
        attempt.check(httpx.Response(200, headers=headers))
        return "answered"

    vendor = Vendor(name="told", keys=keys(1, Limits(rpm=60)))
    upstream = Upstream(vendor, in_memory())
    await upstream.call("answer", send)
    with pytest.raises(TooMany) as early:
        await upstream.call("answer", send, within=5)

    assert early.value.retry_after == pytest.approx(45, abs=2)


async def test_the_ledger_says_which_tier_saved_a_call(vendor: Sandbox, runtime: Runtime) -> None:
    """Memory here, the database for another process."""
    stores: Stores = runtime.stores
    await runtime.listener.connected.wait()
    async with answering(vendor.url, stores) as answers:
        for _ in range(2):
            await answers.ask("abc")
        stores.cache._memory.clear()
        await answers.ask("abc")
    await runtime.stores.ledger.flush()
    rows = await runtime.db.fetch("select source, calls from platform.costs order by source")

    assert [tuple(row) for row in rows] == [("memory", 1), ("postgres", 1), ("vendor", 1)]


async def test_old_answers_and_charges_are_tidied_up(vendor: Sandbox, runtime: Runtime) -> None:
    async with answering(vendor.url, runtime.stores) as answers:
        await answers.ask("abc")
    await runtime.stores.ledger.flush()
    await runtime.db.execute("update platform.costs set created_at = now() - interval '9 years'")
    await runtime.db.execute("update platform.cached_values set expires_at = now()")
    await runtime.stores.tidy(runtime.settings)

    assert await runtime.db.fetch("select id from platform.costs") == []
    assert await runtime.db.fetch("select key from platform.cached_values") == []
