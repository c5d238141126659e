"""What one process has open: database, secrets, blobs, processes, jobs, vendors."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request

from forthwith.platform import index_key, logging
from forthwith.platform.blobs import BlobStore
from forthwith.platform.config import PlatformSettings
from forthwith.platform.config.signing import SigningKey, parse_secrets
from forthwith.platform.crypto import Codec, load_or_make_keys, parse_keys
from forthwith.platform.db import Database
from forthwith.platform.errors import Unavailable
from forthwith.platform.events import Feed, Listener
from forthwith.platform.identity import KeyMemory, Passwords, Tokens, opened_tokens
from forthwith.platform.identity.records import RequestRecords, open_records
from forthwith.platform.jobs import Job, Jobs, Schedule
from forthwith.platform.notify.channels import ChannelOf, Channels
from forthwith.platform.notify.opening import open_channels
from forthwith.platform.pool import ProcessPool
from forthwith.platform.postgres import EmbeddedServer
from forthwith.platform.upstream import Vendor
from forthwith.platform.upstream.opening import FleetStores, fleet_stores
from forthwith.platform.upstream.upstreams import Upstreams

log = logging.get(__name__)

_WATCH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Runtime:
    """Handed to every job and, as `Current`, to every route."""

    settings: PlatformSettings
    db: Database
    codec: Codec
    blobs: BlobStore
    pool: ProcessPool
    listener: Listener
    feed: Feed
    keys: KeyMemory
    records: RequestRecords
    passwords: Passwords
    tokens: Tokens
    jobs: Jobs
    channels: Channels
    stores: FleetStores
    upstreams: Upstreams

    def state(self) -> dict[str, Any]:
        """What the server puts into the state of each request."""
        return {
            "runtime": self,
            "db": self.db,
            "codec": self.codec,
            "feed": self.feed,
            "keys": self.keys,
            "records": self.records,
            "tokens": self.tokens,
            "jobs": self.jobs,
            "channels": self.channels,
            "stores": self.stores,
            "upstreams": self.upstreams,
        }


def load_codec(settings: PlatformSettings) -> Codec:
    """The codec with the configured keys, or with this home's own, made once."""
    configured = settings.secrets.encryption_key
    if configured is not None:
        return Codec(parse_keys(configured.get_secret_value()))
    return Codec(load_or_make_keys(key_file(settings)))


def key_file(settings: PlatformSettings) -> Path:
    """Where this home keeps its own encryption keys."""
    return settings.home.home / "secrets" / "encryption.key"


def load_signing_keys(settings: PlatformSettings) -> list[SigningKey]:
    """The configured secrets of access tokens, or this home's own, made once."""
    configured = settings.secrets.jwt_secret
    if configured is not None:
        return parse_secrets(configured.get_secret_value())
    made = load_or_make_keys(settings.home.home / "secrets" / "jwt.key")
    return parse_secrets(",".join(key.hex() for key in made))


@asynccontextmanager
async def database_dsn(settings: PlatformSettings) -> AsyncGenerator[str]:
    """The configured server, or the embedded one, kept running while the block lasts."""
    if settings.database.dsn is not None:
        yield settings.database.dsn
        return
    root = settings.home.home / "postgres"
    server = await asyncio.to_thread(EmbeddedServer.start_or_attach, root)
    watch = asyncio.create_task(_keep_running(server))
    try:
        yield server.dsn
    finally:
        watch.cancel()
        await asyncio.wait({watch})
        await asyncio.to_thread(server.close)


async def _keep_running(server: EmbeddedServer) -> None:
    """Start the embedded server again when it was killed."""
    while True:
        await asyncio.sleep(_WATCH_SECONDS)
        try:
            if await asyncio.to_thread(server.ensure_running):
                log.warning("database_restarted")
        except Unavailable as error:
            log.warning("database_not_restarted_yet", reason=error.message)


@asynccontextmanager
async def open_runtime(
    settings: PlatformSettings,
    dsn: str,
    jobs: Sequence[Job],
    schedules: Sequence[Schedule],
    pool: ProcessPool | None = None,
    vendors: Sequence[Vendor] = (),
    channels: Sequence[ChannelOf] = (),
) -> AsyncGenerator[Runtime]:
    """Open what a server or a worker needs, but a `pool` handed in; closed in reverse order."""
    async with AsyncExitStack() as stack:
        codec = load_codec(settings)
        db = Database(
            dsn,
            pool_size=settings.database.pool_size,
            max_overflow=settings.database.max_overflow,
        )
        stack.push_async_callback(db.close)
        await db.open()
        await index_key.adopt(db, codec)
        listener = Listener(db)
        feed = Feed(db, codec, listener)
        await feed.open()
        keys = KeyMemory(db, listener)
        await keys.open()
        signing = load_signing_keys(settings)
        tokens = await stack.enter_async_context(opened_tokens(signing, db, listener))
        passwords = Passwords()
        stack.callback(passwords.close)
        await stack.enter_async_context(_beside(listener))
        if pool is None:
            pool = await stack.enter_async_context(ProcessPool(settings.worker.cpu_processes))
        stores = await stack.enter_async_context(fleet_stores(settings, db, codec, listener))
        upstreams = Upstreams(vendors, stores)
        stack.push_async_callback(upstreams.close)
        yield Runtime(
            settings=settings,
            db=db,
            codec=codec,
            blobs=BlobStore(settings.home.home / "blobs", codec),
            pool=pool,
            listener=listener,
            feed=feed,
            keys=keys,
            records=open_records(db, codec, stores.redis),
            passwords=passwords,
            tokens=tokens,
            jobs=Jobs(db, codec, jobs, schedules),
            channels=open_channels(settings, db, codec, [of(upstreams) for of in channels]),
            stores=stores,
            upstreams=upstreams,
        )


@asynccontextmanager
async def _beside(listener: Listener) -> AsyncGenerator[None]:
    task = asyncio.create_task(listener.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _current(request: Request) -> Runtime:
    """A coroutine although it waits for nothing: FastAPI sends plain functions to a thread."""
    runtime: Runtime = request.state.runtime
    return runtime


Current = Annotated[Runtime, Depends(_current)]
