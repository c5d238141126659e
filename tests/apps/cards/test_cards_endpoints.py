"""The cards routes: sending, repeating, listing, following, deleting; each owner alone."""

import asyncio

import httpx
import pytest
from accounts import STRANGERS_KEY, add_account
from pictures import picture
from support import events, send_photo

from forthwith.platform.db import Database
from forthwith.platform.runtime import Runtime

KEY = {"Idempotency-Key": "one-photo"}


async def _submitted(api: httpx.AsyncClient, number: int = 0) -> dict[str, str]:
    answer = await send_photo(api, picture(number))
    found: dict[str, str] = answer.json()["data"]
    return found


async def _count(db: Database, table: str) -> int:
    row = await db.fetchrow(f"select count(*) from {table}")  # noqa: S608 - a name of this file
    assert row is not None
    return int(row[0])


async def test_a_photo_is_taken_in_with_where_to_look(api: httpx.AsyncClient) -> None:
    answer = await send_photo(api, picture())
    data = answer.json()["data"]

    assert answer.status_code == 202
    assert answer.headers["location"] == data["polling_url"] == f"/api/v1/cards/{data['card_id']}"
    assert int(answer.headers["retry-after"]) >= 1
    assert data["status"] == "queued"


async def test_a_waiting_card_tells_when_to_ask_again(api: httpx.AsyncClient) -> None:
    submitted = await _submitted(api)
    answer = await api.get(submitted["polling_url"])

    assert answer.json()["data"]["processing"] is True
    assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize("url", ["polling_url", "run_url"])
async def test_polling_is_cheap_until_something_changes(api: httpx.AsyncClient, url: str) -> None:
    submitted = await _submitted(api)
    first = await api.get(submitted[url])
    known = {"If-None-Match": first.headers["etag"]}

    same = await api.get(submitted[url], headers=known)
    weak = await api.get(
        submitted[url], headers={"If-None-Match": f'"x", W/{known["If-None-Match"]}'}
    )
    await api.post(f"{submitted['run_url']}/cancel")
    changed = await api.get(submitted[url], headers=known)

    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["etag"] == first.headers["etag"]
    assert weak.status_code == 304
    assert changed.status_code == 200
    assert changed.json()["data"]["status"] == "cancelled"
    assert "retry-after" not in changed.headers


async def test_the_photo_comes_back_as_it_was_sent(api: httpx.AsyncClient) -> None:
    submitted = await _submitted(api)
    answer = await api.get(f"{submitted['polling_url']}/photo")

    assert answer.content == picture()
    assert answer.headers["content-type"] == "image/png"


async def test_the_seeds_alias_answers_the_same(api: httpx.AsyncClient) -> None:
    submitted = await _submitted(api)
    path = submitted["polling_url"].replace("/api/v1", "/api")

    assert (await api.get(path)).json()["data"]["id"] == submitted["card_id"]


async def test_the_same_key_and_photo_make_one_card_and_the_same_bytes(
    api: httpx.AsyncClient, db: Database
) -> None:
    first = await send_photo(api, picture(), **KEY)
    again = await send_photo(api, picture(), **KEY)

    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert await _count(db, "cards.cards") == await _count(db, "platform.runs") == 1


async def test_the_same_key_for_another_photo_is_refused(
    api: httpx.AsyncClient, db: Database
) -> None:
    await send_photo(api, picture(1), **KEY)
    other = await send_photo(api, picture(2), **KEY)

    assert other.status_code == 422
    assert other.json()["errors"][0]["pointer"] == "header/Idempotency-Key"
    assert await _count(db, "cards.cards") == 1


async def test_eight_at_once_with_one_key_make_one_card(
    api: httpx.AsyncClient, db: Database
) -> None:
    answers = await asyncio.gather(*(send_photo(api, picture(), **KEY) for _ in range(8)))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert await _count(db, "cards.cards") == await _count(db, "platform.runs") == 1


