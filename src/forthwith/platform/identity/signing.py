"""The signature of a request: what is signed, how it is sent, whether it is right.

A program signs with the signing secret of its API key and sends

    X-Key-Id      the id of the key (may be left out beside the key itself)
    X-Timestamp   seconds since 1970, within five minutes of ours
    X-Nonce       8 to 64 visible ASCII characters, never the same twice
    X-Signature   hex HMAC-SHA256 over five lines joined by a line feed:
                  method, path with query as sent, timestamp, nonce, hex SHA-256 of the body

The body is the one without Content-Encoding. The plain form (`SIGNATURES_PLAIN_BODY`) is what one
of the seeds does: hex HMAC-SHA256 over the body alone; whoever sees such a request can repeat it.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from forthwith.platform import clock
from forthwith.platform.errors import Unauthorized

SKEW_SECONDS: Final = 300
SIGNATURE: Final = b"x-signature"
_KEY, _TIMESTAMP, _NONCE = b"x-key-id", b"x-timestamp", b"x-nonce"
_HEADERS: Final = frozenset({SIGNATURE, _KEY, _TIMESTAMP, _NONCE})
_HEX: Final = re.compile(rb"[0-9a-fA-F]{64}")
_DIGITS: Final = re.compile(rb"[0-9]{1,12}")
_VISIBLE: Final = re.compile(rb"[\x21-\x7e]{8,64}")


@dataclass(frozen=True, slots=True)
class Signed:
    """What a request says of its signature; a plain one has neither time nor nonce."""

    key: UUID | None
    signature: bytes
    timestamp: bytes = b""
    nonce: bytes = b""

    @property
    def is_plain(self) -> bool:
        """Whether the body alone is signed."""
        return not self.timestamp

    def is_right(self, secret: bytes, method: str, target: bytes, body: bytes) -> bool:
        """Whether the signature is the one that the secret makes; in constant time."""
        content = body
        if not self.is_plain:
            content = content_of(method, target, self.timestamp, self.nonce, body)
        expected = hmac.new(secret, content, hashlib.sha256).hexdigest().encode()
        return hmac.compare_digest(expected, self.signature.lower())


def content_of(method: str, target: bytes, timestamp: bytes, nonce: bytes, body: bytes) -> bytes:
    """The five lines that are signed; `target` is the path with its query, as sent."""
    hashed = hashlib.sha256(body).hexdigest().encode()
    return b"\n".join((method.encode(), target, timestamp, nonce, hashed))


def sign(secret: str, method: str, target: str, timestamp: int, nonce: str, body: bytes) -> str:
    """The X-Signature that a program sends."""
    content = content_of(method, target.encode(), str(timestamp).encode(), nonce.encode(), body)
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def read(headers: Iterable[tuple[bytes, bytes]], *, plain_allowed: bool) -> Signed:
    """What the headers say. Raises `Unauthorized` with what is missing, twice there, or late."""
    found = _found(headers)
    if not _HEX.fullmatch(found.get(SIGNATURE, b"")):
        raise Unauthorized("X-Signature must be 64 hex digits: an HMAC-SHA256.")
    key = _key(found)
    if plain_allowed and _TIMESTAMP not in found and _NONCE not in found:
        return Signed(key, found[SIGNATURE])
    return Signed(key, found[SIGNATURE], _timestamp(found), _nonce(found))


def _found(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in found:
            raise Unauthorized(f"The header {name.decode()} is there twice.")
        if name in _HEADERS:
            found[name] = value
    return found


def _timestamp(found: dict[bytes, bytes]) -> bytes:
    timestamp = found.get(_TIMESTAMP, b"")
    if not _DIGITS.fullmatch(timestamp):
        raise Unauthorized("X-Timestamp must be the seconds since 1970, as digits.")
    if abs(clock.now().timestamp() - int(timestamp)) > SKEW_SECONDS:
        raise Unauthorized("X-Timestamp is more than five minutes off; check the clock.")
    return timestamp


def _nonce(found: dict[bytes, bytes]) -> bytes:
    nonce = found.get(_NONCE, b"")
    if not _VISIBLE.fullmatch(nonce):
        raise Unauthorized("X-Nonce must be 8 to 64 visible ASCII characters, new each time.")
    return nonce


def _key(found: dict[bytes, bytes]) -> UUID | None:
    text = found.get(_KEY)
    if text is None:
        return None
    try:
        return UUID(text.decode("ascii"))
    except ValueError:
        raise Unauthorized("X-Key-Id must be the id of an API key.") from None
