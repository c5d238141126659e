"""FastAPI over asyncpg as a careful user writes it: the same rows, the same upload, no more.

No API key is checked, no row is sealed, nothing is logged or counted: what ours does beyond the
rows and the file is part of what the ratio shows.
"""

import asyncio
import hashlib
import os
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import FastAPI, Request, UploadFile
from pydantic import BaseModel

from benchmarks.servers import serving
from forthwith.platform import ids

POOL_SIZE = 15  # connections: what ours may open per pool
OWNER = uuid.uuid4()
PHOTOS = Path(os.environ["PHOTOS"])
CIPHER = AESGCM(bytes.fromhex(os.environ["ENCRYPTION_KEY"]))
_NONCE_BYTES = 12

_NOTE = "insert into notes (id, owner, run, text) values ($1, $2, $3, $4)"
_TICKET = """
insert into pgqueuer.pgqueuer (priority, entrypoint, payload, execute_after, status)
values (0, 'notes.keep', $1, now(), 'queued') returning id
"""
_RUN = """
insert into platform.runs (id, owner, app, name, queue, state, args, run_at, ticket)
values ($1, $2, 'notes', 'notes.keep', 'notes.keep', 'queued', $3, now(), $4)
"""
_STREAM = "insert into platform.streams (id, owner, last_seq) values ($1, $2, 1)"
_EVENT = "insert into platform.events (stream, seq, kind, data) values ($1, 1, 'queued', $2)"
_ALL = """
with note as (insert into notes (id, owner, run, text) values ($1, $2, $3, $4)), ticket as (
  insert into pgqueuer.pgqueuer (priority, entrypoint, payload, execute_after, status)
  values (0, 'notes.keep', uuid_send($3), now(), 'queued') returning id
), stream as (
  insert into platform.streams (id, owner, last_seq) values ($3, $2, 1)
), event as (
  insert into platform.events (stream, seq, kind, data) values ($3, 1, 'queued', $6)
)
insert into platform.runs (id, owner, app, name, queue, state, args, run_at, ticket)
select $3, $2, 'notes', 'notes.keep', 'notes.keep', 'queued', $5, now(), id from ticket
"""


class Note(BaseModel):
    """What is sent."""

    text: str


class Submitted(BaseModel):
    """What is answered."""

    note_id: UUID
    run_id: UUID
    polling_url: str


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
    async with asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=1, max_size=POOL_SIZE
    ) as pool:
        yield {"pool": pool}


app = FastAPI(lifespan=_lifespan)


@app.post("/notes", status_code=202)
async def add_note(request: Request, note: Note) -> Submitted:
    """The rows of a run, insert by insert in one transaction."""
    created, run = ids.new(), ids.new()
    args = note.model_dump_json().encode()
    async with request.state.pool.acquire() as connection, connection.transaction():
        await connection.execute(_NOTE, created, OWNER, run, note.text)
        ticket = await connection.fetchval(_TICKET, run.bytes)
        await connection.execute(_RUN, run, OWNER, args, ticket)
        await connection.execute(_STREAM, run, OWNER)
        await connection.execute(_EVENT, run, b"{}")
    return Submitted(note_id=created, run_id=run, polling_url=f"/runs/{run}")


@app.post("/notes-in-one", status_code=202)
async def add_note_in_one(request: Request, note: Note) -> Submitted:
    """The same rows in one statement, which few would write by hand."""
    created, run = ids.new(), ids.new()
    args = note.model_dump_json().encode()
    await request.state.pool.execute(_ALL, created, OWNER, run, note.text, args, b"{}")
    return Submitted(note_id=created, run_id=run, polling_url=f"/runs/{run}")


@app.post("/photos", status_code=202)
async def add_photo(request: Request, photo: UploadFile) -> Submitted:
    """The upload on disk as ours is, sealed and named by its hash, flushed, and one row."""
    return await _add(request, photo, _write_sealed)


@app.post("/photos-as-sent", status_code=202)
async def add_photo_as_sent(request: Request, photo: UploadFile) -> Submitted:
    """The upload on disk as it came, flushed, and one row."""
    return await _add(request, photo, _write_as_sent)


async def _add(request: Request, photo: UploadFile, write: Callable[[bytes], Path]) -> Submitted:
    created, run = ids.new(), ids.new()
    path = await asyncio.to_thread(write, await photo.read())
    await request.state.pool.execute(_NOTE, created, OWNER, run, str(path))
    return Submitted(note_id=created, run_id=run, polling_url=f"/runs/{run}")


def _write_sealed(content: bytes) -> Path:
    nonce = os.urandom(_NONCE_BYTES)
    sealed = nonce + CIPHER.encrypt(nonce, content, None)
    return _write(PHOTOS / hashlib.sha256(content).hexdigest(), sealed)


def _write_as_sent(content: bytes) -> Path:
    return _write(PHOTOS / str(ids.new()), content)


def _write(path: Path, content: bytes) -> Path:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return path


if __name__ == "__main__":
    serving.main(lambda serve: serve(app))
