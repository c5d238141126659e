"""LINE fails, delivers everything twice, and workers are killed: contract.md, section 3, holds."""

import asyncio
import io
import itertools
from typing import Any

import httpx
import msgspec
import pytest
from fleet import START_SECONDS, Fleet, Process, eventually
from line_checker import check
from PIL import Image, ImageDraw
from support import API_KEY

from forthwith.platform.identity import ensure_operator
from forthwith.sandbox import Fault, Knobs
from forthwith.sandbox.line import LinePhone, LineSandbox, line_sandbox
from forthwith.sandbox.line.knobs import LineKnobs

pytestmark = [pytest.mark.faults, pytest.mark.timeout(570)]

PEOPLE = [f"person {number}" for number in range(8)]
KILLS = 4
ILL_SECONDS = 60.0
NO_PHOTO = b"this is no photo"
ILL = (
    Fault(kind="status", status=500),
    Fault(kind="disconnect"),
    Fault(kind="disconnect", after=True),
)


def _photo(number: int) -> bytes:
    picture = Image.new("RGB", (480, 300), "white")
    ImageDraw.Draw(picture).text((30, 100), f"Person {number}", fill="black", font_size=48)
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


async def _behave(line: LineSandbox, knobs: Knobs) -> None:
    async with httpx.AsyncClient(base_url=line.url) as control:
        await control.put("/_sandbox/knobs", content=msgspec.json.encode(knobs))


async def _log(line: LineSandbox) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(base_url=line.url) as control:
        return list((await control.get("/_sandbox/log")).json())


async def _was_called(line: LineSandbox) -> bool:
    """Whether a worker has met LINE, as ill as it is."""
    return any("/v2/" in each["path"] for each in await _log(line))


async def _write(phone: LinePhone) -> dict[str, int]:
    """Everybody asks for help, sends what is no photo, and some a photo; answers to expect."""
    expected = {}
    for number, person in enumerate(PEOPLE):
        await phone.send_text(person, "help")
        await phone.send_images(person, [NO_PHOTO])
        if number < 2:
            await phone.send_images(person, [_photo(number)])
        expected[person] = 3 if number < 2 else 2
    return expected


async def _kill_workers(fleet: Fleet, workers: list[Process], environment: dict[str, str]) -> None:
    """One after the other, each replaced."""
    for number in itertools.islice(itertools.cycle(range(len(workers))), KILLS):
        await asyncio.sleep(4.0)
        workers[number].kill()
        workers[number] = fleet.command("work", **environment)


async def test_answers_are_seen_once_while_line_fails_and_workers_die(
    fleet: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    async with line_sandbox() as line, LinePhone(line.url) as phone:
        environment = line.environment() | {"CPU_PROCESSES": "1", "CARDS_LANGUAGE": "en"}
        fleet._environment |= environment
        await ensure_operator(fleet.db, API_KEY)
        _, client = await fleet.serve()
        workers = [fleet.command("work", **environment) for _ in range(2)]
        await client.aclose()
        await phone.set_knobs(LineKnobs(copies=1, redelivery_seconds=0.3, is_shuffled=True))
        line.deliver_to(f"{str(client.base_url).rstrip('/')}/callback")
        await _behave(line, Knobs(faults=ILL, fault_rate=1.0))
        expected = await _write(phone)
        await eventually(lambda: _was_called(line), within=START_SECONDS, every=0.2)
        killing = asyncio.create_task(_kill_workers(fleet, workers, environment))
        await asyncio.sleep(ILL_SECONDS)
        await _behave(line, Knobs(faults=ILL, fault_rate=0.1))
        await killing
        await _behave(line, Knobs())
        await _settled(fleet)
        report = await check(fleet.db, phone, expected, await _log(line), KILLS)
    with capsys.disabled():
        print(*(f"\n{name:<28}{count:>6}" for name, count in report.lines()), sep="")  # noqa: T201

    assert report.is_sound


async def _settled(fleet: Fleet) -> None:
    """Until nothing is due, and every answer has found its way; nobody waits for a next try."""

    async def over() -> bool:
        await fleet.hurry()
        row = await fleet.db.fetchrow(
            "select (select count(*) from platform.runs"
            "   where state = 'running' or state = 'queued' and name <> 'cards.line.upkeep')"
            " + (select count(*) from cards.line_photos where state = 'waiting') as n"
        )
        assert row is not None
        return int(row["n"]) == 0

    await eventually(over, within=3 * START_SECONDS, every=1.0)
