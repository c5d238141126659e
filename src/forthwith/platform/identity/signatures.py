"""Verifies signed requests before a route runs; the key that signed is who is asking."""

from typing import Final
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from forthwith.platform import context
from forthwith.platform.context import Principal
from forthwith.platform.crypto import Codec
from forthwith.platform.db import FAILURES
from forthwith.platform.errors import ForthwithError, Unauthorized, Unavailable
from forthwith.platform.http import problems
from forthwith.platform.http.bodies import Replay, whole_body
from forthwith.platform.identity import signing
from forthwith.platform.identity.key_memory import KeyMemory
from forthwith.platform.identity.keys import Found, signing_place
from forthwith.platform.identity.nonces import Nonces

_WRONG: Final = "The signature is not right for this key and request."


class Signatures:
    """Lets unsigned requests pass as they are; `plain_allowed` takes the body's own form too.

    The body is held in memory (the body limit bounds it) rather than judged as it streams: a
    route that reads no body would never come to the point where a wrong one shows.
    """

    def __init__(self, app: ASGIApp, *, plain_allowed: bool) -> None:
        self._app = app
        self._plain_allowed = plain_allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or not _is_signed(scope):
            await self._app(scope, receive, send)
            return
        try:
            principal, body = await self._verified(scope, receive)
        except ForthwithError as error:
            await problems.from_error(error, scope["path"])(scope, receive, send)
            return
        except HTTPException as error:  # the body is too large or wrongly packed
            await problems.from_http(error, scope["path"])(scope, receive, send)
            return
        token = context.principal.set(principal)
        try:
            await self._app(scope, Replay(body, receive), send)
        finally:
            context.principal.reset(token)

    async def _verified(self, scope: Scope, receive: Receive) -> tuple[Principal, bytes]:
        """Who signed, and the body. Raises `Unauthorized`, `Unavailable`, HTTPException."""
        signed = signing.read(scope["headers"], plain_allowed=self._plain_allowed)
        state = scope["state"]
        found = await _key(state["keys"], signed.key)
        if found is None or found.signing_secret is None:  # before the body is taken in
            raise Unauthorized(_WRONG)
        codec: Codec = state["codec"]
        secret = codec.open_bytes(found.signing_secret, signing_place(found.id))
        body = await whole_body(receive)
        if not signed.is_right(secret, scope["method"], _target(scope), body):
            raise Unauthorized(_WRONG)
        nonces: Nonces = state["records"].nonces
        if not signed.is_plain and not await nonces.take(found.id, signed.nonce.decode()):
            raise Unauthorized("This X-Nonce was used already; sign with a new one.")
        return found.principal, body


def _is_signed(scope: Scope) -> bool:
    return any(name == signing.SIGNATURE for name, _ in scope["headers"])


async def _key(memory: KeyMemory, named: UUID | None) -> Found | None:
    """The key that is named, which has to be the one that was sent, if one was."""
    sent = _sent_key()
    if sent is not None and named is not None and sent != named:
        return None
    key = named or sent
    if key is None:
        raise Unauthorized("Send X-Key-Id with the signature: the id of your API key.")
    try:
        return await memory.find_by_id(key)
    except FAILURES:
        raise Unavailable("The database is away; try again shortly.", retry_after=2) from None


def _sent_key() -> UUID | None:
    known = context.principal.get()
    kind, _, identifier = known.credential.partition(":") if known else ("", "", "")
    return UUID(identifier) if kind == "api-key" else None


def _target(scope: Scope) -> bytes:
    """Path and query as they were sent."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return path + b"?" + query if query else path
