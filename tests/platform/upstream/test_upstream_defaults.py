"""What the settings say holds where a vendor, or a kind of answer, says nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from paid_sandbox import Sandbox, answering, sandbox

from forthwith.platform.config import PlatformSettings
from forthwith.platform.runtime import Runtime
from forthwith.platform.upstream import Attempt, Policy, Unanswered, Upstream, Vendor, cached

SET = {
    "CACHE_TTL_SECONDS": "1000",
    "RESULT_CACHE_TTL_SECONDS": "5000",
    "CONNECTION_TIMEOUT": "0.2",
    "READ_TIMEOUT": "0.4",
}
KEPT = Policy(namespace="defaults", into=str)


@cached(namespace="defaults_doubled")
async def doubled(number: int) -> int:
    """A plain function whose answers are kept."""
    return number * 2


@pytest.fixture
def settings(settings: PlatformSettings, monkeypatch: pytest.MonkeyPatch) -> PlatformSettings:
    """Those of a process, and the four of this module."""
    for name, value in SET.items():
        monkeypatch.setenv(name, value)
    return settings.model_copy(update=dict(PlatformSettings()))


@pytest.fixture
async def vendor() -> AsyncIterator[Sandbox]:
    """A vendor of the test's own."""
    async with sandbox() as opened:
        yield opened


async def _seconds_kept(runtime: Runtime) -> float:
    row = await runtime.db.fetchrow(
        "select extract(epoch from expires_at - now())::float8 as seconds"
        " from platform.cached_values"
    )
    assert row is not None
    return float(row["seconds"])


async def test_a_call_is_cut_off_after_the_read_timeout(vendor: Sandbox, runtime: Runtime) -> None:
    await vendor.behave(next_faults=[{"kind": "hang", "seconds": 5}])
    async with answering(vendor.url, runtime.stores) as answers, asyncio.timeout(4):
        with pytest.raises(Unanswered, match="TimeoutError"):
            await answers.ask("abc")


async def test_a_vendors_own_time_is_longer_or_shorter(vendor: Sandbox, runtime: Runtime) -> None:
    await vendor.behave(next_faults=[{"kind": "hang", "seconds": 0.6}])
    async with answering(vendor.url, runtime.stores, timeout_seconds=5) as answers:
        assert await answers.ask("abc") == "cba"


@pytest.mark.parametrize(("own", "told"), [(None, (0.4, 0.2)), (0.1, (0.1, 0.1))])
async def test_a_call_is_told_how_long_it_and_its_connection_may_take(
    own: float | None, told: tuple[float, float], runtime: Runtime
) -> None:
    async def send(attempt: Attempt) -> tuple[float, float]:
        return attempt.seconds, attempt.connect_seconds

    upstream = Upstream(Vendor(name="told", keyless=True, timeout_seconds=own), runtime.stores)

    assert await upstream.call("answer", send) == told


async def test_an_answer_of_a_vendor_is_kept_for_the_result_ttl(runtime: Runtime) -> None:
    async def send(_: Attempt) -> str:
        return "answered"

    upstream = Upstream(Vendor(name="kept", keyless=True), runtime.stores)
    await upstream.call("answer", send, keep=KEPT, key="k")

    assert 4_500 - 60 < await _seconds_kept(runtime) <= 5_000


async def test_an_answer_of_a_function_is_kept_for_the_cache_ttl(runtime: Runtime) -> None:
    await doubled(21)

    assert 900 - 60 < await _seconds_kept(runtime) <= 1_000
