"""Calls to URLs that somebody else named: to the public internet only, and bounded.

Against server-side request forgery (OWASP SSRF prevention sheet): a name is resolved once,
every address of it must be allowed, and the connection goes to the very address that was
judged, with the name kept for TLS and the Host header; so an answer of DNS that changes
between look and use changes nothing. Redirects are not followed, connections not kept: a pool
would take one certificate for another name's. A proxy of the environment (HTTPS_PROXY, NO_PROXY)
is asked for the judged address, never for the name.
"""

import asyncio
import contextlib
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

import httpx

from forthwith.platform import tunnels
from forthwith.platform.errors import Refused, Transient

IP: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""All addresses of a host name, as text, for a port. Raises OSError when there is none."""

_PORTS: Final = {"http": 80, "https": 443}
_PORTS_END: Final = 65_536
_LONGEST_URL: Final = 2048  # characters
_ADDRESSES_TRIED: Final = 3
_NAME: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?")
_NUMBER: Final = re.compile(r"0x[0-9a-f]*|[0-9]+")
"""A last label that makes a host a number to some (WHATWG URL, "ends in a number"): 127.1, 0x7f."""

_NEVER_V4: Final = tuple(
    ip_network(each)
    for each in (
        *("0.0.0.0/8", "192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/3"),
        "168.63.129.16/32",  # public by its number, but the inside of every machine at Azure
    )
)
"""Beyond what `is_global` of every Python 3.11 knows; IANA's special-purpose registries, 2025."""
_NEVER_V6: Final = tuple(
    ip_network(each) for each in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
"""Inside of what is global: protocol assignments and Teredo, documentation, 6to4."""
_GLOBAL_V6: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")


class DestinationRefused(Refused):
    """The URL, or an address behind it, is not one that may be called."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be called. In `networks` also plain HTTP and every port are let through.

    They are called directly, whatever the environment says of proxies.
    """

    networks: Sequence[Network] = ()
    plain_http: bool = False
    seconds: float = 10.0
    max_reply_bytes: int = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `body` is as it came over the wire, and ends at the policy's limit."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool


async def resolve(host: str, port: int) -> list[str]:
    """The system's resolver."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True)
class Guard:
    """Sends requests as `policy` allows; a test hands in a resolver of its own."""

    policy: Policy = field(default_factory=Policy)
    resolver: Resolve = resolve

    def check(self, url: str) -> httpx.URL:
        """The URL, if nothing speaks against it before its name is resolved.

        Raises `DestinationRefused` with a sentence that says what is wrong.
        """
        parsed = _parsed(url)
        literal = _literal(parsed.host)
        if literal is not None:
            self._judge(parsed, [literal])
        elif not self.policy.networks:
            self._check_port(parsed)
        return parsed

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
    ) -> Reply:
        """The answer of whatever status; a redirect is one, too.

        Raises `DestinationRefused` before a byte is sent, `Transient` when the host has no
        address, does not answer within the policy's seconds, or breaks off.
        """
        parsed = self.check(url)
        try:
            async with asyncio.timeout(self.policy.seconds):
                return await self._send(method, parsed, dict(headers or {}), content)
        except TimeoutError:
            raise Transient(f"{parsed.host} did not answer in time.") from None
        except (httpx.TransportError, OSError) as error:
            raise Transient(f"{parsed.host} cannot be reached: {type(error).__name__}.") from error

    async def _send(
        self, method: str, url: httpx.URL, headers: dict[str, str], content: bytes
    ) -> Reply:
        addresses = await self._addresses(url)
        *others, last = addresses[:_ADDRESSES_TRIED]
        for address in others:
            with contextlib.suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await self._send_to(address, method, url, headers, content)
        return await self._send_to(last, method, url, headers, content)

    async def _addresses(self, url: httpx.URL) -> list[IP]:
        literal = _literal(url.host)
        if literal is not None:
            return [literal]
        port = url.port or _PORTS[url.scheme]
        names = await self.resolver(url.raw_host.decode("ascii"), port)
        found = [ip_address(each) for each in names]
        self._judge(url, found)
        return found

    async def _send_to(
        self, address: IP, method: str, url: httpx.URL, headers: dict[str, str], content: bytes
    ) -> Reply:
        """Over a connection of its own to this address, TLS still made with the URL's name."""
        pinned = url.copy_with(host=str(address))
        request = httpx.Request(
            method,
            pinned,
            headers={**headers, "Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity"},
            content=content,
            extensions={
                "sni_hostname": url.raw_host.decode("ascii"),
                "timeout": {"connect": self.policy.seconds / _ADDRESSES_TRIED},
            },
        )
        proxy = None if self._is_ours(address) else tunnels.proxy_for(url.host)
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=0)
        async with tunnels.transport(proxy, self._tls, limits) as transport:
            response = await transport.handle_async_request(request)
            try:
                return await self._read(response)
            finally:
                await response.aclose()

    async def _read(self, response: httpx.Response) -> Reply:
        body = bytearray()
        most = self.policy.max_reply_bytes
        async for part in response.aiter_raw():
            body += part
            if len(body) > most:
                break
        return Reply(response.status_code, response.headers, bytes(body[:most]), len(body) > most)

    def _judge(self, url: httpx.URL, addresses: Sequence[IP]) -> None:
        """Every address must be allowed, since whoever connects may take any of them."""
        if not addresses:
            raise Transient(f"{url.host} has no address.")
        if all(self._is_ours(each) for each in addresses):
            return
        self._check_port(url)
        for address in addresses:
            if not is_public(address) and not self._is_ours(address):
                raise DestinationRefused(f"{url.host} is not on the public internet.")

    def _check_port(self, url: httpx.URL) -> None:
        if url.scheme == "http" and not self.policy.plain_http:
            raise DestinationRefused("The URL must begin with https://.")
        if url.port is not None and url.port not in _PORTS.values():
            raise DestinationRefused("The URL may name the ports 80 and 443 only.")

    def _is_ours(self, address: IP) -> bool:
        return any(address in network for network in self.policy.networks)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Made once, since it takes 20 ms; SSL_CERT_FILE adds an authority of one's own."""
        return httpx.create_ssl_context()


