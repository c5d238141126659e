"""One route twice: in our server as it is, and in the same server without who asks and how often.

Makes enterprise accounts enough that none meets its limit, and writes their credentials as JSON to
the file CREDENTIALS.
"""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, FastAPI, Response

from benchmarks.servers import serving
from forthwith.platform import ids, logging
from forthwith.platform.config import PlatformSettings
from forthwith.platform.context import Principal
from forthwith.platform.http import plain, require
from forthwith.platform.identity import Account, Identity, api_keys
from forthwith.platform.identity.request_limits import RequestLimits
from forthwith.platform.identity.signatures import Signatures
from forthwith.platform.runtime import Runtime, open_runtime
from forthwith.server import create_app

ACCOUNTS: Final = 60
SCOPE: Final = "ping:read"
_GUARDS: Final[set[object]] = {Identity, Signatures, RequestLimits}
guarded = APIRouter()
bare = APIRouter()


@guarded.get("/ping")
async def ping(_: Annotated[Principal, Depends(require(SCOPE))]) -> Response:
    """Answer to whoever may ask."""
    return plain({"answer": "pong"})


@bare.get("/ping")
async def ping_anybody() -> Response:
    """Answer to anybody."""
    return plain({"answer": "pong"})


class Credentials(msgspec.Struct):
    """What one account's programs send."""

    key: str
    id: str
    signing_secret: str
    token: str


def _application(settings: PlatformSettings, runtime: Runtime) -> FastAPI:
    """Both, side by side; whoever mounts gives the runtime."""
    open_to_all, whole = create_app(settings, runtime), create_app(settings, runtime)
    open_to_all.user_middleware = [
        each for each in open_to_all.user_middleware if each.cls not in _GUARDS
    ]
    open_to_all.include_router(bare)
    whole.include_router(guarded)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[dict[str, Any]]:
        yield runtime.state()

    both = FastAPI(lifespan=lifespan)
    both.mount("/bare", open_to_all)
    both.mount("/guarded", whole)
    return both


async def _credentials(runtime: Runtime) -> Credentials:
    """A new account with a key that may sign, and an access token."""
    wish = api_keys.Wish(name="benchmark", scopes=[SCOPE])
    new = api_keys.draft(ids.new(), wish)
    async with runtime.db.transaction() as session:
        session.add(Account(id=new.owner, role="member", plan="enterprise"))
        await session.flush()
        await api_keys.create(session, runtime.codec, new)
    token = runtime.tokens.issue(new.owner, ids.new(), "member", "enterprise")
    return Credentials(new.key, str(new.id), new.signing_secret, token)


def _write(made: list[Credentials]) -> None:
    """All at once: the file is read as soon as it is there."""
    file = Path(os.environ["CREDENTIALS"])
    draft = file.with_suffix(".draft")
    draft.write_bytes(msgspec.json.encode(made))
    draft.rename(file)


async def _serve(serve: serving.Serve) -> None:
    settings = PlatformSettings()
    logging.configure(settings.log, service="api")
    async with open_runtime(settings, os.environ["DATABASE_URL"], (), ()) as runtime:
        made = [await _credentials(runtime) for _ in range(ACCOUNTS)]
        _write(made)
        await serve(_application(settings, runtime))


if __name__ == "__main__":
    serving.main(_serve)
