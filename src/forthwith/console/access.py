"""The console answers on this machine only, whatever the server listens on."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

_OWN_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_FORWARDED: Final = frozenset({b"forwarded", b"x-forwarded-for", b"x-real-ip"})
_REFUSAL: Final = "The console answers on its own machine only; open it there, or by an SSH tunnel."


class LoopbackOnly:
    """Refuses who calls from elsewhere, and pages of elsewhere that call by another name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] not in {"http", "websocket"} or _is_own(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(1008)(scope, receive, send)
        else:
            await PlainTextResponse(_REFUSAL, status_code=403)(scope, receive, send)


def _is_own(scope: Scope) -> bool:
    client = scope["client"]
    headers = dict(scope["headers"])
    if not _FORWARDED.isdisjoint(headers):  # a proxy of this machine speaks for somebody else
        return False
    host = headers.get(b"host", b"").decode("latin-1")
    origin = headers.get(b"origin", b"").decode("latin-1")
    named_here = _name(f"//{host}") in _OWN_NAMES
    from_here = not origin or _name(origin) in _OWN_NAMES
    return bool(client and ip_address(client[0]).is_loopback and named_here and from_here)


def _name(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:  # such as a bracket that is not closed
        return None
