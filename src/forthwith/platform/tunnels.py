"""Connections through an HTTP proxy to the very address that was judged before.

httpx asks a proxy for the host that TLS is made with; here the proxy is asked for an address
(CONNECT, RFC 9110 section 9.3.6), so that it resolves nothing and cannot be led elsewhere.
"""

import base64
import ssl
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

_SCHEMES: Final = ("http", "https")
_END: Final = b"\r\n\r\n"
_LONGEST_ANSWER: Final = 16 * 1024  # bytes


def proxy_for(host: str) -> httpx.URL | None:
    """What HTTPS_PROXY, or ALL_PROXY, and NO_PROXY say of a host.

    Raises `httpx.UnsupportedProtocol` for a proxy that does not speak HTTP.
    """
    proxies = getproxies()
    proxy = proxies.get("https") or proxies.get("all")
    if not proxy or proxy_bypass(host):
        return None
    url = httpx.URL(proxy if "://" in proxy else f"http://{proxy}")
    if url.scheme not in _SCHEMES:
        raise httpx.UnsupportedProtocol(f"a proxy by {url.scheme}")
    return url


def transport(
    proxy: httpx.URL | None, tls: ssl.SSLContext, limits: httpx.Limits
) -> httpx.AsyncHTTPTransport:
    """A transport over connections through the proxy, or of its own without one."""
    made = httpx.AsyncHTTPTransport(verify=tls, trust_env=False, limits=limits)
    if proxy is not None:
        made._pool = httpcore.AsyncConnectionPool(  # noqa: SLF001 - httpx hands no backend on
            ssl_context=tls,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            network_backend=_Tunnels(proxy),
        )
    return made


class _Tunnels(httpcore.AnyIOBackend):
    """Opens connections by asking a proxy for them."""

    def __init__(self, proxy: httpx.URL) -> None:
        self._proxy = proxy

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A stream to the address behind the proxy. Raises `httpcore.ConnectError`."""
        own_port = self._proxy.port or (443 if self._proxy.scheme == "https" else 80)
        stream = await super().connect_tcp(
            self._proxy.host, own_port, timeout, local_address, socket_options
        )
        try:
            if self._proxy.scheme == "https":
                tls = httpx.create_ssl_context()
                stream = await stream.start_tls(tls, self._proxy.host, timeout)
            await self._ask(
                stream, f"[{host}]:{port}" if ":" in host else f"{host}:{port}", timeout
            )
        except BaseException:
            await stream.aclose()
            raise
        return stream

    async def _ask(
        self,
        stream: httpcore.AsyncNetworkStream,
        target: str,
        timeout: float | None,  # noqa: ASYNC109 - the same
    ) -> None:
        headers = {"Host": target, **self._authorization()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        await stream.write(f"CONNECT {target} HTTP/1.1\r\n{lines}\r\n".encode(), timeout)
        answer = b""
        while _END not in answer and len(answer) < _LONGEST_ANSWER:
            part = await stream.read(_LONGEST_ANSWER, timeout)
            if not part:
                break
            answer += part
        status = answer.partition(b"\r\n")[0].split(b" ", 2)
        if len(status) < 2 or not status[1].startswith(b"2"):  # noqa: PLR2004 - version, status
            raise httpcore.ConnectError(f"the proxy answered {b' '.join(status)[:80]!r}")

    def _authorization(self) -> Mapping[str, str]:
        if not self._proxy.userinfo:
            return {}
        told = base64.b64encode(unquote(self._proxy.userinfo.decode()).encode()).decode()
        return {"Proxy-Authorization": f"Basic {told}"}