async def test_without_a_key_the_same_photo_is_another_card(
    api: httpx.AsyncClient, db: Database
) -> None:
    await send_photo(api, picture())
    await send_photo(api, picture())

    assert await _count(db, "cards.cards") == 2


async def test_a_key_may_be_used_again_once_its_day_is_over(
    api: httpx.AsyncClient, db: Database
) -> None:
    await send_photo(api, picture(1), **KEY)
    await db.execute("update platform.idempotency set expires_at = now() - interval '1 second'")
    later = await send_photo(api, picture(2), **KEY)

    assert later.status_code == 202
    assert "idempotency-replayed" not in later.headers


async def test_a_key_that_is_no_key_is_a_bad_request(api: httpx.AsyncClient, db: Database) -> None:
    for key in ("", "two words", "é", "x" * 256, "x" * 10_000):
        headers = [("Idempotency-Key", key.encode())]
        answer = await api.post("/api/v1/cards", files={"photo": picture()}, headers=headers)

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == "header/Idempotency-Key"
    assert await _count(db, "cards.cards") == 0


async def test_the_longest_key_is_kept(api: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "~" * 255}
    first = await send_photo(api, picture(), **key)

    assert (await send_photo(api, picture(), **key)).content == first.content


async def test_two_owners_may_use_the_same_key(api: httpx.AsyncClient, db: Database) -> None:
    await add_account(db)
    mine = await send_photo(api, picture(1), **KEY)
    theirs = await send_photo(api, picture(2), **KEY, **{"X-API-Key": STRANGERS_KEY})

    assert theirs.status_code == 202
    assert theirs.json()["data"]["card_id"] != mine.json()["data"]["card_id"]


@pytest.mark.parametrize("path", ["/api/v1/cards", "/api/v1/runs"])
async def test_pages_show_each_row_once_also_while_rows_are_added(
    api: httpx.AsyncClient, path: str
) -> None:
    member = "card_id" if path.endswith("cards") else "run_id"
    sent = [(await _submitted(api, number))[member] for number in range(7)]
    seen: list[str] = []
    query: dict[str, str | int] = {"limit": 2}
    while True:
        page = (await api.get(path, params=query)).json()["data"]
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
        await _submitted(api, 100 + len(seen))

    assert seen == sent[::-1]


async def test_a_list_is_filtered_by_status(api: httpx.AsyncClient) -> None:
    cancelled, waiting = await _submitted(api, 1), await _submitted(api, 2)
    await api.post(f"{cancelled['run_url']}/cancel")

    found = {
        status: [
            card["id"]
            for card in (await api.get("/api/v1/cards", params={"status": status})).json()["data"][
                "items"
            ]
        ]
        for status in ("queued", "cancelled", "succeeded")
    }

    assert found == {
        "queued": [waiting["card_id"]],
        "cancelled": [cancelled["card_id"]],
        "succeeded": [],
    }


async def test_somebody_elses_cards_and_runs_do_not_exist(
    api: httpx.AsyncClient, db: Database
) -> None:
    await add_account(db)
    mine = await _submitted(api)
    card, run = mine["polling_url"], mine["run_url"]
    stranger = {"X-API-Key": STRANGERS_KEY}
    asked = [
        *(("GET", f"{card}{rest}") for rest in ("", "/events", "/photo")),
        ("DELETE", card),
        *(("GET", f"{run}{rest}") for rest in ("", "/events")),
        *(("POST", f"{run}{rest}") for rest in ("/cancel", "/retry")),
    ]

    answers = [await api.request(method, path, headers=stranger) for method, path in asked]
    lists = [await api.get(path, headers=stranger) for path in ("/api/v1/cards", "/api/v1/runs")]

    assert [answer.status_code for answer in answers] == [404] * len(asked)
    assert [answer.json()["data"]["items"] for answer in lists] == [[], []]
    assert (await api.get(card)).json()["data"]["status"] == "queued"


