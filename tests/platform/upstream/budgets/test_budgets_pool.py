"""Keys: which one is taken, what an error makes of it, who waits, in virtual time."""

import asyncio
from collections import Counter, defaultdict
from datetime import timedelta
from math import inf

import pytest
from virtual_time import run

from forthwith.platform import clock
from forthwith.platform.crypto import Codec
from forthwith.platform.errors import Exhausted, KeyRejected, NotFound, Transient
from forthwith.platform.upstream.budgets import (
    Cost,
    Dimension,
    Key,
    KeyLease,
    KeyPool,
    Limits,
    MemoryStore,
    Standing,
    keys_from,
)


def _pool(*limits: Limits, codec: Codec | None = None, store: MemoryStore | None = None) -> KeyPool:
    keys = [Key(f"key-{n}", f"secret-{n}", each) for n, each in enumerate(limits, 1)]
    return KeyPool("vendor", keys, codec=codec, store=store)


class Vendor:
    """Counts a sliding minute per key and answers as vendors do."""

    def __init__(self, rpm: int, dead: frozenset[str], spent: frozenset[str]) -> None:
        self._rpm = rpm
        self._dead = dead
        self._spent = spent
        self._asked: defaultdict[str, list[float]] = defaultdict(list)
        self.refused: Counter[str] = Counter()

    async def answer(self, secret: str) -> None:
        """Answer after 0.3 s, or refuse at once."""
        if secret in self._dead:
            self._refuse(KeyRejected("401"))
        if secret in self._spent:
            self._refuse(Exhausted("429 per day", resets_at=clock.now() + timedelta(hours=9)))
        asked = self._asked[secret]
        if sum(each > clock.monotonic() - 60 for each in asked) >= self._rpm:
            self._refuse(Transient("429 per minute", retry_after=60))
        asked.append(clock.monotonic())
        await asyncio.sleep(0.3)

    def _refuse(self, error: Exception) -> None:
        self.refused[type(error).__name__] += 1
        raise error


async def _answered(pool: KeyPool, vendor: Vendor) -> None:
    """One call, on the next key when a key fails it."""
    failed = None
    while True:
        lease = await pool.lease(after=failed)
        try:
            async with lease:
                await vendor.answer(lease.secret)
        except (KeyRejected, Exhausted, Transient):
            failed = lease
        else:
            return


async def _load(pool: KeyPool, vendor: Vendor, seconds: float) -> Counter[int]:
    """Fifty callers that ask again as soon as they are answered."""
    end = clock.monotonic() + seconds
    served: Counter[int] = Counter()

    async def caller(number: int) -> None:
        while clock.monotonic() < end:
            await _answered(pool, vendor)
            if clock.monotonic() < end:
                served[number] += 1

    await asyncio.gather(*(caller(number) for number in range(50)))
    return served


def test_three_keys_give_nearly_all_they_may_and_all_callers_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vendor = Vendor(60, frozenset(), frozenset())
    minutes = 10
    served = run(monkeypatch, lambda: _load(_pool(*[Limits(rpm=60)] * 3), vendor, minutes * 60))

    assert sum(served.values()) >= 0.97 * 180 * minutes
    assert vendor.refused == {}
    assert max(served.values()) / min(served.values()) <= 1.5


