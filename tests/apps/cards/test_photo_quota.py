"""Photos a day, as plans allow: exact, given back unread, each account's own."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from accounts import add_account
from command import running_server
from pictures import picture, truncated_jpeg
from support import events, send_photo, working

from forthwith.platform import clock
from forthwith.platform.config import PlatformSettings
from forthwith.platform.db import Database
from forthwith.platform.runtime import Runtime

ANN = "fw_test-key-of-ann"
BASIC = 100  # photos a day


@pytest.fixture
async def owner(db: Database) -> UUID:
    return await add_account(db, ANN)


@pytest.fixture
async def ann(api: httpx.AsyncClient, owner: UUID) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a member on the basic plan."""
    assert owner
    headers = {"X-API-Key": ANN}
    async with httpx.AsyncClient(base_url=api.base_url, headers=headers, timeout=30) as client:
        yield client


async def _spend(db: Database, owner: UUID, used: int) -> None:
    await db.execute(
        "insert into platform.quota_uses (owner, quota, period, used)"
        " values ($1, 'photos', $2, $3)",
        owner,
        clock.now().date(),
        used,
    )


async def _used(db: Database, owner: UUID) -> int:
    row = await db.fetchrow(
        "select sum(used) as n from platform.quota_uses where owner = $1", owner
    )
    return int(row["n"] or 0) if row else 0


async def _sent(client: httpx.AsyncClient, photo: bytes) -> dict[str, str]:
    answer = await send_photo(client, photo)
    assert answer.status_code == 202
    submitted: dict[str, str] = answer.json()["data"]
    return submitted


