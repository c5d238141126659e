"""Reads the credential of each request once and fills `context.principal`."""

from starlette.types import ASGIApp, Receive, Scope, Send

from forthwith.platform import context
from forthwith.platform.context import Principal
from forthwith.platform.db import FAILURES
from forthwith.platform.identity.tokens import is_token


class Identity:
    """Anonymous requests pass: the routes say what they need (`http.require`)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        secret = _secret(scope) if scope["type"] in {"http", "websocket"} else None
        if secret is None:
            await self._app(scope, receive, send)
            return
        try:
            principal = await _find(scope, secret)
        except FAILURES:  # open routes answer all the same: a probe may well send a key
            principal = None
            scope["state"]["identity_away"] = True
        token = context.principal.set(principal)
        try:
            await self._app(scope, receive, send)
        finally:
            context.principal.reset(token)


async def _find(scope: Scope, secret: str) -> Principal | None:
    state = scope["state"]
    found: Principal | None
    if is_token(secret):
        found = state["tokens"].principal_of(secret)
    else:
        found = await state["keys"].find(secret)
    return found


def _secret(scope: Scope) -> str | None:
    """The first API key or access token of a request: `Authorization: Bearer` or `X-API-Key`."""
    for name, value in scope["headers"]:
        if name == b"x-api-key" and value:
            return str(value.decode("latin-1"))
        if name == b"authorization":
            scheme, _, secret = value.decode("latin-1").partition(" ")
            if scheme.lower() == "bearer":
                return str(secret.strip())
    return None
