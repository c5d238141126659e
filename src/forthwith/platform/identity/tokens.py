"""Access tokens: JSON Web Tokens (RFC 7519), signed here, checked without a query.

A token names its session; it is believed for 15 minutes unless that session ended meanwhile.
Several keys may verify, the newest signs, and `kid` says which it was, so that a secret is
replaced by putting a new one in front and taking the old one away after those minutes.
"""

import base64
import hashlib
import hmac
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import jwt

from forthwith.platform import clock, ids
from forthwith.platform.config.signing import SigningKey
from forthwith.platform.context import Principal
from forthwith.platform.db import Database
from forthwith.platform.events import Listener
from forthwith.platform.identity.revocations import Revocations

ACCESS_SECONDS: Final = 15 * 60
SKEW_SECONDS: Final = 10
"""By how much the clocks of a fleet may differ."""
REMEMBERED_SECONDS: Final = ACCESS_SECONDS + 2 * SKEW_SECONDS
"""For how long what happened to a session can matter to a token of it."""
SESSION_PREFIX: Final = "session:"
_ALGORITHM: Final = "HS256"
_ISSUER: Final = "forthwith"
_AUDIENCE: Final = "forthwith-api"
_CLAIMS: Final = ("aud", "exp", "iat", "iss", "jti", "plan", "role", "sid", "sub")
_LONGEST: Final = 1024  # characters; ours have about 450
_MOST_VERIFIED: Final = 10_000  # tokens of one process, about 4 MB


def is_token(secret: str) -> bool:
    """Whether a bearer value may be an access token: every one begins with `{"` in base64."""
    return secret.startswith("eyJ")


@dataclass(frozen=True, slots=True)
class _Verified:
    principal: Principal
    session: UUID
    expires_at: float


class Tokens:
    """Issues access tokens and tells who holds one."""

    def __init__(self, keys: list[SigningKey], revocations: Revocations) -> None:
        self._newest = keys[0]
        self._secrets = {key.kid: key.secret for key in keys}
        self._revocations = revocations
        self._verified: dict[bytes, _Verified] = {}

    def issue(self, account: UUID, session: UUID, role: str, plan: str) -> str:
        """A token for the next 15 minutes of a session."""
        now = int(clock.now().timestamp())
        claims = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "sub": str(account),
            "sid": str(session),
            "jti": str(ids.new()),
            "iat": now,
            "exp": now + ACCESS_SECONDS,
            "role": role,
            "plan": plan,
        }
        headers = {"kid": self._newest.kid}
        return jwt.encode(claims, self._newest.secret, _ALGORITHM, headers)

    def principal_of(self, token: str) -> Principal | None:
        """Who holds an access token, or None when it is not valid.

        A token is verified once and then known by its hash: 2 us instead of 60. Raises
        ConnectionError while it cannot be known which sessions ended.
        """
        if len(token) > _LONGEST:
            return None
        digest = hashlib.sha256(token.encode()).digest()
        known = self._verified.get(digest) or self._verify(digest, token)
        if known is None or clock.now().timestamp() >= known.expires_at:
            return None
        if self._revocations.is_ended(known.session):
            return None
        plan = self._revocations.plan_of(known.principal.owner)
        return known.principal if plan is None else replace(known.principal, plan=plan)

    def successors(self, refresh_token: str) -> list[str]:
        """What may take the place of a refresh token, by each secret; the newest one's is given.

        It is always the same for a token: a request that is repeated, since its answer was lost,
        finds its successor again without any token being kept; nobody else can foretell it.
        """
        told = f"refresh|{refresh_token}".encode()
        return [
            base64.urlsafe_b64encode(hmac.digest(secret, told, "sha256")).decode()
            for secret in self._secrets.values()
        ]

    def _verify(self, digest: bytes, token: str) -> _Verified | None:
        claims = self._claims(token)
        if claims is None:
            return None
        principal = Principal(
            UUID(claims["sub"]),
            f"{SESSION_PREFIX}{claims['sid']}",
            frozenset("*"),
            role=claims["role"],
            plan=claims["plan"],
        )
        verified = _Verified(principal, UUID(claims["sid"]), claims["exp"])
        if len(self._verified) >= _MOST_VERIFIED:
            del self._verified[next(iter(self._verified))]
        self._verified[digest] = verified
        return verified

    def _claims(self, token: str) -> dict[str, Any] | None:
        """The claims of a token that one of our keys signed, for us, and that is in its time."""
        try:
            secret = self._secrets.get(str(jwt.get_unverified_header(token).get("kid")))
            if secret is None:
                return None
            claims: dict[str, Any] = jwt.decode(
                token,
                secret,
                algorithms=[_ALGORITHM],  # never what the token itself names
                issuer=_ISSUER,
                audience=_AUDIENCE,
                leeway=SKEW_SECONDS,
                options={"require": list(_CLAIMS)},
            )
        except (jwt.InvalidTokenError, RecursionError):  # a header of a thousand brackets
            return None
        return claims


@asynccontextmanager
async def opened_tokens(
    keys: list[SigningKey], db: Database, listener: Listener
) -> AsyncGenerator[Tokens]:
    """Tokens that know of sessions ended by other processes, while the block lasts."""
    revocations = Revocations(db, listener, REMEMBERED_SECONDS)
    await revocations.open()
    try:
        yield Tokens(keys, revocations)
    finally:
        await revocations.close()
