"""The checker must see what the faults could do: each broken promise is planted and found."""

import json
import time
from uuid import UUID, uuid4

import pytest
from checker import Report, check
from fleet import Fleet

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


async def _succeeded(fleet: Fleet) -> UUID:
    """A run as a sound worker leaves it: one recorded step, one effect."""
    run = await fleet.ask(steps=1)
    await fleet.db.execute("update platform.runs set state = 'succeeded' where id = $1", run)
    _call(fleet, run, time.time() - 1)
    await fleet.db.execute("insert into platform.steps values ($1, 'pay-0', '')", run)
    await fleet.db.execute("insert into effects values ($1, 'ordered')", run)
    return run


def _call(fleet: Fleet, run: UUID, at: float) -> None:
    entry = {"at": at, "word": "start", "call": "x", "run": str(run), "step": "pay-0", "pid": 1}
    with fleet.book.open("a") as book:
        book.write(f"{json.dumps(entry)}\n")


async def _report(fleet: Fleet, *runs: UUID) -> Report:
    return await check(fleet.db, fleet.book, runs)


async def test_a_sound_run_is_reported_as_sound(fleet: Fleet) -> None:
    report = await _report(fleet, await _succeeded(fleet))

    assert report.is_sound
    assert (report.acknowledged, report.finished, report.calls) == (1, 1, 1)


async def test_an_acknowledged_run_that_is_not_there_is_lost(fleet: Fleet) -> None:
    report = await _report(fleet, await _succeeded(fleet), uuid4())

    assert report.lost == 1
    assert not report.is_sound


async def test_a_call_after_its_answer_was_recorded_is_paid_again(fleet: Fleet) -> None:
    run = await _succeeded(fleet)
    _call(fleet, run, time.time() + 1)
    report = await _report(fleet, run)

    assert report.paid_again == 1
    assert not report.is_sound


async def test_a_call_repeated_before_any_answer_is_listed_apart(fleet: Fleet) -> None:
    run = await _succeeded(fleet)
    _call(fleet, run, time.time() - 2)
    report = await _report(fleet, run)

    assert report.in_flight_repeated == 1
    assert report.is_sound


async def test_an_effect_seen_twice_is_doubled(fleet: Fleet) -> None:
    run = await _succeeded(fleet)
    await fleet.db.execute("insert into effects values ($1, 'ordered')", run)
    report = await _report(fleet, run)

    assert report.doubled == 1
    assert not report.is_sound
