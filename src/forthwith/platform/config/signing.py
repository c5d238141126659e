"""What JWT_SECRET says: the secrets of access tokens, by name."""

import hmac
import re
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

_SHORTEST: Final = 32  # bytes; RFC 7518, 3.2: as long as the hash
_NAMED: Final = re.compile(r"([A-Za-z0-9_-]{1,32}):(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret of JWT_SECRET, and the `kid` by which tokens name it."""

    kid: str
    secret: bytes


def parse_secrets(text: str) -> list[SigningKey]:
    """Keys from a setting: `secret`, or `name:secret` several times, the newest first.

    Raises ValueError with a sentence that names no secret.
    """
    keys = [_parse(part.strip()) for part in text.split(",")]
    if any(len(key.secret) < _SHORTEST for key in keys):
        raise ValueError("JWT_SECRET must have 32 characters or more (openssl rand -hex 32)")
    if len({key.kid for key in keys}) != len(keys):
        raise ValueError("JWT_SECRET names two secrets the same")
    return keys


def _parse(part: str) -> SigningKey:
    named = _NAMED.fullmatch(part)
    if named is not None:
        return SigningKey(named[1], named[2].encode())
    secret = part.encode()
    return SigningKey(hmac.digest(secret, b"forthwith key id", "sha256").hex()[:8], secret)


def checked(secret: SecretStr | None) -> SecretStr | None:
    """A setting that `parse_secrets` understands, or none."""
    if secret is not None:
        parse_secrets(secret.get_secret_value())
    return secret
