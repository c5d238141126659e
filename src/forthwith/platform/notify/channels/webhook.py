"""Signed webhooks as Standard Webhooks defines them (standardwebhooks.com, 1.0.0)."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from uuid import UUID

import msgspec
from standardwebhooks.webhooks import Webhook as Signing

from forthwith.platform import clock
from forthwith.platform.notify import receivers
from forthwith.platform.notify.channels.posting import Postbox
from forthwith.platform.notify.notice import Message

SOURCE: Final = "forthwith"


@dataclass(frozen=True, slots=True)
class Webhooks:
    """The channel `webhook`; a target is the id of a registered URL."""

    postbox: Postbox
    name: str = "webhook"

    async def send(self, message: Message) -> None:
        """Post the event; a receiver that answers 410 gets nothing any more."""
        receiver = await self.postbox.receiver(message, self.name)
        target = receivers.opened(self.postbox.codec, receiver, receivers.Webhook)
        body = _body(message)
        headers = _headers(message.id, body, target.signing())
        await self.postbox.post(receiver, target.url, headers, body, gone={HTTPStatus.GONE})


def _body(message: Message) -> bytes:
    """The same bytes at every try; members are named as CloudEvents names them."""
    return msgspec.json.encode(
        {
            "id": f"msg_{message.id.hex}",
            "source": SOURCE,
            "type": message.template,
            "time": message.created_at.isoformat(),
            "data": message.data,
        }
    )


def _headers(message: UUID, body: bytes, secrets: list[str]) -> dict[str, str]:
    """One signature per secret: while one is rotated, both hold."""
    identifier, now = f"msg_{message.hex}", clock.now()
    signatures = [Signing(each).sign(identifier, now, body.decode()) for each in secrets]
    return {
        "content-type": "application/json",
        "user-agent": SOURCE,
        "webhook-id": identifier,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
