"""URLs that somebody else named reach the public internet only, whatever they try."""

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from certificates import certificate
from hypothesis import given
from hypothesis import strategies as st
from streams import Handler, server

from forthwith.platform.errors import Transient
from forthwith.platform.guard import DestinationRefused, Guard, Policy, is_public

LOOPBACK = ip_network("127.0.0.0/8")
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Names:
    """A resolver of a test: what each name is, in turn; how often it was asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The next answer; the last one from then on."""
        self.asked.append(host)
        return self._answers[min(len(self.asked), len(self._answers)) - 1]


def answering(reply: bytes, heard: list[bytes] | None = None) -> Handler:
    """A server that answers every request with these bytes."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if heard is not None:
            heard.append(request)
        writer.write(reply)
        writer.close()

    return handle


def guard(*answers: Sequence[str], **policy: object) -> Guard:
    """A guard that lets loopback through, unless told otherwise."""
    rules = Policy(**{"networks": [LOOPBACK], **policy})  # type: ignore[arg-type]
    return Guard(rules, Names(*answers or (["127.0.0.1"],)))


async def refused(url: str, *answers: Sequence[str], **policy: object) -> str:
    """Why a guard without networks of its own refuses a URL."""
    with pytest.raises(DestinationRefused) as caught:
        await guard(*answers, **{"networks": [], **policy}).send("POST", url)
    return str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
        *("169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200", "192.0.0.192"),
        *("198.18.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1", "192.88.99.1"),
        *("224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "168.63.129.16"),
        *("[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]"),
        *("[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "[::ffff:7f00:1]", "[::127.0.0.1]"),
        *("[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[100::1]"),
        *("[2002:7f00:1::]", "[2001::1]", "[2001:db8::1]", "[3fff::1]", "[fec0::1]", "[5f00::1]"),
    ],
)
async def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert await refused(f"https://{address}/hook")


@pytest.mark.parametrize(
    "host",
    [
        *("2130706433", "0x7f000001", "017700000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.1"),
        *("0x7f.0.0.1", "127.0.0.1.", "0x", "1.2.3.4.5", "3232235777", "①②⑦.0.0.1", "127。0。0。1"),
        *("[::1%25eth0]", "[fe80::1%25lo]", "%31%32%37.0.0.1", "127.0.0.1%00.example.org"),
        *("xn--", "xn--0.pt"),
        *(
            "",
            "-",
            "a..b",
            "a b",
            "exa%20mple.org",
            "[::1",
            "::1",
            "a" * 300,
            "host:0",
            "host:99999",
        ),
    ],
)
async def test_a_number_or_nonsense_in_place_of_a_name_is_refused(host: str) -> None:
    """Resolvers read some of these as 127.0.0.1; here nobody is asked."""
    names = Names(["93.184.216.34"])
    with pytest.raises(DestinationRefused):
        await Guard(Policy(), names).send("POST", f"https://{host}/hook")

    assert names.asked == []


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "//example.org/x"),
        *(
            "example.org",
            "",
            "https:",
            "javascript:alert(1)",
            "https://h/\ud800",
            "https://a\r\nb/",
        ),
        *("https://user:password@example.org/", "https://example.org@127.0.0.1/", "\x00"),
        *("http://example.org/", "https://example.org:22/", "https://example.org:8443/"),
        "https://example.org/" + "a" * 2048,
    ],
)
async def test_a_url_that_is_no_plain_https_is_refused(url: str) -> None:
    assert await refused(url)


@pytest.mark.parametrize(
    "answer",
    [["10.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["10.0.0.1", "93.184.216.34"], ["::1"]],
)
async def test_a_name_is_refused_for_any_address_that_is_not_public(answer: list[str]) -> None:
    """Whoever connects may take any of them."""
    assert "public internet" in await refused("https://hooks.example/", answer)


async def test_a_public_address_passes_before_anything_is_resolved() -> None:
    url = Guard(Policy()).check("https://93.184.216.34:443/hook")

    assert str(url) == "https://93.184.216.34/hook"


async def test_plain_http_passes_where_it_is_allowed() -> None:
    assert Guard(Policy(plain_http=True)).check("http://93.184.216.34/hook")


async def test_a_name_is_resolved_once_and_the_judged_address_called() -> None:
    """Rebinding: the second answer of the same name is the inside."""
    heard: list[bytes] = []
    inside: list[bytes] = []
    names = Names(["127.0.0.2"], ["127.0.0.1"])
    outside_only = Guard(Policy(networks=[ip_network("127.0.0.2/32")]), names)
    async with (
        server(answering(OK, heard), "127.0.0.2") as port,
        server(answering(OK, inside), "127.0.0.1", port),
    ):
        reply = await outside_only.send("POST", f"http://hooks.example:{port}/hook")
        with pytest.raises(DestinationRefused):
            await outside_only.send("POST", f"http://hooks.example:{port}/hook")

    assert (reply.status, reply.body) == (200, b"ok")
    assert names.asked == ["hooks.example", "hooks.example"]
    assert (len(heard), inside) == (1, [])
    assert f"host: hooks.example:{port}".encode() in heard[0].lower()


async def test_the_next_address_is_tried_where_one_does_not_listen() -> None:
    heard: list[bytes] = []
    async with server(answering(OK, heard), "127.0.0.1") as port:
        both = guard(["127.0.0.9", "127.0.0.1"])
        reply = await both.send("POST", f"http://hooks.example:{port}/")

    assert reply.status == 200
    assert len(heard) == 1


async def test_a_redirect_is_an_answer_and_not_followed() -> None:
    heard: list[bytes] = []
    moved = b"HTTP/1.1 307 x\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
    async with server(answering(moved, heard)) as port:
        reply = await guard().send("POST", f"http://hooks.example:{port}/")

    assert reply.status == 307
    assert len(heard) == 1


async def test_a_network_of_ones_own_is_called_without_the_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with server(answering(OK)) as port:
        reply = await guard().send("POST", f"http://hooks.example:{port}/")

    assert reply.status == 200


async def test_a_huge_reply_is_cut_at_the_limit() -> None:
    sent = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n")
        while sent < 100_000_000:
            writer.write(b"x" * 65_536)
            await writer.drain()
            sent += 65_536

    async with server(handle) as port:
        reply = await guard().send("POST", f"http://hooks.example:{port}/")

    assert (reply.status, len(reply.body), reply.is_cut) == (200, 64 * 1024, True)
    assert sent < 20_000_000


async def test_packed_bytes_are_not_unpacked() -> None:
    """A small body that unpacks to gigabytes stays small."""
    packed = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nPACK"
    heard: list[bytes] = []
    async with server(answering(packed, heard)) as port:
        reply = await guard().send("GET", f"http://hooks.example:{port}/")

    assert reply.body == b"PACK"
    assert b"accept-encoding: identity" in heard[0].lower()


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A byte now and then, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def _silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def _nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
    await reader.read(1)
    writer.close()


@pytest.mark.parametrize("handle", [_drip, _silence, _nonsense])
async def test_a_host_that_does_not_answer_properly_is_worth_another_try(handle: Handler) -> None:
    async with server(handle) as port:
        with pytest.raises(Transient):
            await guard(seconds=0.5).send("POST", f"http://hooks.example:{port}/")


async def test_a_resolver_that_does_not_answer_takes_no_longer_than_allowed() -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return []

    with pytest.raises(Transient, match="in time"):
        await Guard(Policy(seconds=0.1), never).send("POST", "https://hooks.example/")


@pytest.mark.parametrize("answer", [[], ["127.0.0.1"]])
async def test_a_host_that_is_not_there_is_worth_another_try(answer: list[str]) -> None:
    with pytest.raises(Transient):
        await guard(answer).send("POST", "https://hooks.example:1/")


async def test_tls_is_made_with_the_name_though_the_address_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = certificate("hooks.example", tmp_path / "cert.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    async with server(answering(OK), tls=tls) as port:
        reply = await guard().send("POST", f"https://hooks.example:{port}/")

    assert reply.body == b"ok"


async def test_a_certificate_of_another_name_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = certificate("hooks.example", tmp_path / "cert.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    async with server(answering(OK), tls=tls) as port:
        with pytest.raises(Transient):
            await guard().send("POST", f"https://other.example:{port}/")


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111"])
def test_the_public_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_an_address_of_a_network_without_v4_is_judged_by_what_it_wraps() -> None:
    assert is_public(ip_address("64:ff9b::1.1.1.1"))


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_makes_it_no_more_public(address: object) -> None:
    mapped = ip_address(f"::ffff:{address}")
    compatible = ip_address(f"::{address}")

    assert is_public(mapped) == is_public(ip_address(str(address)))
    assert not is_public(compatible)


@given(st.text(max_size=80))
def test_any_text_is_a_url_or_refused(text: str) -> None:
    try:
        Guard(Policy()).check(text)
    except DestinationRefused:
        return
    assert text.strip().lower().startswith("https:")
