"""The console is for people at this machine: not for the network, nor for pages of elsewhere."""

import httpx
import pytest
from starlette.responses import PlainTextResponse

from forthwith.console.access import LoopbackOnly


async def _status(client: tuple[str, int], **headers: str) -> int:
    app = LoopbackOnly(PlainTextResponse("here"))
    transport = httpx.ASGITransport(app, client=client)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as http:
        return (await http.get("/console/chat", headers=headers)).status_code


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_people_at_this_machine_are_let_in(address: str) -> None:
    assert await _status((address, 1)) == 200
    assert await _status((address, 1), Origin="http://127.0.0.1:8000") == 200


@pytest.mark.parametrize("address", ["192.168.1.7", "8.8.8.8", "2001:db8::1"])
async def test_the_network_is_not(address: str) -> None:
    assert await _status((address, 1)) == 403


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP"])
async def test_a_proxy_of_this_machine_lets_nobody_in(header: str) -> None:
    assert await _status(("127.0.0.1", 1), **{header: "127.0.0.1"}) == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example"},
        {"Host": "localhost.rebound.example:8000"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Host": ""},
        {"Host": "[::1"},
    ],
)
async def test_a_page_of_elsewhere_cannot_use_the_browser_of_somebody_here(
    headers: dict[str, str],
) -> None:
    assert await _status(("127.0.0.1", 1), **headers) == 403
