"""What /health and people are told of vendors."""

from datetime import timedelta

import httpx
import pytest
from support import serving

from forthwith.platform import clock
from forthwith.platform.config import PlatformSettings
from forthwith.platform.db import Database
from forthwith.platform.errors import (
    Exhausted,
    ForthwithError,
    KeyRejected,
    Refused,
    TooMany,
    Transient,
    Unavailable,
    Unprocessable,
    UpstreamError,
)
from forthwith.platform.runtime import open_runtime
from forthwith.platform.upstream import BudgetSpent, Key, Vendor, in_memory
from forthwith.platform.upstream.problems import told
from forthwith.platform.upstream.upstreams import Condition, Upstreams

LATER = clock.now() + timedelta(hours=2)
METERED = Vendor(name="metered", keys=[Key("key-1", "a"), Key("key-2", "b")])


async def test_health_names_each_vendor_and_stays_healthy_when_one_is_not(
    db: Database, dsn: str, settings: PlatformSettings
) -> None:
    async with (
        open_runtime(settings, dsn, (), (), vendors=[METERED]) as runtime,
        serving(runtime) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        before = (await client.get("/health")).json()
        for key in ("key-1", "key-2"):
            await runtime.upstreams["metered"].keys.note(key, KeyRejected("401"))
        after = await client.get("/health")

    assert before["vendors"] == {"metered": {"status": "healthy", "until": None}}
    assert after.json()["vendors"] == {"metered": {"status": "keys_rejected", "until": None}}
    assert after.status_code == 200


async def test_one_key_that_works_is_enough() -> None:
    upstreams = Upstreams([METERED], in_memory())
    keys = upstreams["metered"].keys
    await keys.note("key-1", KeyRejected("401"))
    well = await upstreams.statuses()
    await keys.note("key-2", Exhausted("429", resets_at=LATER))
    out = await upstreams.statuses()

    assert well["metered"].condition is Condition.HEALTHY
    assert out["metered"].condition is Condition.OUT_OF_QUOTA
    assert out["metered"].until == pytest.approx(LATER, abs=timedelta(seconds=5))


async def test_a_vendor_without_keys_is_not_configured_unless_it_needs_none() -> None:
    vendors = [Vendor(name="paid"), Vendor(name="open", keyless=True)]
    statuses = await Upstreams(vendors, in_memory()).statuses()

    assert statuses["paid"].condition is Condition.NOT_CONFIGURED
    assert statuses["open"].condition is Condition.HEALTHY


def test_two_vendors_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="one name"):
        Upstreams([METERED, METERED], in_memory())


@pytest.mark.parametrize(
    ("error", "kind", "retry_after"),
    [
        (Transient("503", retry_after=7), Unavailable, 7),
        (Transient("500"), Unavailable, 5),
        (Exhausted("out", resets_at=LATER), Unavailable, "later"),
        (BudgetSpent("spent", resets_at=LATER), TooMany, "later"),
        (KeyRejected("401"), Unavailable, None),
        (Refused("no"), Unprocessable, None),
    ],
)
def test_a_vendors_error_in_a_request_says_when_to_come_back(
    error: UpstreamError, kind: type[ForthwithError], retry_after: float | str | None
) -> None:
    problem = told(error)
    left = (LATER - clock.now()).total_seconds()

    assert type(problem) is kind
    if retry_after == "later":
        assert problem.retry_after == pytest.approx(left, abs=5)
    else:
        assert problem.retry_after == retry_after
