"""Posting to a receiver that an owner registered: what its answer means, the same for all."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.errors import Refused, Transient
from forthwith.platform.guard import Guard
from forthwith.platform.notify import receivers
from forthwith.platform.notify.errors import ReceiverNotFound
from forthwith.platform.notify.models import Receiver
from forthwith.platform.notify.notice import Message
from forthwith.platform.upstream.rate_headers import retry_after

_DONE: Final = range(200, 300)
_LONGEST_WAIT: Final = 3600.0  # seconds; a receiver may ask for years


@dataclass(frozen=True, slots=True)
class Postbox:
    """Finds the receivers of messages, and posts to them through the guard."""

    db: Database
    codec: Codec
    guard: Guard

    async def receiver(self, message: Message, channel: str) -> Receiver:
        """Whom the message's target names. Raises `Refused` for one deleted or disabled."""
        try:
            async with self.db.read() as session:
                found = await receivers.find(session, message.owner, channel, UUID(message.target))
        except (ReceiverNotFound, ValueError):
            raise Refused(f"The {channel} was deleted.") from None
        if found.disabled_at is not None:
            raise Refused(f"The {channel} is disabled: it had said that it is gone.")
        return found

    async def post(
        self,
        receiver: Receiver,
        url: str,
        headers: Mapping[str, str],
        content: bytes,
        *,
        gone: Container[int],
    ) -> None:
        """Post once; any 2xx is taken for done.

        Raises `Refused`, and disables the receiver, for a status in `gone`; `Transient` for
        every other.
        """
        reply = await self.guard.send("POST", url, headers=headers, content=content)
        if reply.status in gone:
            async with self.db.transaction() as session:
                await receivers.disable(session, receiver.owner, receiver.id)
            raise Refused(f"The receiver is gone ({reply.status}); it gets nothing any more.")
        if reply.status not in _DONE:
            wait = retry_after(reply.headers)
            raise Transient(
                f"The receiver answered {reply.status}.",
                retry_after=None if wait is None else min(wait, _LONGEST_WAIT),
            )
