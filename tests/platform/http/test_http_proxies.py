"""Who is believed about the address of a caller."""

from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from starlette.types import Receive, Scope, Send

from forthwith.platform.http.proxies import TrustedProxies, network_of

TRUSTED = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]
CALLER = "203.0.113.7"


async def _seen(
    peer: str, *headers: tuple[str, str], header: str = "x-forwarded-for", scheme: str = "http"
) -> tuple[str, str]:
    """Address and scheme that the application sees."""
    seen: dict[str, Any] = {}

    async def app(scope: Scope, _: Receive, __: Send) -> None:
        seen.update(scope)

    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    scope = {"type": "http", "client": (peer, 1), "headers": raw, "scheme": scheme}
    await TrustedProxies(app, trusted=TRUSTED, header=header)(scope, None, None)  # type: ignore[arg-type]
    return seen["client"][0], seen["scheme"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("10.0.0.1", CALLER, CALLER),
        ("10.0.0.1", f"1.2.3.4, {CALLER}", CALLER),
        ("10.0.0.1", f"1.2.3.4, {CALLER}, 10.0.0.2", CALLER),
        ("10.0.0.1", f"{CALLER}:4711", CALLER),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("10.0.0.1", f"::ffff:{CALLER}", CALLER),
        ("::ffff:10.0.0.1", CALLER, CALLER),
        ("fd00::1", CALLER, CALLER),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", f"{CALLER}, nonsense", "10.0.0.1"),
        ("10.0.0.1", f"{CALLER}, nonsense, 10.0.0.2", "10.0.0.2"),
        ("192.0.2.1", CALLER, "192.0.2.1"),
    ],
)
async def test_the_nearest_hop_that_is_no_proxy_of_ours_is_the_caller(
    peer: str, forwarded: str, caller: str
) -> None:
    address, _ = await _seen(peer, ("X-Forwarded-For", forwarded))

    assert address == caller


async def test_several_headers_are_read_as_one_list() -> None:
    headers = [("X-Forwarded-For", "1.2.3.4"), ("X-Forwarded-For", CALLER)]

    assert (await _seen("10.0.0.1", *headers))[0] == CALLER


async def test_only_the_header_that_the_proxies_set_is_read() -> None:
    """A proxy passes the other one on as the caller forged it."""
    headers = [("Forwarded", "for=1.2.3.4"), ("X-Forwarded-For", CALLER)]

    assert (await _seen("10.0.0.1", *headers))[0] == CALLER
    assert (await _seen("10.0.0.1", *headers, header="forwarded"))[0] == "1.2.3.4"


@pytest.mark.parametrize(
    ("forwarded", "seen"),
    [
        ("for=203.0.113.7;proto=https", (CALLER, "https")),
        ('For="[2001:db8::1]:1";Proto=http, for=10.0.0.2', ("2001:db8::1", "http")),
        ("for=1.2.3.4, for=203.0.113.7;proto=https", (CALLER, "https")),
        ("for=_hidden", ("10.0.0.1", "http")),
        ("for=unknown;proto=https", ("10.0.0.1", "http")),
    ],
)
async def test_forwarded_is_read_as_rfc_7239_says(forwarded: str, seen: tuple[str, str]) -> None:
    assert await _seen("10.0.0.1", ("Forwarded", forwarded), header="forwarded") == seen


async def test_the_scheme_is_believed_from_a_proxy_only() -> None:
    headers = [("X-Forwarded-For", CALLER), ("X-Forwarded-Proto", "https")]

    assert await _seen("10.0.0.1", *headers) == (CALLER, "https")
    assert await _seen("192.0.2.1", *headers) == ("192.0.2.1", "http")


@given(some.text(alphabet=some.characters(max_codepoint=255), max_size=200))
async def test_whatever_a_header_says_there_is_an_address(forwarded: str) -> None:
    for header in ("x-forwarded-for", "forwarded"):
        address, _ = await _seen("10.0.0.1", (header, forwarded), header=header)

        assert network_of(address)


@pytest.mark.parametrize(
    ("host", "network"),
    [
        (CALLER, CALLER),
        (f"::ffff:{CALLER}", CALLER),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_ipv6_caller_is_its_whole_network(host: str, network: str) -> None:
    assert network_of(host) == network
