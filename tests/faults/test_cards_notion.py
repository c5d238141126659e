"""Notion is overloaded, answers nothing, is down, and workers are killed: a page for each card."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from fleet import START_SECONDS, Fleet, Process, eventually
from notion_bot import Outbox, contact
from notion_checker import check, made_without_answer
from notion_workspace import Held, held

from forthwith import registry
from forthwith.apps.cards import service
from forthwith.apps.cards.notion import tending
from forthwith.apps.cards.notion.contact_pages import card_id
from forthwith.platform.config import PlatformSettings
from forthwith.platform.identity import ensure_operator
from forthwith.platform.identity.sign_in_links import first_operator
from forthwith.platform.runtime import open_runtime
from forthwith.sandbox.notion import NotionKnobs

pytestmark = [pytest.mark.faults, pytest.mark.timeout(570)]

CARDS = 36
KILLS = 4
ILL_SECONDS = 25.0
DOWN_SECONDS = 60.0
ILL: list[dict[str, Any]] = [
    {"kind": "status", "status": 529, "retry_after": 1},
    {"kind": "status", "status": 409},
    {"kind": "disconnect"},
    {"kind": "disconnect", "after": True},
    {"kind": "disconnect", "after": True},
    {"kind": "cut"},
    {"kind": "hang", "after": True, "seconds": 3},
]
"""The last four have done their work, and nobody hears of it."""
LOST = [{"kind": "disconnect", "after": True, "at": "POST /v1/pages"}] * 3
"""The first pages made while Notion is ill: chance alone may hide them all behind a breaker."""
DOWN = [{"kind": "status", "status": 503}, {"kind": "disconnect"}]
FAST = 60.0
RATE = 8.0
LATE_SECONDS = 2.0
WINDOW_SECONDS = 5.0
SETTINGS = {
    "CPU_PROCESSES": "1",
    "NOTION_TIMEOUT_SECONDS": "2",
    "CARDS_NOTION_SETTLE_SECONDS": "4",
}


@pytest.fixture
async def workspace() -> AsyncIterator[Held]:
    """A Notion whose queries find a new page a second late."""
    async with held() as begun:
        await begun.set_knobs(NotionKnobs(index_seconds=1.0))
        yield begun


@pytest.fixture
async def outbox(
    request: pytest.FixtureRequest,
    fleet: Fleet,
    workspace: Held,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Outbox]:
    """A process that reads cards; the workers are others. Its parameter is the budget."""
    rate = {"NOTION_REQUESTS_PER_SECOND": str(getattr(request, "param", FAST))}
    fleet._environment |= workspace.sandbox.environment() | SETTINGS | rate
    for name, value in fleet._environment.items():
        monkeypatch.setenv(name, value)
    await ensure_operator(fleet.db, fleet._environment["API_KEY"])
    parts = registry.parts(registry.APPS)
    async with open_runtime(PlatformSettings(), fleet.dsn, **parts) as runtime:
        async with runtime.db.read() as session:
            owner = await first_operator(session)
        yield Outbox(workspace, runtime, owner)


async def _kill_workers(fleet: Fleet, workers: list[Process]) -> None:
    """One after the other, each replaced."""
    for number in itertools.islice(itertools.cycle(range(len(workers))), KILLS):
        await asyncio.sleep((ILL_SECONDS + DOWN_SECONDS) / (KILLS + 1))
        workers[number].kill()
        workers[number] = fleet.command("work")


async def _read_cards(outbox: Outbox, seconds: float) -> dict[UUID, list[str]]:
    """Cards come all the time, every third with two contacts; the names on them."""
    cards = {}
    for number in range(CARDS):
        names = [f"Person {number}", *(["Second"] if number % 3 == 0 else [])]
        card = await outbox.add(*(contact(name) for name in names))
        cards[card] = names
        await asyncio.sleep(seconds / CARDS)
    return cards


async def _change_some(outbox: Outbox, cards: dict[UUID, list[str]]) -> set[UUID]:
    """Correct every fourth card and delete every sixth; which were deleted."""
    for card, names in list(cards.items())[::4]:
        names[0] = f"{names[0]} corrected"
        await outbox.change(card, *(contact(name) for name in names))
    deleted = list(cards)[1::6]
    for card in deleted:
        await service.delete_card(outbox.runtime, outbox.owner, card)
    return set(deleted)


async def test_each_card_has_one_page_while_notion_fails_and_workers_die(
    fleet: Fleet, outbox: Outbox, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = outbox.workspace
    workers = [fleet.command("work") for _ in range(2)]
    await outbox.add(contact("First"))
    await eventually(lambda: _has_pages(workspace, 1), within=START_SECONDS, every=0.2)
    await workspace.behave(next_faults=LOST, faults=ILL, fault_rate=0.45)
    killing = asyncio.create_task(_kill_workers(fleet, workers))
    cards = await _read_cards(outbox, ILL_SECONDS)
    await eventually(lambda: _has_lost_answers(fleet, workspace), within=START_SECONDS, every=1.0)
    await workspace.behave(faults=DOWN, fault_rate=1.0)
    deleted = await _change_some(outbox, cards)
    await asyncio.sleep(DOWN_SECONDS)
    await killing
    await workspace.behave()
    await eventually(lambda: _is_soon_over(fleet), within=START_SECONDS, every=1.0)
    names = {card_id(card, n): name for card in cards for n, name in enumerate(cards[card])}
    gone = {card_id(card, number) for card in deleted for number in range(2)}
    expected = {key: name for key, name in names.items() if key not in gone}
    held_now = [
        page for page in await workspace.pages(also_trash=True) if page["values"]["Name"] != "First"
    ]
    log = await workspace.calls("", "/v1/")
    report = await check(fleet.db, held_now, expected, gone, log, KILLS)
    with capsys.disabled():
        print(*(f"\n{name:<28}{count:>6}" for name, count in report.lines()), sep="")  # noqa: T201

    assert report.is_sound
    assert report.snoozes > 0


@pytest.mark.parametrize("outbox", [RATE], indirect=True)
async def test_a_backfill_stays_within_the_budget(
    fleet: Fleet, outbox: Outbox, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two workers share one budget: ten requests at once, then eight a second.

    The vendor's log knows when a request came, not when it was granted: on a full machine those
    of a second may come late, and bunched. A budget for each worker would let twice as many go.
    """
    await outbox.prepare()
    for number in range(20):
        await outbox.add(contact(f"Person {number}"))
    await fleet.db.execute("delete from cards.notion_cards")
    await tending.backfill(outbox.runtime, lambda *_: None)
    for _ in range(2):
        fleet.command("work")
    await eventually(lambda: _has_pages(outbox.workspace, 20), within=START_SECONDS, every=0.5)
    await eventually(lambda: _is_over(fleet), within=START_SECONDS, every=0.5)
    began = sorted(each["began"] for each in await outbox.workspace.calls("", "/v1/"))[3:]
    most = max(_within(began, begin, WINDOW_SECONDS) for begin in began)
    with capsys.disabled():
        print(f"\n{len(began)} requests, at most {most} within {WINDOW_SECONDS:g} s")  # noqa: T201

    assert most <= 10 + RATE * (WINDOW_SECONDS + LATE_SECONDS) + 2
    assert len(await outbox.workspace.pages()) == 20


def _within(moments: list[float], begin: float, seconds: float) -> int:
    return sum(begin <= moment < begin + seconds for moment in moments)


async def _has_pages(workspace: Held, count: int) -> bool:
    return len(await workspace.pages()) >= count


async def _has_lost_answers(fleet: Fleet, workspace: Held) -> bool:
    """Whether Notion has made pages that nobody heard of; nobody waits for its breaker."""
    await fleet.hurry()
    return made_without_answer(await workspace.calls("POST", "/v1/pages")) >= len(LOST)


async def _is_soon_over(fleet: Fleet) -> bool:
    """Nobody waits two minutes for a worker's next look at Notion."""
    await fleet.hurry()
    return await _is_over(fleet)


async def _is_over(fleet: Fleet) -> bool:
    row = await fleet.db.fetchrow("select 1 from cards.notion_cards where state <> 'done' limit 1")
    return row is None