async def test_somebody_elses_cursor_shows_only_ones_own_rows(
    api: httpx.AsyncClient, db: Database
) -> None:
    await add_account(db)
    for number in range(3):
        await _submitted(api, number)
    cursor = (await api.get("/api/v1/cards?limit=1")).json()["data"]["next"]

    page = await api.get(
        "/api/v1/cards", params={"cursor": cursor}, headers={"X-API-Key": STRANGERS_KEY}
    )

    assert page.json()["data"] == {"items": [], "next": None}


async def test_a_deleted_card_is_gone_with_its_run_events_and_photo(
    api: httpx.AsyncClient, db: Database, runtime: Runtime
) -> None:
    submitted = await _submitted(api)
    gone = await api.delete(submitted["polling_url"])
    after = [
        (await api.get(path)).status_code
        for path in (submitted["polling_url"], submitted["run_url"], submitted["events_url"])
    ]
    blobs = runtime.settings.home.home / "blobs"

    assert gone.status_code == 200
    assert after == [404, 404, 404]
    assert [path for path in blobs.rglob("*") if path.is_file()] == []
    assert await _count(db, "platform.events") == await _count(db, "platform.streams") == 0
    assert (await api.delete(submitted["polling_url"])).status_code == 404


async def test_a_photo_stays_as_long_as_another_card_shows_it(api: httpx.AsyncClient) -> None:
    first, second = await _submitted(api), await _submitted(api)
    await api.delete(first["polling_url"])

    assert (await api.get(f"{second['polling_url']}/photo")).content == picture()


@pytest.mark.parametrize("url", ["events_url", "run_url"])
async def test_the_stream_of_a_run_is_replayed_and_ends_with_it(
    api: httpx.AsyncClient, url: str
) -> None:
    submitted = await _submitted(api)
    path = submitted[url] if url == "events_url" else f"{submitted[url]}/events"
    following = asyncio.create_task(events(api, path))
    await asyncio.sleep(0.2)
    await api.post(f"{submitted['run_url']}/cancel")
    live = await following
    replayed = await events(api, path)
    rest = await events(api, path, **{"Last-Event-ID": "1"})
    nothing = await events(api, path, **{"Last-Event-ID": "2"})
    unknown = await events(api, path, **{"Last-Event-ID": "no number"})

    assert [(each["id"], each["event"]) for each in live] == [(1, "queued"), (2, "cancelled")]
    assert live == replayed == unknown
    assert rest == live[1:]
    assert nothing == []


async def test_twenty_readers_follow_one_card_and_one_may_leave(
    api: httpx.AsyncClient, runtime: Runtime
) -> None:
    submitted = await _submitted(api)
    readers = [asyncio.create_task(events(api, submitted["events_url"])) for _ in range(20)]
    await asyncio.sleep(0.3)
    readers.pop().cancel()
    await api.post(f"{submitted['run_url']}/cancel")

    seen = await asyncio.gather(*readers)

    assert all([each["event"] for each in one] == ["queued", "cancelled"] for one in seen)
    async with asyncio.timeout(5):
        while runtime.feed._waiting:
            await asyncio.sleep(0.05)


async def test_the_reader_of_a_deleted_card_is_let_go(
    api: httpx.AsyncClient, runtime: Runtime
) -> None:
    submitted = await _submitted(api)
    following = asyncio.create_task(events(api, submitted["events_url"]))
    await asyncio.sleep(0.2)
    await api.delete(submitted["polling_url"])
    runtime.feed._wake_all()  # as the reading again every 10 seconds does

    assert [each["event"] for each in await following] == ["queued"]


async def test_a_stream_is_neither_cached_nor_buffered(api: httpx.AsyncClient) -> None:
    submitted = await _submitted(api)
    await api.post(f"{submitted['run_url']}/cancel")
    answer = await api.get(submitted["events_url"])

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-accel-buffering"] == "no"
