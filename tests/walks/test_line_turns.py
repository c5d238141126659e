"""Fifty people at once: each has a turn, whoever sends most."""

import asyncio

import pytest
from line_bot import PATIENCE_SECONDS
from support import serving, working

from forthwith.apps.cards.line import turns
from forthwith.platform.runtime import Runtime
from forthwith.sandbox.line import LinePhone, LineSandbox

NO_PHOTO = b"this is no photo"
LOCK = "select {lock} from (select $1::text as person) p"


async def _come(runtime: Runtime, count: int) -> None:
    """Wait until so many photos were taken in."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await _count(runtime) < count:
            await asyncio.sleep(0.05)


async def _count(runtime: Runtime, state: str | None = None) -> int:
    """Photos, all or those in a state."""
    row = await runtime.db.fetchrow(
        "select count(*) as n from cards.line_photos where state = coalesce($1, state)", state
    )
    assert row is not None
    return int(row["n"])


@pytest.mark.slow
async def test_one_photo_does_not_wait_for_forty_of_another_person(
    line: LineSandbox, line_runtime: Runtime
) -> None:
    async with serving(line_runtime) as url, LinePhone(line.url) as phone:
        line.deliver_to(f"{url}/callback")
        for _ in range(4):
            await phone.send_images("Fang", [NO_PHOTO] * 10, image_set=False)
        await _come(line_runtime, 40)
        await phone.send_images("Mei", [NO_PHOTO])
        await _come(line_runtime, 41)
        queued = await line_runtime.db.fetch(
            "select 1 from cards.line_photos where run is not null"
        )
        async with working(line_runtime, max_concurrent=4):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while await _count(line_runtime, "waiting"):
                    await asyncio.sleep(0.1)
    order = await line_runtime.db.fetch("select person from cards.line_photos order by ended_at")
    persons = [row["person"] for row in order]
    rare = min(persons, key=persons.count)

    assert len(queued) == 5
    assert persons.count(rare) == 1
    assert persons.index(rare) < 8


async def test_a_webhook_waits_for_no_photo_that_is_just_ending(
    line: LineSandbox, line_runtime: Runtime
) -> None:
    """It takes the place of that one, whose end knows nothing of it."""
    db = line_runtime.db
    async with serving(line_runtime) as url, LinePhone(line.url) as phone:
        line.deliver_to(f"{url}/callback")
        await phone.send_images("Fang", [NO_PHOTO] * 6, image_set=False)
        await _come(line_runtime, 6)
        before = await db.fetch("select person from cards.line_photos where run is not null")
        async with db.transaction() as ending:
            await ending.fetch(LOCK.format(lock=turns.LOCK_ENDING), before[0]["person"])
            await phone.send_images("Fang", [NO_PHOTO], image_set=False)
            await _come(line_runtime, 7)
    after = await db.fetch("select person from cards.line_photos where run is not null")

    assert len(before) == 4
    assert len(after) == 5


async def test_photos_behind_a_cancelled_run_go_on(
    line: LineSandbox, line_runtime: Runtime
) -> None:
    """The next minute's upkeep gives the cancelled ones up, and hands out their turns."""
    async with serving(line_runtime) as url, LinePhone(line.url) as phone:
        line.deliver_to(f"{url}/callback")
        await phone.send_images("Fang", [NO_PHOTO] * 6, image_set=False)
        await _come(line_runtime, 6)
        for row in await line_runtime.db.fetch("select owner, run from cards.line_photos"):
            if row["run"] is not None:
                await line_runtime.jobs.cancel(row["owner"], row["run"])
        await line_runtime.db.execute(
            "update cards.line_photos set received_at = now() - interval '2 minutes'"
        )
        async with line_runtime.db.transaction() as session:
            given_up = await turns.mend(session, line_runtime)
        async with working(line_runtime), asyncio.timeout(PATIENCE_SECONDS):
            while await _count(line_runtime, "waiting"):
                await asyncio.sleep(0.1)
    failures = await line_runtime.db.fetch("select failure from cards.line_photos")

    assert given_up == 4
    assert sorted(row["failure"] for row in failures) == [
        *["CANCELLED"] * 4,
        *["UNSUPPORTED_MEDIA_TYPE"] * 2,
    ]


@pytest.mark.slow
async def test_fifty_people_are_answered(line: LineSandbox, line_runtime: Runtime) -> None:
    """Each of them once, and each of their photos."""
    people = [f"person {number}" for number in range(50)]
    async with serving(line_runtime) as url, LinePhone(line.url) as phone:
        line.deliver_to(f"{url}/callback")
        async with working(line_runtime):
            for person in people:
                await phone.send_images(person, [NO_PHOTO])
            async with asyncio.timeout(PATIENCE_SECONDS):
                while await _answered(phone, people) < len(people):
                    await asyncio.sleep(0.2)
        counts = [len(await _said(phone, person)) for person in people]

    assert counts == [1] * 50


async def _said(phone: LinePhone, person: str) -> list[object]:
    entries = (await phone.messages_of(person)).entries
    return [each for each in entries if each.author == "bot"]


async def _answered(phone: LinePhone, people: list[str]) -> int:
    return sum([bool(await _said(phone, person)) for person in people])


async def test_one_person_alone_has_all_the_room_of_a_model_and_others_their_share(
    line: LineSandbox, line_runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "room", lambda _: turns.Room(each=2, together=9))
    async with serving(line_runtime) as url, LinePhone(line.url) as phone:
        line.deliver_to(f"{url}/callback")
        await phone.send_images("Fang", [NO_PHOTO] * 10, image_set=False)
        await _come(line_runtime, 10)
        alone = await _queued(line_runtime)
        for number, name in enumerate(("Mei", "Ito", "Kim", "Ann", "Bob"), 1):
            await phone.send_images(name, [NO_PHOTO] * 3, image_set=False)
            await _come(line_runtime, 10 + 3 * number)
        shared = await _queued(line_runtime)

    assert alone == 9
    assert shared == 9 + 3 + 3 + 2 + 2 + 2


async def _queued(runtime: Runtime) -> int:
    rows = await runtime.db.fetch("select 1 from cards.line_photos where run is not null")
    return len(rows)
