"""What LINE sends is taken in: signed, once, in any order, and nothing is called meanwhile."""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest
from line_bot import Bot
from support import serving

from forthwith.integrations.line.signature import sign
from forthwith.platform.runtime import Runtime
from forthwith.sandbox.line import LinePhone, LineSandbox
from forthwith.sandbox.line.knobs import LineKnobs

WEBHOOK = "/api/v1/cards/line/webhook"


async def _post(
    http: httpx.AsyncClient, line: LineSandbox, events: list[Any], path: str = WEBHOOK
) -> httpx.Response:
    body = msgspec.json.encode({"destination": line.channel.bot, "events": events})
    headers = {"x-line-signature": sign(line.channel.secret, body)}
    return await http.post(path, content=body, headers=headers)


async def _runs(runtime: Runtime) -> list[str]:
    rows = await runtime.db.fetch("select name from platform.runs order by name")
    return [row["name"] for row in rows]


@pytest.fixture
async def http(line_runtime: Runtime) -> Any:
    """A client of a server without a worker: what is queued stays queued."""
    async with serving(line_runtime) as url, httpx.AsyncClient(base_url=url) as client:
        yield client


async def test_a_webhook_without_the_right_signature_is_refused(
    http: httpx.AsyncClient, line: LineSandbox, line_runtime: Runtime
) -> None:
    event = line.channel.event("follow", "U" + "1" * 32, is_answerable=True)
    body = msgspec.json.encode({"events": [event]})
    answers = [
        await http.post(WEBHOOK, content=body, headers=headers)
        for headers in ({}, {"x-line-signature": "AAAA"}, {"x-line-signature": sign("other", body)})
    ]

    assert [each.status_code for each in answers] == [401] * 3
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert await _runs(line_runtime) == []


async def test_a_ping_without_events_is_answered(
    http: httpx.AsyncClient, line: LineSandbox
) -> None:
    """What the console's Verify button sends."""
    answer = await _post(http, line, [])

    assert (answer.status_code, answer.json()["success"]) == (200, True)


@pytest.mark.parametrize("path", [WEBHOOK, "/api/cards/line/webhook", "/callback"])
async def test_the_seed_s_paths_take_webhooks_too(
    http: httpx.AsyncClient, line: LineSandbox, path: str
) -> None:
    event = line.channel.event("follow", "U" + "1" * 32, is_answerable=True)
    answer = await _post(http, line, [event], path)

    assert answer.json()["data"] == {"taken": 1}


async def test_a_body_beyond_a_mebibyte_is_refused_before_it_is_hashed(
    http: httpx.AsyncClient,
) -> None:
    answer = await http.post(WEBHOOK, content=b"x" * (1024 * 1024 + 1))

    assert answer.status_code == 413


async def test_a_signed_body_that_is_no_webhook_is_a_bad_request(
    http: httpx.AsyncClient, line: LineSandbox
) -> None:
    headers = {"x-line-signature": sign(line.channel.secret, b"[]")}

    assert (await http.post(WEBHOOK, content=b"[]", headers=headers)).status_code == 400


async def test_an_event_that_comes_again_does_nothing(
    http: httpx.AsyncClient, line: LineSandbox, line_runtime: Runtime
) -> None:
    photo = {"type": "image", "id": "1", "contentProvider": {"type": "line"}}
    event = line.channel.event("message", "U" + "1" * 32, is_answerable=True, message=photo)
    again = event | {"deliveryContext": {"isRedelivery": True}}
    taken = [
        (await _post(http, line, events)).json()["data"]["taken"]
        for events in ([event], [again], [again, event])
    ]

    assert taken == [1, 0, 0]
    assert await _runs(line_runtime) == ["cards.line.photo"]


async def test_events_of_many_people_in_one_webhook_are_taken_in_together(
    http: httpx.AsyncClient, line: LineSandbox, line_runtime: Runtime
) -> None:
    events = [
        line.channel.event("follow", f"U{number:032x}", is_answerable=True) for number in range(9)
    ]
    answer = await _post(http, line, events[::-1])

    assert answer.json()["data"] == {"taken": 9}
    assert await _runs(line_runtime) == ["cards.line.event"] * 9


async def test_kinds_that_nothing_is_done_about_are_only_counted(
    http: httpx.AsyncClient, line: LineSandbox, line_runtime: Runtime
) -> None:
    user = "U" + "1" * 32
    events = [
        line.channel.event("unfollow", user, is_answerable=False),
        line.channel.event("of_the_future", user, is_answerable=True, more={"a": [1]}),
        {"type": "message", "mode": "active"},
        {},
    ]
    answer = await _post(http, line, events)

    assert (answer.status_code, answer.json()["data"]) == (200, {"taken": 0})
    assert await _runs(line_runtime) == []


async def test_what_comes_in_standby_is_kept_and_not_answered(
    http: httpx.AsyncClient, line: LineSandbox, line_runtime: Runtime
) -> None:
    event = line.channel.event("follow", "U" + "1" * 32, is_answerable=True) | {"mode": "standby"}
    await _post(http, line, [event])
    kept = await line_runtime.db.fetch("select event from platform.inbox")

    assert [row["event"] for row in kept] == [event["webhookEventId"]]
    assert await _runs(line_runtime) == []


async def test_nothing_of_line_is_called_before_the_webhook_is_answered(
    http: httpx.AsyncClient, line: LineSandbox
) -> None:
    photo = {"type": "image", "id": "1", "contentProvider": {"type": "line"}}
    event = line.channel.event("message", "U" + "1" * 32, is_answerable=True, message=photo)
    answer = await _post(http, line, [event])
    async with httpx.AsyncClient(base_url=line.url) as control:
        log = (await control.get("/_sandbox/log")).json()

    assert answer.status_code == 200
    assert [each for each in log if "/v2/" in each["path"]] == []


async def test_events_that_come_twice_and_shuffled_are_each_answered_once(bot: Bot) -> None:
    knobs = LineKnobs(copies=2, redelivery_seconds=0.1, hold_seconds=0.3, is_shuffled=True)
    await bot.phone.set_knobs(knobs)
    people = [f"person {number}" for number in range(8)]
    for person in people:
        await bot.phone.send_text(person, "help")
    for person in people:
        await bot.says(person)
    await asyncio.sleep(0.5)
    await bot.settled()

    assert [len(await bot.said(person)) for person in people] == [1] * 8


async def test_nothing_that_was_said_stands_in_plain_text_in_the_database(
    bot: Bot, line_runtime: Runtime
) -> None:
    """Names of tables of this room; the walk of sealing searches the files themselves."""
    async with LinePhone(bot.line.url):
        await bot.ask("Fang", "批次")
        await bot.ask("Fang", "search SECRETWORD")
        await bot.settled()
    found = set()
    tables = await line_runtime.db.fetch(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables"
        " where schemaname in ('cards', 'platform', 'pgqueuer')"
    )
    for table in tables:
        rows = await line_runtime.db.fetch(f"select t::text as row from {table['name']} t")  # noqa: S608
        text = "\n".join(row["row"] for row in rows)
        found |= {(table["name"], word) for word in ("SECRETWORD", "批次") if word in text}

    assert found == set()
