"""Cookies for pages that people sign in to, and the guard that goes with them.

A browser sends cookies along with whatever another site makes it send. The guard lets a request
that may change something pass only when the browser says that a page of the same origin sent it:
by Sec-Fetch-Site, which no page can set, or by Origin where a browser is too old for that. The
API itself takes no credential from cookies, so it needs none of this.
"""

from typing import Final
from urllib.parse import urlsplit

from fastapi import Response
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from forthwith.platform.http.problems import Problem

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN: Final = frozenset({"same-origin", "none"})
_POLICY_VIOLATION: Final = 1008


def set_cookie(answer: Response, name: str, value: str, *, secure: bool, seconds: int) -> None:
    """Set a cookie that no script reads and no other site sends.

    Over https its name begins with `__Host-`, so that no subdomain can set one in its place;
    `cookie_name` gives the name to read it by.
    """
    answer.set_cookie(
        cookie_name(name, secure=secure),
        value,
        max_age=seconds,
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )


def clear_cookie(answer: Response, name: str, *, secure: bool) -> None:
    """Have the browser forget a cookie that `set_cookie` set."""
    answer.delete_cookie(
        cookie_name(name, secure=secure), path="/", secure=secure, httponly=True, samesite="strict"
    )


def cookie_name(name: str, *, secure: bool) -> str:
    """The name as it stands in the browser."""
    return f"__Host-{name}" if secure else name


class CsrfGuard:
    """Refuses what another site makes a browser send: requests that change, and web sockets."""

    def __init__(self, app: ASGIApp, *, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if not self._judges(scope) or _is_own(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(_POLICY_VIOLATION)(scope, receive, send)
        else:
            await _refusal(scope["path"])(scope, receive, send)

    def _judges(self, scope: Scope) -> bool:
        if scope["type"] == "http":
            return scope["method"] not in _SAFE and _is_under(scope["path"], self._prefix)
        return scope["type"] == "websocket" and _is_under(scope["path"], self._prefix)


def _is_under(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


def _is_own(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in _OWN
    origin = urlsplit(headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == headers.get("host")


def _refusal(instance: str) -> Problem:
    return Problem(
        status=403,
        code="CROSS_SITE",
        title="Forbidden",
        detail="This came from a page of another site; open the page itself.",
        instance=instance,
    )
