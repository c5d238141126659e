"""Web push: encrypted for one browser (RFC 8291), signed for its push service (RFC 8292)."""

import base64
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import httpx
import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from forthwith.platform import clock
from forthwith.platform.errors import Refused
from forthwith.platform.notify import receivers
from forthwith.platform.notify.channels.posting import Postbox
from forthwith.platform.notify.errors import NotConfigured
from forthwith.platform.notify.notice import Message

_GONE: Final = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_KEPT: Final = timedelta(days=1)
"""How long a push service keeps a message for a browser that is away."""
_TOKEN: Final = timedelta(hours=12)  # RFC 8292 allows 24 hours
_MOST_BYTES: Final = 3_900  # RFC 8291: 4,096 with salt, key and tag


class Vapid:
    """The key by which push services know this installation: 32 bytes, a P-256 scalar."""

    def __init__(self, key: bytes, subject: str) -> None:
        self._private = ec.derive_private_key(int.from_bytes(key), ec.SECP256R1())
        self._subject = subject
        point = self._private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        self.public_key = base64.urlsafe_b64encode(point).rstrip(b"=").decode()
        """What browsers subscribe with: `applicationServerKey`."""

    def authorization(self, url: str) -> str:
        """The header for a push service's URL."""
        asked = httpx.URL(url)
        claims = {
            "aud": f"{asked.scheme}://{asked.netloc.decode()}",
            "exp": clock.now() + _TOKEN,
            "sub": self._subject,
        }
        token = jwt.encode(claims, self._private, algorithm="ES256")
        return f"vapid t={token}, k={self.public_key}"


@dataclass(frozen=True, slots=True)
class Push:
    """The channel `push`; a target is the id of a registered browser."""

    postbox: Postbox
    vapid: Vapid | None
    name: str = "push"

    @property
    def public_key(self) -> str | None:
        """What browsers subscribe with; None where web push is not configured."""
        return self.vapid.public_key if self.vapid is not None else None

    async def send(self, message: Message) -> None:
        """Give the message to the browser's push service; one unknown there is disabled.

        The Topic lets a message that is tried again take the place of itself.
        """
        if self.vapid is None:
            raise NotConfigured("Web push is not configured; set VAPID_PRIVATE_KEY.")
        receiver = await self.postbox.receiver(message, self.name)
        browser = receivers.opened(self.postbox.codec, receiver, receivers.Browser)
        headers = {
            "authorization": self.vapid.authorization(browser.url),
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(int(_KEPT.total_seconds())),
            "urgency": "high" if message.urgent else "normal",
            "topic": message.id.hex,
        }
        body = encrypted(browser, _payload(message))
        await self.postbox.post(receiver, browser.url, headers, body, gone=_GONE)


def _payload(message: Message) -> bytes:
    """What the page's service worker is handed; of a long body as much as there is room for."""
    body = message.body
    while len(payload := _encoded(message, body)) > _MOST_BYTES and body:
        body = body[: len(body) // 2]
    return payload


def _encoded(message: Message, body: str) -> bytes:
    shown = {"title": message.subject, "body": body}
    return msgspec.json.encode({"id": str(message.id), "type": message.template, **shown})


def encrypted(browser: receivers.Browser, payload: bytes) -> bytes:
    """The payload for this browser only. Raises `Refused` for keys that are none."""
    from pywebpush import WebPusher  # noqa: PLC0415 - brings two HTTP clients that nobody uses

    keys = {"p256dh": browser.p256dh, "auth": browser.auth}
    try:
        pusher = WebPusher({"endpoint": browser.url, "keys": keys})
        body: bytes = pusher.encode(payload)["body"]
    except Exception as error:  # what base64 and cryptography raise, and its own
        raise Refused("The browser's keys are none.") from error
    return body
