"""Attempts: counted before they are judged, locked ever longer, forgotten in time."""

import asyncio
from datetime import timedelta

import pytest

from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.errors import TooMany
from forthwith.platform.identity.sessions import Client
from forthwith.platform.identity.throttle import Rule, Throttle, forget_old

RULE = Rule("test", free=3, first_seconds=10, longest_seconds=60, forgotten_seconds=600)
OTHER = Rule("other", free=3, first_seconds=10, longest_seconds=60, forgotten_seconds=600)


@pytest.fixture
def throttle(db: Database, codec: Codec) -> Throttle:
    return Throttle(db, codec)


async def _charged(throttle: Throttle, times: int, subject: str = "ann@example.com") -> int:
    """How many of so many attempts were let through."""
    let_through = 0
    for _ in range(times):
        try:
            await throttle.charge((RULE, subject))
            let_through += 1
        except TooMany:
            pass
    return let_through


async def _pass(db: Database, seconds: float) -> None:
    """Let time go by for all counts."""
    await db.execute(
        "update platform.attempts set until = until - $1::interval,"
        " changed_at = changed_at - $1::interval",
        timedelta(seconds=seconds),
    )


async def _locked_for(throttle: Throttle, subject: str = "ann@example.com") -> float:
    with pytest.raises(TooMany) as refusal:
        await throttle.charge((RULE, subject))
    assert refusal.value.retry_after is not None
    return refusal.value.retry_after


async def test_the_free_attempts_pass_and_the_next_waits(throttle: Throttle) -> None:
    assert await _charged(throttle, 10) == 3
    assert await _locked_for(throttle) == pytest.approx(10, abs=2)


async def test_each_lock_is_twice_as_long_up_to_the_longest(
    throttle: Throttle, db: Database
) -> None:
    await _charged(throttle, 3)
    seen = []
    for _ in range(5):
        seen.append(await _locked_for(throttle))
        await _pass(db, seen[-1] + 1)
        await throttle.charge((RULE, "ann@example.com"))

    assert seen == pytest.approx([10, 20, 40, 60, 60], abs=2)


async def test_a_refused_attempt_does_not_lengthen_the_lock(throttle: Throttle) -> None:
    await _charged(throttle, 50)

    assert await _locked_for(throttle) <= 10


async def test_a_hundred_at_once_are_a_hundred(throttle: Throttle) -> None:
    """Counting after judging would let all of them through."""
    passed = await asyncio.gather(*(_charged(throttle, 1) for _ in range(100)))

    assert sum(passed) == 3


async def test_subjects_and_rules_are_counted_apart(throttle: Throttle) -> None:
    await _charged(throttle, 5)

    assert await _charged(throttle, 3, "ben@example.com") == 3
    await throttle.charge((OTHER, "ann@example.com"))


async def test_what_comes_after_a_locked_subject_is_not_counted(throttle: Throttle) -> None:
    """From a locked address nobody can lock accounts."""
    await _charged(throttle, 5, "192.0.2.1")
    for _ in range(5):
        with pytest.raises(TooMany):
            await throttle.charge((RULE, "192.0.2.1"), (OTHER, "ann@example.com"))

    await throttle.charge((OTHER, "ann@example.com"))
    await throttle.charge((OTHER, "ann@example.com"))
    await throttle.charge((OTHER, "ann@example.com"))


async def test_success_takes_back_its_own_attempt_only(throttle: Throttle) -> None:
    """Signing in to an account of one's own between guesses does not buy more guesses."""
    await _charged(throttle, 3)
    await throttle.take_back(RULE, "ann@example.com")

    assert await _charged(throttle, 5) == 1


async def test_who_has_proved_themselves_begins_anew(throttle: Throttle) -> None:
    await _charged(throttle, 3)
    await throttle.forget(RULE, "ann@example.com")

    assert await _charged(throttle, 5) == 3


async def test_a_quiet_time_begins_the_count_anew(throttle: Throttle, db: Database) -> None:
    await _charged(throttle, 3)
    await _pass(db, RULE.forgotten_seconds + 1)

    assert await _charged(throttle, 5) == 3


async def test_counts_say_nothing_of_what_is_counted_and_are_dropped(
    throttle: Throttle, db: Database
) -> None:
    await _charged(throttle, 1)
    row = await db.fetchrow("select attempts::text as row from platform.attempts")
    await _pass(db, 3 * 24 * 3600)
    await forget_old(db)

    assert row is not None
    assert "ann" not in row["row"]
    assert await db.fetch("select from platform.attempts") == []


def test_the_addresses_of_one_ipv6_network_are_one_caller() -> None:
    """A home has 2**64 of them."""
    one, two = Client("2001:db8:1:2::1", ""), Client("2001:db8:1:2:ffff::9", "")

    assert one.network == two.network != Client("2001:db8:1:3::1", "").network
    assert Client("192.0.2.1", "").network != Client("192.0.2.2", "").network
    assert Client("", "").network == ""
