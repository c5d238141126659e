"""The rules of a budget, each alone, on numbers for a clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from forthwith.platform.upstream.budgets import Cost, Dimension, Limits
from forthwith.platform.upstream.budgets.parts import ASIDE_SECONDS, Quota, Rate, Slots, Window

REQUESTS = Dimension.REQUESTS


def test_a_rate_lets_its_burst_through_and_then_one_each_interval() -> None:
    rate, state = Rate(REQUESTS, per_second=2, burst=3), [0.0]
    for _ in range(3):
        assert rate.ready_at(state, 100.0, 1) <= 100.0
        rate.take(state, 100.0, 1, late=0, lease=0)

    assert rate.ready_at(state, 100.0, 1) == pytest.approx(100.5)


def test_a_request_larger_than_the_burst_waits_until_it_is_saved_up() -> None:
    """So no second sees more than the rate and the burst, whatever a request weighs."""
    rate, state = Rate(REQUESTS, per_second=100, burst=1), [0.0]
    rate.take(state, 10.0, 1, late=0, lease=0)

    assert rate.ready_at(state, 10.0, 50) == pytest.approx(10.5)


def test_a_rate_gets_back_what_was_not_used() -> None:
    rate, state = Rate(REQUESTS, per_second=10, burst=10), [0.0]
    rate.take(state, 50.0, 10, late=0, lease=0)
    rate.settle(state, 50.0, -7, taken_at=50.0)

    assert rate.ready_at(state, 50.0, 7) <= 50.0
    assert rate.ready_at(state, 50.0, 8) > 50.0


def test_a_bucket_fills_up_no_farther_than_leaves_room_for_what_is_set_aside() -> None:
    """Used at the last moment, it would otherwise come on top of a full burst."""
    rate, state = Rate(REQUESTS, per_second=100, burst=10), [0.0]
    rate.take(state, 50.0, 1, late=0, lease=0)
    assert rate.spare(state, 50.0) == 4
    rate.set_aside(state, 50.0, 4)

    assert rate.ready_at(state, 50.5, 6) <= 50.5 < rate.ready_at(state, 50.5, 7)
    over = 50.0 + ASIDE_SECONDS
    assert rate.ready_at(list(state), over + 0.02, 9) == pytest.approx(over + 0.03)
    assert rate.ready_at(list(state), over + 0.05, 10) <= over + 0.05


def test_a_rate_makes_up_for_a_timer_that_woke_late() -> None:
    rate, state = Rate(REQUESTS, per_second=100), [0.0]
    rate.take(state, 5.0, 1, late=0, lease=0)
    rate.take(state, 5.013, 1, late=0.003, lease=0)

    assert rate.ready_at(state, 5.013, 1) == pytest.approx(5.02)


def test_no_window_of_a_minute_holds_more_than_the_limit() -> None:
    window, state = Window(REQUESTS, 5), [0.0]
    now, granted = 0.0, []
    while now < 300:
        ready = window.ready_at(state, now, 1)
        if ready > now:
            now = ready
            continue
        window.take(state, now, 1, late=0, lease=0)
        granted.append(now)
        now += 0.7

    for start in granted:
        assert sum(start <= each < start + 60 for each in granted) <= 5


def test_a_window_lets_at_least_97_percent_of_its_limit_through() -> None:
    window, state = Window(REQUESTS, 60), [0.0]
    now, granted = 0.0, 0
    while now < 600:
        ready = window.ready_at(state, now, 1)
        if ready > now:
            now = ready
        else:
            window.take(state, now, 1, late=0, lease=0)
            granted += 1

    assert granted >= 600 * 0.97


def test_a_window_keeps_its_state_short() -> None:
    window, state = Window(Dimension.TOKENS, 10**9), [0.0]
    for tenth in range(10_000):
        now = tenth / 10
        assert window.ready_at(state, now, 7) <= now
        window.take(state, now, 7, late=0, lease=0)

    assert len(state) <= 2 * 122 + 1


def test_a_request_larger_than_the_window_waits_for_an_empty_one() -> None:
    window, state = Window(Dimension.TOKENS, 100), [0.0]
    window.take(state, 10.2, 5, late=0, lease=0)

    assert 70 < window.ready_at(state, 11.0, 5_000) <= 71


@pytest.mark.parametrize(
    ("moment", "hours"),
    [
        (datetime(2026, 11, 22, 3, 0, tzinfo=UTC), 5),  # 19:00 in Los Angeles, UTC-8
        (datetime(2026, 7, 1, 3, 0, tzinfo=UTC), 4),  # 20:00, UTC-7
        (datetime(2026, 11, 1, 7, 0, tzinfo=UTC), 25),  # midnight of the day the clock is set back
    ],
)
def test_a_quota_ends_at_midnight_of_the_vendor(moment: datetime, hours: int) -> None:
    quota = Quota(REQUESTS, 10, "America/Los_Angeles")

    assert quota.resets_in(moment.timestamp()) == hours * 3600


def test_a_quota_that_is_used_up_is_whole_again_the_next_day() -> None:
    quota, state = Quota(REQUESTS, 2), [0.0, 0.0, 0.0]
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
    quota.roll(state, 100.0, noon)
    quota.take(state, 100.0, 2, late=0, lease=0)

    ready_at = quota.ready_at(state, 100.0, 1)
    assert ready_at == pytest.approx(100.0 + 12 * 3600)
    assert quota.ready_at(state, ready_at, 1) <= ready_at


def test_a_machine_that_slept_over_midnight_learns_of_the_new_day() -> None:
    """Its monotonic clock stood still; only the wall clock tells."""
    quota, state = Quota(REQUESTS, 2), [0.0, 0.0, 0.0]
    evening = datetime(2026, 11, 22, 22, tzinfo=UTC)
    quota.roll(state, 100.0, evening.timestamp())
    quota.take(state, 100.0, 2, late=0, lease=0)
    quota.roll(state, 101.0, evening.timestamp() + 5 * 3600)

    assert quota.ready_at(state, 101.0, 1) <= 101.0


def test_clocks_that_differ_by_seconds_never_open_a_day_twice() -> None:
    quota, state = Quota(REQUESTS, 5), [0.0, 0.0, 0.0]
    midnight = datetime(2026, 11, 23, tzinfo=UTC).timestamp()
    quota.roll(state, 1_000.0, midnight + 1)
    quota.take(state, 1_000.0, 3, late=0, lease=0)
    quota.roll(state, 1_000.5, midnight - 1)
    quota.roll(state, 1_002.0, midnight + 3)

    assert state[0] == 3


def test_a_slot_is_free_when_it_is_released_or_its_lease_is_over() -> None:
    slots, state = Slots(2, lease_seconds=30), []
    slots.take(state, 0.0, 1, late=0, lease=7)
    slots.take(state, 1.0, 1, late=0, lease=8)

    assert slots.ready_at(state, 2.0, 1) == 30
    slots.release(state, 8)
    assert slots.ready_at(state, 2.0, 1) == 2.0
    slots.take(state, 2.0, 1, late=0, lease=9)
    assert slots.ready_at(state, 31.0, 1) == 31.0


def test_a_header_makes_less_of_what_is_left_and_never_more() -> None:
    window, state = Window(REQUESTS, 10), [0.0]
    window.observe(state, 100.0, remaining=0, resets_in=20)
    window.observe(state, 100.0, remaining=9, resets_in=20)

    assert window.ready_at(state, 100.0, 1) == pytest.approx(120)


def test_limits_become_parts_and_none_of_nothing() -> None:
    parts = Limits(rpm=15, tpm=1000, rpd=200, concurrency=4, money_per_day=5).parts()

    assert [part.name for part in parts] == [
        "calls at once",
        "requests in 60 s",
        "tokens in 60 s",
        "requests a day (UTC)",
        "money a day (UTC)",
    ]
    with pytest.raises(ValueError, match="allows nothing"):
        Limits(rpm=0).parts()


def test_the_next_midnight_is_right_where_zones_differ_by_half_hours() -> None:
    quota = Quota(REQUESTS, 1, "Asia/Kathmandu")
    moment = datetime(2026, 3, 1, 23, 50, tzinfo=ZoneInfo("Asia/Kathmandu"))

    assert quota.resets_in(moment.timestamp()) == 600


def test_a_cost_is_one_request_unless_said_otherwise() -> None:
    assert Cost() == (1, 0, 0)
