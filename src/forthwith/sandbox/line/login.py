"""LINE Login: ID tokens for LIFF pages, made at `/_sandbox` and verified as LINE does."""

from http import HTTPStatus
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from forthwith.platform import clock
from forthwith.sandbox.line import names
from forthwith.sandbox.line.channel import LOGIN_CHANNEL, Channel

_ISSUER: Final = "https://access.line.me"


class WantedToken(msgspec.Struct, forbid_unknown_fields=True):
    """The ID token that a page would get from `liff.getIDToken()`."""

    user: str
    audience: str = LOGIN_CHANNEL
    nonce: str | None = None
    name: str | None = None
    valid_seconds: float = 3_600.0


class Login:
    """Who is logged in to a LIFF page."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def routes(self) -> list[Route]:
        """LINE's own."""
        return [Route("/oauth2/v2.1/verify", self._verify, methods=["POST"])]

    def make(self, wanted: WantedToken) -> str:
        """An ID token of the three parts that a real one has."""
        issued_at = int(clock.now().timestamp())
        claims = {
            "iss": _ISSUER,
            "sub": names.user_id(wanted.user),
            "aud": wanted.audience,
            "exp": issued_at + int(wanted.valid_seconds),
            "iat": issued_at,
            "nonce": wanted.nonce,
            "amr": ["linesso"],
            "name": wanted.name or wanted.user,
        }
        token = ".".join(names.token() for _ in range(3))
        self._channel.id_tokens[token] = {
            name: value for name, value in claims.items() if value is not None
        }
        return token

    async def _verify(self, request: Request) -> Response:
        async with request.form() as form:
            asked = {name: str(value) for name, value in form.items()}
        claims = self._channel.id_tokens.get(asked.get("id_token", ""))
        fault = _fault(claims, asked)
        if fault is not None:
            body = {"error": "invalid_request", "error_description": fault}
            return JSONResponse(body, status_code=HTTPStatus.BAD_REQUEST)
        return JSONResponse(claims)


def _fault(claims: dict[str, Any] | None, form: dict[str, str]) -> str | None:
    """LINE's words for what is wrong, in the order in which it looks."""
    if claims is None:
        return "Invalid IdToken."
    if claims["exp"] <= clock.now().timestamp():
        return "IdToken expired."
    if claims["aud"] != form.get("client_id"):
        return "Invalid IdToken Audience."
    if "nonce" in form and claims.get("nonce") != form["nonce"]:
        return "Invalid IdToken Nonce."
    if "user_id" in form and claims["sub"] != form["user_id"]:
        return "Invalid IdToken Subject Identifier."
    return None
