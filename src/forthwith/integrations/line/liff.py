"""Who has opened a LIFF page: LINE says whose an ID token is, nothing on the page does.

`POST /oauth2/v2.1/verify` of LINE Login (https://developers.line.biz/en/reference/line-login/
#verify-id-token) is not part of the SDK.
"""

from collections.abc import Set as AbstractSet
from http import HTTPStatus
from typing import Final

import httpx
import msgspec

from forthwith.integrations.line.vendor import LOGIN_NAME
from forthwith.platform import clock
from forthwith.platform.errors import Unauthorized
from forthwith.platform.upstream import Attempt, Upstream
from forthwith.platform.upstream.upstreams import Upstreams

BASE_URL: Final = "https://api.line.me"
ISSUER: Final = "https://access.line.me"
VERIFY: Final = "/oauth2/v2.1/verify"
TOKEN_LENGTH: Final = 4_000
"""Characters; a longer one is none of LINE's."""


class Identity(msgspec.Struct, frozen=True):
    """The claims of a verified ID token. Times are seconds since 1970."""

    sub: str
    iss: str
    aud: str
    exp: int
    iat: int
    nonce: str | None = None
    name: str | None = None
    picture: str | None = None

    @property
    def user(self) -> str:
        """The person's user id, the same as in webhooks of the provider's channels."""
        return self.sub


class LiffLogin:
    """Verifies ID tokens, by the one way out."""

    def __init__(
        self, upstream: Upstream, http: httpx.AsyncClient, channels: AbstractSet[str]
    ) -> None:
        """`upstream` is of `login_vendor`; `channels` are those that tokens may be for."""
        self._upstream = upstream
        self._http = http
        self._channels = channels

    async def verify(self, token: str, *, channel: str, nonce: str | None = None) -> Identity:
        """Whose token it is. Raises as `Upstream.call` does.

        Args:
            token: What `liff.getIDToken()` gave the page.
            channel: The login channel that the page belongs to.
            nonce: The one that the login was begun with, if any.

        Raises:
            Unauthorized: Not LINE's, not for this channel, too old, or of another login.
        """
        if channel not in self._channels or not 0 < len(token) <= TOKEN_LENGTH:
            raise _unauthorized()
        form = {"id_token": token, "client_id": channel}
        if nonce is not None:
            form["nonce"] = nonce

        async def send(attempt: Attempt) -> Identity | None:
            response = await self._http.post(VERIFY, data=form, timeout=attempt.seconds)
            if response.status_code == HTTPStatus.BAD_REQUEST:
                return None
            attempt.check(response)
            return msgspec.json.decode(response.content, type=Identity)

        identity = await self._upstream.call("verify", send)
        if identity is None or not _holds(identity, channel, nonce):
            raise _unauthorized()
        return identity

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def opened_login(
    upstreams: Upstreams, base_url: str | None, channels: AbstractSet[str]
) -> LiffLogin:
    """What verifies in this process, for whoever declares `login_vendor`; to be closed.

    `base_url` stands for LINE, such as a local sandbox.
    """
    http = httpx.AsyncClient(base_url=base_url or BASE_URL)
    return LiffLogin(upstreams[LOGIN_NAME], http, channels)


def _holds(identity: Identity, channel: str, nonce: str | None) -> bool:
    """Whether the claims are what LINE was asked to check: it is asked, not trusted blindly."""
    return (
        identity.iss == ISSUER
        and identity.aud == channel
        and identity.exp > clock.now().timestamp()
        and (nonce is None or identity.nonce == nonce)
    )


def _unauthorized() -> Unauthorized:
    return Unauthorized("LINE does not confirm who you are; open the page in LINE again.")
