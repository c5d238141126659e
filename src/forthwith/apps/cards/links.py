"""Links to one contact that open without credentials for a while: they are signed."""

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from forthwith.apps.cards.errors import LinkExpired
from forthwith.platform import clock
from forthwith.platform.crypto import Codec

LIFETIME_SECONDS: Final = 24 * 3_600
_SIGNATURE_BYTES: Final = 16
_FORM: Final = struct.Struct(">16s16sBQ")


@dataclass(frozen=True, slots=True)
class Linked:
    """Which contact a link opens."""

    owner: UUID
    card: UUID
    number: int


def sign(codec: Codec, linked: Linked) -> str:
    """The token of a link, good for a day."""
    until = int(clock.now().timestamp()) + LIFETIME_SECONDS
    told = _FORM.pack(linked.owner.bytes, linked.card.bytes, linked.number, until)
    return base64.urlsafe_b64encode(told + _signature(codec, told)).decode()


def opened(codec: Codec, token: str) -> Linked:
    """The contact that a token opens. Raises `LinkExpired` for any other text."""
    try:
        given = base64.b64decode(token, altchars=b"-_", validate=True)
        told, signature = given[: _FORM.size], given[_FORM.size :]
        owner, card, number, until = _FORM.unpack(told)
    except (ValueError, binascii.Error, struct.error):
        raise _expired() from None
    is_ours = hmac.compare_digest(signature, _signature(codec, told))
    if not is_ours or until < clock.now().timestamp():
        raise _expired()
    return Linked(UUID(bytes=owner), UUID(bytes=card), number)


def _signature(codec: Codec, told: bytes) -> bytes:
    return codec.blind_index(told.hex(), "cards.links")[:_SIGNATURE_BYTES]


def _expired() -> LinkExpired:
    return LinkExpired("This link is too old; ask for a new one in the chat.")