async def test_a_photo_beyond_the_plan_is_refused_with_when_there_are_more(
    ann: httpx.AsyncClient, db: Database, owner: UUID
) -> None:
    await _spend(db, owner, BASIC - 1)
    await _sent(ann, picture(1))
    refused = await send_photo(ann, picture(2))
    body, seconds = refused.json(), int(refused.headers["retry-after"])

    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert body["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
    assert body["error"]["code"] == "QUOTA_EXCEEDED"
    assert body["violated-policies"] == ["photos"]
    assert "midnight UTC" in body["detail"]
    assert 0 < seconds <= 86_400
    assert f'"photos";q={BASIC};w=86400' in refused.headers["ratelimit-policy"]
    assert f'"photos";r=0;t={seconds}' in refused.headers["ratelimit"]


async def test_a_refused_photo_leaves_nothing_behind(
    ann: httpx.AsyncClient, db: Database, owner: UUID, runtime: Runtime
) -> None:
    await _spend(db, owner, BASIC)
    await send_photo(ann, picture(), **{"Idempotency-Key": "one"})
    left = await db.fetchrow(
        "select (select count(*) from cards.cards) + (select count(*) from platform.runs)"
        " + (select count(*) from platform.streams) + (select count(*) from platform.events)"
        " + (select count(*) from platform.idempotency)"
        " + (select count(*) from pgqueuer.pgqueuer) as n"
    )

    assert left is not None
    assert left["n"] == 0
    assert list(runtime.blobs.survey()) == []


async def test_a_repeated_request_uses_nothing(
    ann: httpx.AsyncClient, db: Database, owner: UUID
) -> None:
    """Also when the first one took the last photo, and when both come at once."""
    await _spend(db, owner, BASIC - 1)
    key = {"Idempotency-Key": "one"}
    answers = await asyncio.gather(*(send_photo(ann, picture(), **key) for _ in range(5)))
    later = await send_photo(ann, picture(), **key)

    assert {each.status_code for each in (*answers, later)} == {202}
    assert len({each.json()["data"]["card_id"] for each in (*answers, later)}) == 1
    assert await _used(db, owner) == BASIC


async def test_an_account_uses_nothing_of_another_and_an_operator_uses_nothing(
    api: httpx.AsyncClient, ann: httpx.AsyncClient, db: Database, owner: UUID
) -> None:
    other = await add_account(db, "fw_test-key-of-bob")
    await _spend(db, other, BASIC)
    await _sent(ann, picture(1))
    await _sent(api, picture(2))
    owners = await db.fetch("select owner from platform.quota_uses order by owner")

    assert await _used(db, owner) == 1
    assert {row["owner"] for row in owners} == {owner, other}


async def test_another_plan_allows_more_at_once(
    api: httpx.AsyncClient, ann: httpx.AsyncClient, db: Database, owner: UUID
) -> None:
    await _spend(db, owner, BASIC)
    refused = await send_photo(ann, picture())
    changed = await api.post(f"/api/v1/accounts/{owner}/plan", json={"plan_type": "premium"})
    async with asyncio.timeout(10):  # the notice of the change comes a moment later
        while (await send_photo(ann, picture())).status_code != 202:
            await asyncio.sleep(0.05)

    assert (refused.status_code, changed.status_code) == (429, 200)
    assert await _used(db, owner) == BASIC + 1


async def test_a_cancelled_photo_is_given_back_and_taken_again_by_a_retry(
    ann: httpx.AsyncClient, db: Database, owner: UUID
) -> None:
    run = (await _sent(ann, picture()))["run_url"]
    found = [await _used(db, owner)]
    for verb in ("cancel", "cancel", "retry"):
        await ann.post(f"{run}/{verb}")
        found.append(await _used(db, owner))

    assert found == [1, 0, 0, 1]


async def test_a_retry_beyond_the_plan_is_refused(
    ann: httpx.AsyncClient, db: Database, owner: UUID
) -> None:
    run = (await _sent(ann, picture()))["run_url"]
    await ann.post(f"{run}/cancel")
    await db.execute("update platform.quota_uses set used = $1", BASIC)
    refused = await ann.post(f"{run}/retry")

    assert refused.status_code == 429
    assert (await ann.get(run)).json()["data"]["status"] == "cancelled"


async def test_a_photo_that_is_none_is_given_back_and_one_that_was_looked_at_is_not(
    ann: httpx.AsyncClient, db: Database, owner: UUID, runtime: Runtime
) -> None:
    """An empty picture says nothing, but finding that out is the work that is counted."""
    broken, empty = await _sent(ann, truncated_jpeg()), await _sent(ann, picture())
    async with working(runtime):
        kinds = [(await events(ann, each["events_url"]))[-1]["event"] for each in (broken, empty)]

    assert kinds == ["failed", "failed"]
    assert await _used(db, owner) == 1


async def test_a_card_deleted_before_it_was_read_is_given_back_once(
    ann: httpx.AsyncClient, db: Database, owner: UUID
) -> None:
    waiting, cancelled = await _sent(ann, picture(1)), await _sent(ann, picture(2))
    await _sent(ann, picture(3))
    await ann.post(f"{cancelled['run_url']}/cancel")
    for each in (waiting, cancelled):
        await ann.delete(f"/api/v1/cards/{each['card_id']}")

    assert await _used(db, owner) == 1


async def test_what_was_taken_yesterday_is_not_given_back_today(
    ann: httpx.AsyncClient, db: Database, owner: UUID
) -> None:
    earlier = await _sent(ann, picture(1))
    await db.execute("update platform.runs set created_at = created_at - interval '1 day'")
    await ann.post(f"{earlier['run_url']}/cancel")

    assert await _used(db, owner) == 1


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_two_processes_take_exactly_what_is_left(
    settings: PlatformSettings, db: Database, owner: UUID
) -> None:
    assert settings.database.dsn is not None
    await _spend(db, owner, BASIC - 12)
    async with (
        running_server() as one,
        running_server() as other,
        httpx.AsyncClient(headers={"X-API-Key": ANN}, timeout=60) as client,
    ):

        async def send(number: int) -> int:
            url = f"{(one, other)[number % 2]}/api/v1/cards"
            return (await client.post(url, files={"photo": picture(number)})).status_code

        statuses = await asyncio.gather(*(send(number) for number in range(40)))

    assert (statuses.count(202), statuses.count(429)) == (12, 28)
    assert await _used(db, owner) == BASIC
