"""Processes are killed; what was acknowledged is done, what was paid is not paid again."""

import shutil
from pathlib import Path

import pytest
from fleet import START_SECONDS, Fleet, eventually
from support import EXAMPLES

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

TAKEOVER_SECONDS = 45.0  # 8 s on an idle machine: the lease, the heartbeat and one poll


async def test_another_worker_takes_over_between_two_steps_and_pays_nothing_again(
    fleet: Fleet,
) -> None:
    fleet.worker()
    fleet.worker()
    run = await fleet.ask(steps=2, seconds=0.05, pause=2.0)
    await eventually(lambda: fleet.has_step(run, "pay-0"), within=START_SECONDS)
    killed = fleet.holder(run)
    killed.kill()
    (ended,) = await fleet.ended(run, within=TAKEOVER_SECONDS)

    assert (ended["state"], ended["takeovers"], ended["attempt"]) == ("succeeded", 1, 0)
    assert [call.step for call in fleet.paid(run)] == ["pay-0", "pay-1"]
    assert fleet.holder(run) is not killed
    assert await fleet.effects(run) == ["ordered"]


async def test_a_run_is_done_although_the_api_is_killed_right_after_its_answer(
    fleet: Fleet,
) -> None:
    api, client = await fleet.api()
    async with client:
        answer = await client.post("/orders", json={"steps": 1})
    api.kill()
    fleet.worker()
    rows = await fleet.ended(within=START_SECONDS)

    assert answer.status_code == 202
    assert [(str(row["id"]), row["state"]) for row in rows] == [
        (answer.json()["id"], "succeeded"),
    ]


async def test_a_photo_becomes_a_contact_although_api_and_worker_are_killed(
    fleet: Fleet, tmp_path: Path
) -> None:
    """The API dies after its 202, the worker between reading and extracting.

    The photo is taken away once it was read: whoever read it again would fail.
    """
    migrated = fleet.command("migrate")
    assert await migrated.ended(within=START_SECONDS) == 0
    api, client = await fleet.serve()
    async with client:
        photo = (EXAMPLES / "usa-icons.jpg").read_bytes()
        answer = await client.post("/api/v1/cards", files={"photo": photo})
        api.kill()
    (row,) = await fleet.runs()
    run = row["id"]
    worker = fleet.command("work")

    async def is_reading() -> bool:
        return (await fleet.run(run))["progress"] is not None

    await eventually(is_reading, within=START_SECONDS)
    async with fleet.db.transaction() as holding_the_next_progress_up:
        connection = await holding_the_next_progress_up.connection()
        await connection.exec_driver_sql("select 1 from platform.runs for no key update")
        await eventually(lambda: fleet.has_step(run, "read"), within=START_SECONDS)
        worker.kill()
    shutil.rmtree(tmp_path / "home" / "blobs")
    fleet.command("work")
    (ended,) = await fleet.ended(run, within=START_SECONDS + TAKEOVER_SECONDS)

    assert answer.status_code == 202
    assert (ended["state"], ended["takeovers"]) == ("succeeded", 1)
    assert await fleet.db.fetch("select 1 from cards.cards where reading is not null")
