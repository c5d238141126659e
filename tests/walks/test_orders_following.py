"""Following an order: by polling, by events, by WebSocket; cancelling it, trying it again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from ordering import SEED_BODY, open_shop, order, place
from support import events, working
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from forthwith.platform.runtime import Runtime


async def _status(guest: httpx.AsyncClient, taken: dict[str, Any]) -> dict[str, Any]:
    status: dict[str, Any] = (await guest.get(taken["polling_url"])).json()["data"]
    return status


async def _ended(guest: httpx.AsyncClient, runtime: Runtime, taken: dict[str, Any]) -> Any:
    """The order once nothing is done about it any more."""
    async with working(runtime):
        told = await events(guest, taken["events_url"])
    return told[-1]["data"]


async def test_an_order_in_another_language_is_told_in_both(
    staff: httpx.AsyncClient, guest: httpx.AsyncClient, speaking_runtime: Runtime
) -> None:
    await open_shop(staff)
    taken = await place(guest, order(language="ja", table="5", guest_name="Sato"))
    status = await _ended(guest, speaking_runtime, taken)

    assert status["number"] == "A-001"
    assert status["stage"] == {"code": "completed", "text": "完了"}
    assert status["summary"]["chinese"].splitlines() == [
        "林家麵館 A-001",
        "紅燒牛肉麵（大碗） ×2  NT$320",
        "合計：NT$320",
        "桌號：5",
    ]
    assert status["summary"]["translated"].splitlines()[1] == "牛肉麺（大盛り） ×2  NT$320"
    assert [each["rate"] for each in status["voices"]] == [1.0, 0.7, 1.3]


async def test_events_tell_the_way_and_end_with_the_order(
    guest: httpx.AsyncClient, speaking_runtime: Runtime
) -> None:
    """The first voice is there before the order is completed; progress only grows."""
    taken = await place(guest, SEED_BODY)
    following = asyncio.create_task(events(guest, taken["events_url"]))
    await asyncio.sleep(0.2)
    async with working(speaking_runtime):
        told = [each["data"] for each in await following]
    ready = [each["status"] for each in told if each["voice_ready"]]
    progress = [each["progress"] for each in told]

    assert told[0]["status"] == "pending"
    assert ready[0] == "processing"
    assert progress == sorted(progress)
    assert told[-1]["status"] == "completed"


async def test_a_websocket_tells_the_same_and_closes(
    guest: httpx.AsyncClient, speaking_runtime: Runtime
) -> None:
    taken = await place(guest, SEED_BODY)
    async with _socket(guest, taken["ws_url"]) as socket, working(speaking_runtime):
        told = [msgspec.json.decode(message) async for message in socket]

    assert {each["event"] for each in told} == {"status"}
    assert told[-1]["data"] == await _status(guest, taken)


@pytest.mark.parametrize("order_id", ["AAAAAAAAAAAAAAAAAAAAAA", "nonsense"])
async def test_a_websocket_of_no_order_says_so(guest: httpx.AsyncClient, order_id: str) -> None:
    async with _socket(guest, f"/api/v1/orders/{order_id}/ws") as socket:
        with pytest.raises(ConnectionClosed):
            await socket.recv()

    assert socket.close_code == 4404


@contextlib.asynccontextmanager
async def _socket(guest: httpx.AsyncClient, path: str) -> AsyncIterator[ClientConnection]:
    async with connect(f"ws{str(guest.base_url).removeprefix('http')}{path}") as socket:
        yield socket


async def test_an_unchanged_order_is_not_told_twice(guest: httpx.AsyncClient) -> None:
    taken = await place(guest, SEED_BODY)
    first = await guest.get(taken["polling_url"])
    tag = {"If-None-Match": first.headers["etag"]}
    same = await guest.get(taken["polling_url"], headers=tag)
    await guest.post(taken["cancel_url"])
    changed = await guest.get(taken["polling_url"], headers=tag)

    assert (first.headers["retry-after"], same.status_code) == ("2", 304)
    assert (changed.status_code, changed.json()["status"]) == (200, "cancelled")
    assert "retry-after" not in changed.headers


async def test_a_poll_that_waits_is_answered_by_the_change(guest: httpx.AsyncClient) -> None:
    """Long before its 20 seconds are over."""
    taken = await place(guest, SEED_BODY)
    waiting = asyncio.create_task(
        guest.get(taken["polling_url"], headers={"Prefer": "respond-async, wait=20"})
    )
    await asyncio.sleep(0.3)
    is_waiting = not waiting.done()
    await guest.post(taken["cancel_url"])
    answer = await asyncio.wait_for(waiting, 10)

    assert is_waiting
    assert answer.json()["status"] == "cancelled"
    assert answer.headers["preference-applied"] == "wait=20"


async def test_a_poll_that_waits_in_vain_is_answered_all_the_same(
    guest: httpx.AsyncClient,
) -> None:
    taken = await place(guest, SEED_BODY)
    answer = await guest.get(taken["polling_url"], headers={"Prefer": "wait=1"})

    assert answer.json()["status"] == "pending"


async def test_a_voice_is_played_whole_and_in_parts(
    guest: httpx.AsyncClient, speaking_runtime: Runtime
) -> None:
    """As a player in a phone asks: the first two bytes, the end, what it has already."""
    taken = await place(guest, SEED_BODY)
    status = await _ended(guest, speaking_runtime, taken)
    url = status["voice_url"]
    whole = await guest.get(url)
    length = len(whole.content)
    first = await guest.get(url, headers={"Range": "bytes=0-1"})
    last = await guest.get(url, headers={"Range": "bytes=-10"})
    rest = await guest.get(url, headers={"Range": f"bytes={length - 5}-"})
    beyond = await guest.get(url, headers={"Range": f"bytes={length}-"})
    same = await guest.get(url, headers={"If-None-Match": whole.headers["etag"]})

    assert whole.headers["content-type"] == "audio/mp4"
    assert whole.content[4:8] == b"ftyp"
    assert status["voices"][0]["duration_ms"] > 1_000
    assert (first.status_code, first.content) == (206, whole.content[:2])
    assert first.headers["content-range"] == f"bytes 0-1/{length}"
    assert (last.content, rest.content) == (whole.content[-10:], whole.content[-5:])
    assert (beyond.status_code, same.status_code) == (416, 304)


@pytest.mark.parametrize("change", ["another", "cut", "nonsense"])
async def test_a_voice_needs_its_signed_link(
    guest: httpx.AsyncClient, speaking_runtime: Runtime, change: str
) -> None:
    taken = await place(guest, SEED_BODY)
    status = await _ended(guest, speaking_runtime, taken)
    url: str = status["voice_url"]
    head, _, token = url.rpartition("/")
    swapped = ("B" if token[0] == "A" else "A") + token[1:]
    wrong = {"another": swapped, "cut": token[:-4], "nonsense": "x"}[change]

    assert (await guest.get(f"{head}/{wrong}")).status_code == 401


async def test_a_cancelled_order_can_be_taken_up_again(
    guest: httpx.AsyncClient, speaking_runtime: Runtime
) -> None:
    taken = await place(guest, SEED_BODY)
    cancelled = (await guest.post(taken["cancel_url"])).json()
    twice = await guest.post(taken["cancel_url"])
    again = (await guest.post(taken["retry_url"])).json()
    status = await _ended(guest, speaking_runtime, taken)

    assert (cancelled["status"], cancelled["can_retry"]) == ("cancelled", True)
    assert twice.status_code == 409
    assert again["status"] == "pending"
    assert status["status"] == "completed"
    assert (await guest.post(taken["retry_url"])).status_code == 409
    assert (await guest.post(taken["cancel_url"])).status_code == 409


@pytest.mark.slow
async def test_a_failed_voice_is_told_with_its_reason_and_tried_again(
    guest: httpx.AsyncClient, speaking_runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No voice is ready within a hundredth of a second. What was done stays done."""
    monkeypatch.setenv("SPEECH_TIMEOUT_SECONDS", "0.01")
    taken = await place(guest, SEED_BODY)
    failed = await _ended(guest, speaking_runtime, taken)
    monkeypatch.delenv("SPEECH_TIMEOUT_SECONDS")
    await guest.post(taken["retry_url"])
    status = await _ended(guest, speaking_runtime, taken)

    assert (failed["status"], failed["can_retry"]) == ("failed", True)
    assert failed["error"]["message"]
    assert (failed["summary_ready"], failed["voice_ready"]) == (True, False)
    assert status["status"] == "completed"
    assert status["number"] == failed["number"] == "A-001"


async def test_a_voice_that_is_away_for_a_moment_is_waited_for(
    guest: httpx.AsyncClient, speaking_runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPEECH_TIMEOUT_SECONDS", "0.01")
    taken = await place(guest, SEED_BODY)
    async with working(speaking_runtime), asyncio.timeout(40):
        while not await speaking_runtime.db.fetchrow(
            "select 1 from platform.runs where attempt > 0"
        ):
            await asyncio.sleep(0.05)
        monkeypatch.delenv("SPEECH_TIMEOUT_SECONDS")
        told = await events(guest, taken["events_url"])

    assert told[-1]["data"]["status"] == "completed"


@pytest.mark.parametrize("order_id", ["AAAAAAAAAAAAAAAAAAAAAA", "nonsense", "1", "%2e%2e"])
async def test_nobody_finds_an_order_without_its_id(
    guest: httpx.AsyncClient, order_id: str
) -> None:
    base = f"/api/v1/orders/{order_id}"
    statuses = {
        (await guest.get(f"/api/v1/orders/status/{order_id}")).status_code,
        (await guest.get(f"{base}/events")).status_code,
        (await guest.post(f"{base}/cancel")).status_code,
        (await guest.post(f"{base}/retry")).status_code,
    }

    assert statuses == {404}
