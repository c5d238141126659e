"""A push service with the browsers behind it: it checks what RFC 8030, 8291 and 8292 ask for.

`POST /push/{browser}` takes a message. `POST /_sandbox/subscriptions` makes a browser's
subscription (the JSON of the W3C Push API), `DELETE /_sandbox/subscriptions/{browser}` ends it,
`GET /_sandbox/messages` lists what the browsers could read.
"""

import base64
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

import http_ece
import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from forthwith.platform import clock
from forthwith.sandbox.receiving import refuse
from forthwith.sandbox.vendor import Vendor

_LONGEST: Final = 4096  # bytes that a push service must take
_LONGEST_TOKEN: Final = 24 * 3600.0  # seconds


class Refused(Exception):
    """A push that the service does not take, and the status that says why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class ShownPush(msgspec.Struct, frozen=True):
    """A message as a browser read it."""

    browser: str
    topic: str | None
    urgency: str | None
    public_key: str
    payload: Any


@dataclass(frozen=True, slots=True)
class _Browser:
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def keys(self) -> dict[str, str]:
        """What a page is told of it."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": _base64url(point), "auth": _base64url(self.auth)}


@dataclass(slots=True)
class PushService:
    """The browsers that subscribed, and what they were shown."""

    shown: list[ShownPush] = field(default_factory=list)
    _browsers: dict[str, _Browser] = field(default_factory=dict)

    def vendor(self) -> Vendor:
        """The service as a server."""
        control = [
            Route("/subscriptions", self._subscribe, methods=["POST"]),
            Route("/subscriptions/{browser}", self._unsubscribe, methods=["DELETE"]),
            Route("/messages", self._messages, methods=["GET"]),
        ]
        routes = [Route("/push/{browser}", self._push, methods=["POST"])]
        return Vendor(name="push", routes=routes, refuse=refuse, control=control)

    async def _subscribe(self, request: Request) -> Response:
        name, browser = secrets.token_urlsafe(12), _Browser()
        self._browsers[name] = browser
        endpoint = f"{request.url.scheme}://{request.url.netloc}/push/{name}"
        return JSONResponse({"endpoint": endpoint, "keys": browser.keys()}, status_code=201)

    async def _unsubscribe(self, request: Request) -> Response:
        self._browsers.pop(request.path_params["browser"], None)
        return Response(status_code=204)

    async def _push(self, request: Request) -> Response:
        name = request.path_params["browser"]
        browser = self._browsers.get(name)
        if browser is None:
            return Response(status_code=410)
        try:
            _check_headers(request)
            public_key = _check_vapid(request)
            payload = _opened(browser, await request.body())
        except Refused as refused:
            return JSONResponse({"reason": refused.reason}, status_code=refused.status)
        headers = request.headers
        shown = ShownPush(name, headers.get("topic"), headers.get("urgency"), public_key, payload)
        self.shown.append(shown)
        return Response(status_code=201, headers={"location": f"/messages/{len(self.shown)}"})

    async def _messages(self, _: Request) -> Response:
        return Response(msgspec.json.encode(self.shown), media_type="application/json")


def _check_headers(request: Request) -> None:
    if request.headers.get("content-encoding") != "aes128gcm":
        raise Refused(415, "Content-Encoding must be aes128gcm")
    if not request.headers.get("ttl", "").isdigit():
        raise Refused(400, "TTL is missing")


def _check_vapid(request: Request) -> str:
    """The sender's public key, with which the token was signed for this service."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    parts = dict(each.strip().split("=", 1) for each in rest.split(",") if "=" in each)
    if scheme.lower() != "vapid" or parts.keys() < {"t", "k"}:
        raise Refused(401, "no VAPID authorization")
    origin = f"{request.url.scheme}://{request.url.netloc}"
    try:
        point = base64.urlsafe_b64decode(parts["k"] + "=" * (-len(parts["k"]) % 4))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        claims = jwt.decode(
            parts["t"],
            key,
            ["ES256"],
            audience=origin,
            options={"require": ["aud", "exp", "sub"]},
        )
    except (ValueError, jwt.InvalidTokenError) as error:
        raise Refused(403, f"VAPID: {error}") from error
    if claims["exp"] - clock.now().timestamp() > _LONGEST_TOKEN:
        raise Refused(403, "VAPID: the token is valid for more than a day")
    return parts["k"]


def _opened(browser: _Browser, body: bytes) -> Any:
    """What the browser reads."""
    if len(body) > _LONGEST:
        raise Refused(413, f"more than {_LONGEST} bytes")
    try:
        plain = http_ece.decrypt(
            body, private_key=browser.key, auth_secret=browser.auth, version="aes128gcm"
        )
    except (http_ece.ECEException, ValueError) as error:
        raise Refused(400, "not encrypted for this browser") from error
    return msgspec.json.decode(plain)


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
