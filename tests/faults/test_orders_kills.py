"""API and workers are killed under 500 orders while LINE is ill: contract.md, section 3, holds."""

import asyncio

import httpx
import msgspec
import pytest
from fleet import START_SECONDS, Fleet, Process, eventually
from order_guests import STORE, Guests, OrdersReport, surplus
from support import API_KEY

from forthwith.platform.identity import ensure_operator
from forthwith.sandbox import Fault, Knobs
from forthwith.sandbox.line import LinePhone, LineSandbox, line_sandbox

pytestmark = [pytest.mark.faults, pytest.mark.timeout(570)]

ORDERS = 500
PER_SECOND = 10.0
PEOPLE = [f"guest {number}" for number in range(5)]
ROUNDS_OF_KILLS = 4
PAUSE_SECONDS = 8.0
ILL = (
    Fault(kind="status", status=500),
    Fault(kind="disconnect"),
    Fault(kind="disconnect", after=True),
)


async def _behave(line: LineSandbox, knobs: Knobs) -> None:
    async with httpx.AsyncClient(base_url=line.url) as control:
        await control.put("/_sandbox/knobs", content=msgspec.json.encode(knobs))


async def _kill(fleet: Fleet, api: Process, workers: list[Process]) -> int:
    """The API and a worker, again and again, each replaced; how many were killed."""
    for number in range(ROUNDS_OF_KILLS):
        await asyncio.sleep(PAUSE_SECONDS)
        killed = workers[number % len(workers)]
        killed.kill()
        workers[number % len(workers)] = fleet.command("work")
        await asyncio.sleep(PAUSE_SECONDS)
        api.kill()
        assert api.port is not None
        api = fleet.command("serve", PORT=api.port)
    return 2 * ROUNDS_OF_KILLS


async def test_every_acknowledged_order_is_completed_and_told_once(
    fleet: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("av", reason="needs the extra: pip install 'forthwith[speech]'")
    async with line_sandbox() as line, LinePhone(line.url) as phone:
        fleet._environment |= line.environment() | {
            "FORTHWITH_APPS": "orders",
            "PUBLIC_URL": "https://orders.example",
            "RATE_LIMIT_PER_MINUTE": "1000000",
            "RATE_LIMIT_PER_HOUR": "1000000",
        }
        await ensure_operator(fleet.db, API_KEY)
        api, client = await fleet.serve()
        await client.aclose()
        workers = [fleet.command("work") for _ in range(2)]
        guests = Guests(str(client.base_url), [await phone.id_token(each) for each in PEOPLE])
        await _behave(line, Knobs(faults=ILL, fault_rate=0.1))
        killing = asyncio.create_task(_kill(fleet, api, workers))
        await guests.order(ORDERS, per_second=PER_SECOND)
        kills = await killing
        await _behave(line, Knobs())
        await _settled(fleet)
        report = await _report(fleet, phone, guests, kills)
    with capsys.disabled():
        print(*(f"\n{name:<28}{count:>6}" for name, count in report.lines()), sep="")  # noqa: T201

    assert report.is_sound


async def _settled(fleet: Fleet) -> None:
    """Until no order is under way, and no message."""

    async def over() -> bool:
        row = await fleet.db.fetchrow(
            "select count(*) as n from platform.runs"
            " where name like 'orders.%' and state in ('queued', 'running')"
        )
        assert row is not None
        return int(row["n"]) == 0

    await eventually(over, within=3 * START_SECONDS, every=0.5)


async def _report(fleet: Fleet, phone: LinePhone, guests: Guests, kills: int) -> OrdersReport:
    rows = await fleet.db.fetch(
        "select o.id, o.number, o.is_told, r.state, count(v.blob) as voices from orders.orders o"
        " join platform.runs r on r.id = o.run left join orders.recordings v on v.order_id = o.id"
        " group by o.id, r.id"
    )
    completed = [row for row in rows if row["state"] == "succeeded" and row["voices"] == 3]
    told = [each for person in PEOPLE for each in await _orders_in_chat(phone, person)]
    return OrdersReport(
        orders=ORDERS,
        taps=guests.taps,
        kills=kills,
        acknowledged=len(guests.answers),
        answered_differently=sum(len(set(ids)) - 1 for ids in guests.answers.values()),
        kept=len(rows),
        completed=len(completed),
        unfinished=len(guests.answers) - len(completed),
        numbered_twice=surplus([row["number"] for row in rows]),
        messages=len(told),
        lost=len(rows) - len(set(told)),
        doubled=surplus(told),
    )


async def _orders_in_chat(phone: LinePhone, person: str) -> list[str]:
    """The number of each order that a guest was told of, each with its voice."""
    entries = (await phone.messages_of(person)).entries
    said = [each.message for each in entries if each.author == "bot"]
    texts = [each["text"] for each in said if each["type"] == "text"]
    assert len([each for each in said if each["type"] == "audio"]) == len(texts)
    return [line for text in texts for line in text.splitlines() if line.startswith(STORE)]
