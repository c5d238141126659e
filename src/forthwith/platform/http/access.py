"""What a route needs: a principal with a scope, and the parts the process has open.

They are coroutines although they wait for nothing: FastAPI sends plain functions to a thread.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer

from forthwith.platform import context
from forthwith.platform.context import Principal
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.errors import Forbidden, Unauthorized, Unavailable

_bearer = HTTPBearer(
    auto_error=False,
    description="An API key (`Authorization: Bearer fw_...`), or an access token of /auth/login.",
)
_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="An API key: `fw_...`")

_UNKNOWN: Final = (
    "Send an API key or an access token that is in force as `Authorization: Bearer ...`, or an API "
    "key as X-API-Key. A token ends after 15 minutes: refresh it, or sign in again."
)
"""The same for whatever is wrong, so that nobody learns whether a key was right once."""

_scopes: set[str] = set()


def scopes() -> frozenset[str]:
    """Every scope that a route asks for, of the routers that are imported."""
    return frozenset(_scopes)


def require(scope: str) -> Callable[..., Awaitable[Principal]]:
    """A FastAPI dependency: who is asking, when the credential carries `scope`.

    The identity middleware has read the credential; the two schemes are named for /docs only.
    """
    _scopes.add(scope)

    async def principal(
        request: Request,
        _: Annotated[Any, Security(_bearer)],
        __: Annotated[Any, Security(_header)],
    ) -> Principal:
        known = context.principal.get()
        if known is None and getattr(request.state, "identity_away", False):
            raise Unavailable("The database is away; try again shortly.", retry_after=2)
        if known is None:
            raise Unauthorized(_UNKNOWN)
        if not known.may(scope):
            raise Forbidden(f"This credential does not carry the scope {scope}.")
        return known

    return principal


def require_operator(scope: str) -> Callable[..., Awaitable[Principal]]:
    """A FastAPI dependency: an operator whose credential carries `scope`."""
    asking = require(scope)

    async def operator(known: Annotated[Principal, Depends(asking)]) -> Principal:
        if known.role != "operator":
            raise Forbidden("Only an operator may ask for this.")
        return known

    return operator


async def _database(request: Request) -> Database:
    database: Database = request.state.db
    return database


async def _codec(request: Request) -> Codec:
    codec: Codec = request.state.codec
    return codec


Db = Annotated[Database, Depends(_database)]
Sealing = Annotated[Codec, Depends(_codec)]