def test_smoothed_keys_give_nearly_all_they_may(monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = Vendor(60, frozenset(), frozenset())
    limits = [Limits(rpm=60, per_second=1.0)] * 3
    served = run(monkeypatch, lambda: _load(_pool(*limits), vendor, 600))

    assert sum(served.values()) >= 0.97 * 1800
    assert vendor.refused == {}
    assert max(served.values()) / min(served.values()) <= 1.5


def test_no_caller_sees_a_dead_key_and_one_without_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = Vendor(60, frozenset({"secret-1"}), frozenset({"secret-2"}))
    served = run(monkeypatch, lambda: _load(_pool(*[Limits(rpm=60)] * 3), vendor, 600))

    assert sum(served.values()) >= 0.97 * 600
    assert vendor.refused.keys() == {"KeyRejected", "Exhausted"}


def test_a_cooling_key_costs_one_call_when_calls_come_one_after_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vendor = Vendor(0, frozenset(), frozenset())

    async def story() -> float:
        pool = _pool(Limits(rpm=60), Limits(rpm=60))
        with pytest.raises(Transient):
            async with await pool.lease() as first:
                await vendor.answer(first.secret)
        for _ in range(30):
            async with await pool.lease() as lease:
                assert lease.alias != first.alias
        began = clock.monotonic()
        async with await pool.lease(after=first):
            return clock.monotonic() - began

    assert run(monkeypatch, story) == 0
    assert vendor.refused.total() == 1


def test_thirty_calls_on_three_keys_of_five_go_half_now_and_half_a_minute_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> list[tuple[int, float]]:
        pool = _pool(*[Limits(rpm=5)] * 3)
        began = clock.monotonic()
        started: list[tuple[int, float]] = []

        async def call(number: int) -> None:
            async with await pool.lease():
                started.append((number, clock.monotonic() - began))

        await asyncio.gather(*(call(number) for number in range(30)))
        return started

    started = run(monkeypatch, story)
    assert [number for number, _ in started] == list(range(30))
    assert all(moment == 0 for _, moment in started[:15])
    assert all(60 <= moment <= 61 for _, moment in started[15:])


def test_the_key_with_most_room_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> list[str]:
        pool = _pool(Limits(tpm=1_000), Limits(tpm=10_000))
        return [(await pool.lease(Cost(tokens=500))).alias for _ in range(3)]

    assert run(monkeypatch, story) == ["key-1", "key-2", "key-2"]


def test_keys_without_limits_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> list[str]:
        pool = _pool(Limits(), Limits())
        found = []
        for _ in range(4):
            await asyncio.sleep(0.1)
            found.append((await pool.lease()).alias)
        return found

    assert run(monkeypatch, story) == ["key-1", "key-2", "key-1", "key-2"]


def test_a_retired_key_stays_away_until_a_person_resets_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> None:
        pool = _pool(Limits())
        with pytest.raises(KeyRejected, match="401"):
            async with await pool.lease():
                raise KeyRejected("401")
        await asyncio.sleep(86_400 * 30)
        with pytest.raises(KeyRejected, match="every key"):
            await pool.lease()
        await pool.reset("key-1")
        await pool.lease()

    run(monkeypatch, story)


def test_another_secret_behind_the_alias_is_another_key(
    codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        store = MemoryStore()
        pool = _pool(Limits(), codec=codec, store=store)
        await pool.note("key-1", KeyRejected("401"))
        replaced = KeyPool("vendor", [Key("key-1", "newer")], codec=codec, store=store)
        await replaced.lease()

    run(monkeypatch, story)


def test_all_keys_out_says_when_the_first_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        pool = _pool(Limits(), Limits(), Limits())
        for hours in (5, 3):
            error = Exhausted("429", resets_at=clock.now() + timedelta(hours=hours))
            await pool.note(f"key-{hours - 2 if hours == 3 else 2}", error)
        await pool.note("key-3", KeyRejected("401"))
        with pytest.raises(Exhausted) as refused:
            await pool.lease()
        assert refused.value.resets_at - clock.now() == timedelta(hours=3)
        await asyncio.sleep(3 * 3600)
        assert (await pool.lease()).alias == "key-1"

    run(monkeypatch, story)


def test_an_error_without_a_waiting_time_leaves_the_key_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> Standing:
        pool = _pool(Limits())
        with pytest.raises(Transient):
            async with await pool.lease():
                raise Transient("500")
        return (await pool.status())[0].standing

    assert run(monkeypatch, story) is Standing.OK


def test_a_rejected_call_gives_back_tokens_and_money(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> dict[str, float]:
        pool = _pool(Limits(rpm=10, tpm=100, money_per_day=100))
        with pytest.raises(KeyRejected):
            async with await pool.lease(Cost(tokens=60, money=60)):
                raise KeyRejected("401")
        return (await pool.status())[0].rooms

    assert run(monkeypatch, story) == {
        "requests in 60 s": 0.9,
        "tokens in 60 s": 1.0,
        "money a day (UTC)": 1.0,
    }


def test_status_tells_standing_end_and_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        pool = _pool(Limits(rpm=10), Limits(rpm=10))
        await pool.note("key-2", Transient("429", retry_after=30))
        await pool.lease()
        one, two = await pool.status()
        assert (one.standing, one.until, one.rooms) == (
            Standing.OK,
            None,
            {"requests in 60 s": 0.9},
        )
        assert two.standing is Standing.COOLING
        assert two.until == clock.now() + timedelta(seconds=30)
        await asyncio.sleep(31)
        assert (await pool.status())[1].standing is Standing.OK

    run(monkeypatch, story)


def test_a_name_that_is_no_key_cannot_be_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        with pytest.raises(NotFound, match="key-1"):
            await _pool(Limits()).reset("key-9")

    run(monkeypatch, story)


def test_a_pool_without_keys_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        with pytest.raises(KeyRejected, match="no key"):
            await _pool().lease()

    run(monkeypatch, story)


def test_limits_that_all_keys_share_hold_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> float:
        keys = [Key("a", "1", Limits(rpm=100)), Key("b", "2", Limits(rpm=100))]
        pool = KeyPool("vendor", keys, limits=Limits(rpm=3))
        began = clock.monotonic()
        for _ in range(4):
            await pool.lease()
        return clock.monotonic() - began

    assert run(monkeypatch, story) == pytest.approx(60.5, abs=0.5)


def test_a_header_about_one_key_sends_calls_to_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> tuple[set[str], float]:
        pool = _pool(Limits(rpm=10), Limits(rpm=2))
        await pool.observe("key-1", Dimension.REQUESTS, remaining=0, resets_in=20)
        aliases = {(await pool.lease()).alias for _ in range(2)}
        return aliases, await pool.quote()

    aliases, quoted = run(monkeypatch, story)
    assert aliases == {"key-2"}
    assert quoted == pytest.approx(20)


def test_a_quote_of_a_pool_whose_keys_are_all_retired_is_infinite(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> float:
        pool = _pool(Limits())
        await pool.note("key-1", KeyRejected("401"))
        return await pool.quote()

    assert run(monkeypatch, story) == inf


def test_a_call_whose_key_failed_goes_ahead_of_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> list[str]:
        pool = _pool(Limits(concurrency=1))
        first, served = await pool.lease(), []

        async def call(name: str, after: KeyLease | None = None) -> None:
            async with await pool.lease(after=after):
                served.append(name)

        waiting = [asyncio.create_task(call(name)) for name in ("second", "third")]
        await asyncio.sleep(0.1)
        again = asyncio.create_task(call("first again", first))
        await asyncio.sleep(0.1)
        await first.close()
        await asyncio.gather(again, *waiting)
        return served

    assert run(monkeypatch, story) == ["first again", "second", "third"]


async def test_no_secret_is_shown_or_stored(codec: Codec) -> None:
    store = MemoryStore()
    pool = _pool(Limits(rpm=3), codec=codec, store=store)
    lease = await pool.lease()

    shown = f"{lease!r} {await pool.status()} {await store.read(pool.limiter.pool)}"
    shown += repr(Key("a", "secret-1"))
    assert lease.secret == "secret-1"
    assert "secret-1" not in shown


def test_settings_give_keys_in_order_and_each_secret_once() -> None:
    keys = keys_from("one, two", None, "", "two,three", limits=Limits(rpm=1))

    assert [(key.alias, key.secret) for key in keys] == [
        ("key-1", "one"),
        ("key-2", "two"),
        ("key-3", "three"),
    ]


def test_aliases_have_to_differ() -> None:
    with pytest.raises(ValueError, match="different aliases"):
        KeyPool("vendor", [Key("a", "1"), Key("a", "2")])
