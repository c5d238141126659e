"""Links that need no credentials: an order by its id, a voice by a signed token."""

import base64
import binascii
import hmac
import secrets
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from forthwith.apps.orders.errors import LinkExpired, OrderNotFound
from forthwith.apps.orders.voices import RATES
from forthwith.platform import clock
from forthwith.platform.crypto import Codec

LIFETIME: Final = timedelta(hours=24)
_RENEWED_AFTER: Final = timedelta(hours=18)
KEPT_IN_A_CHAT: Final = timedelta(days=30)
_SIGNATURE_BYTES: Final = 16
_FORM: Final = struct.Struct(">16sBQ")


@dataclass(frozen=True, slots=True)
class Linked:
    """Which voice a link opens."""

    order: UUID
    rate: float


def new_order_id() -> UUID:
    """128 random bits; not a UUIDv7, of which 48 can be guessed."""
    return UUID(bytes=secrets.token_bytes(16))


def shown(order: UUID) -> str:
    """The id as it stands in URLs: 22 characters of base64url."""
    return _text(order.bytes)


def order_of(text: str) -> UUID:
    """The id that a URL names. Raises `OrderNotFound` for any other text."""
    try:
        order = UUID(bytes=base64.b64decode(f"{text}==", altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        raise _not_found() from None
    if shown(order) != text:
        raise _not_found()
    return order


def good_until(since: datetime) -> datetime:
    """When the link of an order of `since` ends that is given out now.

    The same for 18 hours, so that answers keep their ETags and players their cached audio; then
    the next one, while the old one is good for 6 more.
    """
    renewals = max(0, (clock.now() - since) // _RENEWED_AFTER)
    return since + renewals * _RENEWED_AFTER + LIFETIME


def sign(codec: Codec, linked: Linked, until: datetime) -> str:
    """The token of a voice."""
    told = _FORM.pack(linked.order.bytes, RATES.index(linked.rate), int(until.timestamp()))
    return _text(told + _signature(codec, told))


def opened(codec: Codec, token: str) -> Linked:
    """The voice that a token opens. Raises `LinkExpired` for any other text."""
    try:
        given = base64.b64decode(_padded(token), altchars=b"-_", validate=True)
        told, signature = given[: _FORM.size], given[_FORM.size :]
        order, rate, until = _FORM.unpack(told)
    except (ValueError, binascii.Error, struct.error):
        raise _expired() from None
    is_ours = hmac.compare_digest(signature, _signature(codec, told))
    if not is_ours or _text(given) != token or until < clock.now().timestamp():
        raise _expired()
    return Linked(UUID(bytes=order), RATES[rate])


def _text(data: bytes) -> str:
    """The one text of these bytes: others differ in bits that base64 leaves over."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _padded(token: str) -> str:
    return token + "=" * (-len(token) % 4)


def _signature(codec: Codec, told: bytes) -> bytes:
    return codec.blind_index(told.hex(), "orders.voices")[:_SIGNATURE_BYTES]


def _expired() -> LinkExpired:
    return LinkExpired("This link is too old; open the order again for a new one.")


def _not_found() -> OrderNotFound:
    return OrderNotFound("There is no order with this id.")
