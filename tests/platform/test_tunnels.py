"""Behind a proxy the guard asks for the address that it judged, and for nothing else."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx
import pytest
from certificates import certificate
from streams import server

from forthwith.platform import tunnels
from forthwith.platform.errors import Transient
from forthwith.platform.guard import DestinationRefused, Guard

PUBLIC = "93.184.216.34"
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


async def resolve(host: str, port: int) -> Sequence[str]:
    return ["10.0.0.7" if host.startswith("inside") else PUBLIC]


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while part := await reader.read(65536):
            writer.write(part)
    writer.close()


class Proxy:
    """Leads every connection to one server, whatever it is asked for; or answers otherwise."""

    def __init__(self, to_port: int) -> None:
        self.answer = b"HTTP/1.1 200 Connection established\r\n\r\n"
        self.asked: list[bytes] = []
        self._to_port = to_port

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(self.answer)
        if b" 200 " in self.answer:
            to, back = await asyncio.open_connection("127.0.0.1", self._to_port)
            await asyncio.gather(pipe(reader, back), pipe(to, writer))
        writer.close()


async def answer_ok(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(OK)
    writer.close()


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    made = certificate("hooks.example", tmp_path / "cert.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    return made


@pytest.fixture
async def proxy(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Proxy]:
    async with server(answer_ok, tls=tls) as to_port:
        made = Proxy(to_port)
        async with server(made.handle) as port:
            monkeypatch.setenv("HTTPS_PROXY", f"http://ann:se%20cret@127.0.0.1:{port}")
            yield made


async def test_the_judged_address_is_asked_for_and_tls_made_with_the_name(proxy: Proxy) -> None:
    reply = await Guard(resolver=resolve).send("POST", "https://hooks.example/")

    assert reply.body == b"ok"
    assert proxy.asked == [
        b"CONNECT 93.184.216.34:443 HTTP/1.1\r\nHost: 93.184.216.34:443\r\n"
        b"Proxy-Authorization: Basic YW5uOnNlIGNyZXQ=\r\n\r\n"
    ]


async def test_a_certificate_of_another_name_is_not_taken_through_a_proxy(proxy: Proxy) -> None:
    with pytest.raises(Transient):
        await Guard(resolver=resolve).send("POST", "https://other.example/")


async def test_a_proxy_is_not_asked_for_what_is_refused(proxy: Proxy) -> None:
    with pytest.raises(DestinationRefused):
        await Guard(resolver=resolve).send("POST", "https://inside.example/")

    assert proxy.asked == []


@pytest.mark.parametrize("answer", [b"HTTP/1.1 403 no\r\n\r\n", b"nonsense", b""])
async def test_a_proxy_that_does_not_connect_is_worth_another_try(
    proxy: Proxy, answer: bytes
) -> None:
    proxy.answer = answer
    with pytest.raises(Transient):
        await Guard(resolver=resolve).send("POST", "https://hooks.example/")


def test_hosts_that_need_no_proxy_go_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "near.example,.inner.example")
    found = {
        host: tunnels.proxy_for(host)
        for host in ("near.example", "a.inner.example", "hooks.example")
    }

    assert found == {
        "near.example": None,
        "a.inner.example": None,
        "hooks.example": httpx.URL("http://proxy.example:3128"),
    }


def test_a_proxy_that_speaks_no_http_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://proxy.example:1080")
    monkeypatch.delenv("HTTPS_PROXY", raising=False)

    with pytest.raises(httpx.UnsupportedProtocol):
        tunnels.proxy_for("hooks.example")
