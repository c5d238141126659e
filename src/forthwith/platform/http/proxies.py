"""Who a request comes from, when it comes through proxies that are ours.

The word of a proxy is believed only from addresses in TRUSTED_PROXIES, and of one header only:
a proxy that sets X-Forwarded-For passes a forged Forwarded on as it is, and the other way round.
The addresses are read from the nearest hop on; the first that is no proxy of ours is the caller.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send

Network: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address

_FORWARDED: Final = b"forwarded"
_PROTO: Final = b"x-forwarded-proto"
_PAIR: Final = re.compile(r'\s*(for|proto)\s*=\s*("[^"]*"|[^;,\s]*)', re.IGNORECASE)
_PORT: Final = re.compile(r"^\[([^\]]+)\](?::\d+)?$|^([0-9.]+):\d+$")
_SCHEMES: Final = {"http": ("https", "http"), "websocket": ("wss", "ws")}
_IPV6_PREFIX: Final = 64  # what one customer is given at the least


class TrustedProxies:
    """Puts the caller's address and scheme into the scope; without proxies it does nothing."""

    def __init__(self, app: ASGIApp, *, trusted: Sequence[Network], header: str) -> None:
        self._app = app
        self._trusted = trusted
        self._header = header.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if self._trusted and scope["type"] in {"http", "websocket"}:
            self._believe(scope)
        await self._app(scope, receive, send)

    def _believe(self, scope: Scope) -> None:
        peer = _address(scope["client"][0]) if scope.get("client") else None
        if peer is None or not self._is_ours(peer):
            return
        peer, scheme = self._caller(scope, peer)
        scope["client"] = (str(peer), 0)
        secure, plain = _SCHEMES[scope["type"]]
        scope["scheme"] = secure if scheme == "https" else plain

    def _caller(self, scope: Scope, peer: Address) -> tuple[Address, str | None]:
        """The first address that is no proxy of ours, and the scheme it used."""
        headers = scope["headers"]
        values = [value.decode("latin-1") for name, value in headers if name == self._header]
        scheme = _proto(scope) if self._header != _FORWARDED else None
        for hop, told in self._hops(values):
            if hop is None:
                break  # it told nonsense: the hop before is as far as we know
            peer, scheme = hop, told or scheme
            if not self._is_ours(hop):
                break
        return peer, scheme

    def _hops(self, values: Sequence[str]) -> Iterator[tuple[Address | None, str | None]]:
        """Addresses with the scheme that was used, the nearest first."""
        parts = [part for value in values for part in value.split(",")]
        for part in reversed(parts):
            if self._header == _FORWARDED:
                pairs = {name.lower(): value.strip('"') for name, value in _PAIR.findall(part)}
                yield _address(pairs.get("for", "")), pairs.get("proto")
            else:
                yield _address(part.strip()), None

    def _is_ours(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


def _proto(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == _PROTO:
            return str(value.decode("latin-1").rpartition(",")[2].strip().lower())
    return None


def _address(text: str) -> Address | None:
    """An address, with a port or not; IPv4 in IPv6 is IPv4. None for what is none."""
    found = _PORT.match(text)
    bare = (found[1] or found[2]) if found else text
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


@lru_cache(maxsize=4096)
def network_of(host: str) -> str:
    """What is limited as one caller: an IPv4 address, or the /64 of an IPv6 address."""
    address = _address(host)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, _IPV6_PREFIX), strict=False))
    return host if address is None else str(address)
