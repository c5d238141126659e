"""Bare Starlette and one INSERT: as little as a durable answer can cost here."""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.servers import serving

POOL_SIZE = 15  # connections
OWNER = uuid.uuid4()
_NOTE = "insert into notes (id, owner, run, text) values ($1, $2, $3, $4)"


class Note(msgspec.Struct):
    """What is sent."""

    text: str


@asynccontextmanager
async def _lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
    async with asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=1, max_size=POOL_SIZE
    ) as pool:
        yield {"pool": pool}


async def add_note(request: Request) -> Response:
    """Write one row."""
    note = msgspec.json.decode(await request.body(), type=Note)
    created = uuid.uuid4()
    await request.state.pool.execute(_NOTE, created, OWNER, created, note.text)
    body = msgspec.json.encode({"note_id": created})
    return Response(body, status_code=202, media_type="application/json")


app = Starlette(routes=[Route("/notes", add_note, methods=["POST"])], lifespan=_lifespan)

if __name__ == "__main__":
    serving.main(lambda serve: serve(app))
