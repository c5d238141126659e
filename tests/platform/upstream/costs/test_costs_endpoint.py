"""`/costs` over the real server."""

import httpx
from accounts import STRANGERS_KEY, add_account
from support import API_KEY

from forthwith.platform.db import Database
from forthwith.platform.identity import find_principal
from forthwith.platform.runtime import Runtime
from forthwith.platform.upstream.costs import Charge, Outcome, Source


async def _spend(runtime: Runtime) -> None:
    """One call and one saved one, of the operator."""
    principal = await find_principal(runtime.db, API_KEY)
    assert principal is not None
    common = {"vendor": "metered", "operation": "answer", "outcome": Outcome.ANSWERED}
    owned = {"owner": principal.owner, "app": "cards", "micros": 2_000}
    runtime.stores.ledger.add(Charge(**common, **owned))
    runtime.stores.ledger.save(Charge(**common, **owned, source=Source.REDIS))
    await runtime.stores.ledger.flush()


async def test_costs_are_told_in_the_envelope(runtime: Runtime, api: httpx.AsyncClient) -> None:
    await _spend(runtime)
    answer = await api.get("/api/v1/costs", params={"by": "vendor"})

    assert answer.status_code == 200
    assert answer.json()["data"]["by"] == "vendor"
    (line,) = answer.json()["data"]["items"]
    assert (line["group"], line["calls"], line["micros"]) == ("metered", 1, 2_000)
    assert (line["saved_calls"], line["saved_micros"]) == (1, 2_000)


async def test_nobody_sees_the_costs_of_others(
    runtime: Runtime, api: httpx.AsyncClient, db: Database
) -> None:
    await _spend(runtime)
    await add_account(db)
    strange = await api.get("/api/v1/costs", headers={"X-API-Key": STRANGERS_KEY})

    assert strange.json()["data"]["items"] == []


async def test_costs_need_their_scope(api: httpx.AsyncClient, db: Database) -> None:
    await add_account(db, STRANGERS_KEY, "cards:read")
    answer = await api.get("/api/v1/costs", headers={"X-API-Key": STRANGERS_KEY})

    assert answer.status_code == 403


async def test_an_unknown_sum_is_refused_with_its_place(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/v1/costs", params={"by": "weather", "days": 0})

    assert answer.status_code == 422
    assert {each["pointer"] for each in answer.json()["errors"]} == {"query/by", "query/days"}