def is_public(address: IP) -> bool:
    """Whether packets to it leave for the public internet, also where it wraps another address."""
    if isinstance(address, IPv6Address):
        wrapped = address.ipv4_mapped
        if wrapped is None and address in _NAT64:
            wrapped = IPv4Address(address.packed[-4:])
        if wrapped is None:
            return address in _GLOBAL_V6 and not any(address in each for each in _NEVER_V6)
        address = wrapped
    return address.is_global and not any(address in each for each in _NEVER_V4)


def _parsed(url: str) -> httpx.URL:
    if len(url) > _LONGEST_URL:
        raise DestinationRefused(f"The URL is longer than {_LONGEST_URL} characters.")
    try:
        parsed = httpx.URL(url)
        host = parsed.host  # read from punycode only now
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise DestinationRefused("This is no URL.") from None
    if parsed.scheme not in _PORTS:
        raise DestinationRefused("The URL must begin with https://.")
    if parsed.port is not None and not 0 < parsed.port < _PORTS_END:
        raise DestinationRefused("The URL names a port that does not exist.")
    if parsed.userinfo:
        raise DestinationRefused("The URL must not carry a user or a password.")
    if "%" in host or not (_literal(host) or _is_name(parsed.raw_host)):
        raise DestinationRefused("The URL has no host that could be called.")
    return parsed


def _literal(host: str) -> IP | None:
    """The address that a host is written as; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_name(host: bytes) -> bool:
    """Whether a host is a name of DNS, and not a number in disguise."""
    name = host.decode("ascii", "replace").lower()
    return bool(_NAME.fullmatch(name)) and not _NUMBER.fullmatch(name.rstrip(".").split(".")[-1])
