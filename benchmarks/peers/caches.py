"""Caches as their users set them up, ours among them, behind one face for `cache_tasks`.

Only what a cache itself needs is imported: the peers run in a venv of their own.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

Loader = Callable[[], Awaitable[Any]]

MEMORY_BYTES: Final = 64_000_000
_READY_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Face:
    """What is asked of each; `load` keeps what its loader answers."""

    get: Callable[[str], Awaitable[Any]]
    put: Callable[[str, Any], Awaitable[Any]]
    put_many: Callable[[dict[str, Any]], Awaitable[Any]]
    load: Callable[[str, Loader], Awaitable[Any]]
    get_many: Callable[[list[str]], Awaitable[Any]] | None = None


def _asked(get: Callable[[str], Awaitable[Any]]) -> Callable[[str], Awaitable[Any]]:
    """One call more, as there is around those that are told more than a key."""

    def ask(key: str) -> Awaitable[Any]:
        return get(key)

    return ask


@asynccontextmanager
async def ours(url: str, ttl: float, *, into: Any = None) -> AsyncIterator[Face]:
    """Forthwith's, over Redis where there is a `url`; by default of texts."""
    from forthwith.platform.upstream.cache import Cache, Memory, Policy  # noqa: PLC0415
    from forthwith.platform.upstream.cache.redis_tier import RedisTier  # noqa: PLC0415
    from forthwith.platform.upstream.flights.redis_flights import RedisFlights  # noqa: PLC0415
    from forthwith.platform.upstream.redis_link import RedisLink  # noqa: PLC0415
    from forthwith.platform.upstream.redis_listener import RedisListener  # noqa: PLC0415

    policy: Policy[Any] = Policy(namespace="bench", into=into or str, ttl=ttl, jitter=0)

    async def nothing() -> Any:
        raise LookupError

    def face(cache: Cache) -> Face:
        return Face(
            get=lambda key: cache.get_or_load(key, nothing, policy),
            put=lambda key, value: cache.set(key, value, policy),
            put_many=lambda values: cache.set_many(values, policy),
            load=lambda key, loader: cache.get_or_load(key, loader, policy),
            get_many=lambda keys: cache.get_many(keys, policy),
        )

    if not url:
        yield face(Cache(Memory(MEMORY_BYTES)))
        return
    link = RedisLink(url)
    listener, flights = RedisListener(link), RedisFlights(link)
    cache = Cache(Memory(MEMORY_BYTES), tiers=[RedisTier(link, flights=flights)])
    await flights.open(listener)
    await cache.open(listener)
    listening = asyncio.create_task(listener.run())
    await listener.connected.wait()
    await asyncio.sleep(_READY_SECONDS)  # the second channel
    yield face(cache)
    listening.cancel()
    await asyncio.wait({listening})
    await cache.close()
    await flights.close()
    await link.close()


@asynccontextmanager
async def ours_durable(dsn: str, ttl: float) -> AsyncIterator[Face]:
    """Forthwith's over PostgreSQL, of dicts."""
    from forthwith.platform.db import Database, opened  # noqa: PLC0415
    from forthwith.platform.upstream.cache import (  # noqa: PLC0415
        Cache,
        DurableTier,
        Memory,
        Policy,
    )

    policy: Policy[Any] = Policy(namespace="bench", into=dict, ttl=ttl, jitter=0, durable=True)

    async def nothing() -> Any:
        raise LookupError

    async with opened(Database(dsn)) as db:
        cache = Cache(Memory(MEMORY_BYTES), tiers=[DurableTier(db)])
        yield Face(
            get=lambda key: cache.get_or_load(key, nothing, policy),
            put=lambda key, value: cache.set(key, value, policy),
            put_many=lambda values: cache.set_many(values, policy),
            load=lambda key, loader: cache.get_or_load(key, loader, policy),
        )
        await cache.close()


@asynccontextmanager
async def diskcache(folder: str, ttl: float) -> AsyncIterator[Face]:
    """Asked in a thread, since a read holds up the loop; values as msgpack."""
    import diskcache as peer  # type: ignore[import-not-found] # noqa: PLC0415
    import msgspec  # noqa: PLC0415

    kept, decode = peer.Cache(folder), msgspec.msgpack.Decoder(dict).decode

    async def get(key: str) -> Any:
        return decode(await asyncio.to_thread(kept.get, key))

    def put_all(values: dict[str, Any]) -> None:
        for key, value in values.items():
            kept.set(key, msgspec.msgpack.encode(value), expire=ttl)

    async def put_many(values: dict[str, Any]) -> None:
        await asyncio.to_thread(put_all, values)

    def put(key: str, value: Any) -> Awaitable[Any]:
        return put_many({key: value})

    def load(key: str, _: Loader) -> Awaitable[Any]:
        return get(key)

    yield Face(get=get, put=put, put_many=put_many, load=load)
    await asyncio.to_thread(kept.close)


@asynccontextmanager
async def ours_decorated(_: str, ttl: float) -> AsyncIterator[Face]:
    """Forthwith's decorator, in memory."""
    from forthwith.platform.upstream.cache import Cache, Memory, cached, used  # noqa: PLC0415

    loaders: dict[str, Loader] = {}

    @cached(namespace="bench", ttl=ttl)
    async def loaded(key: str) -> str:
        answer: str = await loaders[key]()
        return answer

    def load(key: str, loader: Loader) -> Awaitable[Any]:
        loaders[key] = loader
        return loaded(key)

    with used(Cache(Memory(MEMORY_BYTES))):
        yield Face(get=_asked(loaded), put=_nowhere, put_many=_nowhere, load=load)


async def _nowhere(*_: Any) -> None:
    """What a decorator keeps is loaded, not put."""


@asynccontextmanager
async def cashews(url: str, ttl: float, **how: Any) -> AsyncIterator[Face]:
    """cashews; `how` goes to its decorator, `client_side` to its set-up."""
    from cashews import Cache  # type: ignore[import-not-found] # noqa: PLC0415

    cache = Cache()
    setup = {"client_side": True} if how.pop("client_side", False) else {}
    if url:
        cache.setup(url, **setup)
    else:
        cache.setup("mem://", size=200_000)
    loaders: dict[str, Loader] = {}

    @cache(ttl=ttl, key="{key}", **how)  # type: ignore[untyped-decorator]
    async def loaded(key: str) -> Any:
        return await loaders[key]()

    def load(key: str, loader: Loader) -> Awaitable[Any]:
        loaders[key] = loader
        answer: Awaitable[Any] = loaded(key)
        return answer

    await cache.init()
    yield Face(
        get=_asked(cache.get),
        put=lambda key, value: cache.set(key, value, expire=ttl),
        put_many=lambda values: cache.set_many(values, expire=ttl),
        load=load,
    )
    await cache.close()


@asynccontextmanager
async def aiocache(url: str, ttl: float, *, lease: float = 0.0) -> AsyncIterator[Face]:
    """aiocache; with a `lease` its protection from stampedes."""
    import aiocache as peer  # type: ignore[import-not-found] # noqa: PLC0415

    options: dict[str, Any] = {"ttl": ttl, "key_builder": lambda _, key: key}
    if url:
        place = {"endpoint": "127.0.0.1", "port": int(url.rpartition(":")[2])}
        options |= {"cache": peer.RedisCache, **place}
    loaders: dict[str, Loader] = {}

    async def loaded(key: str) -> Any:
        return await loaders[key]()

    decorate = peer.cached_stampede(lease=lease, **options) if lease else peer.cached(**options)
    asked = decorate(loaded)

    def load(key: str, loader: Loader) -> Awaitable[Any]:
        loaders[key] = loader
        answer: Awaitable[Any] = asked(key)
        return answer

    cache = asked.cache
    yield Face(
        get=_asked(cache.get),
        put=lambda key, value: cache.set(key, value, ttl=ttl),
        put_many=lambda values: cache.multi_set(list(values.items()), ttl=ttl),
        load=load,
    )
    await cache.close()


@asynccontextmanager
async def cachebox(_: str, ttl: float) -> AsyncIterator[Face]:
    """cachebox, which is in memory only; its decorator hands out the kept object."""
    import cachebox as peer  # noqa: PLC0415

    loaders: dict[str, Loader] = {}
    kept: Any = peer.TTLCache(200_000, global_ttl=ttl)

    @peer.cached(kept, key_maker=lambda key: key, postprocess=None)
    async def loaded(key: str) -> Any:
        return await loaders[key]()

    async def put(key: str, value: Any) -> None:
        kept[key] = value

    async def put_many(values: dict[str, Any]) -> None:
        kept.update(values)

    def load(key: str, loader: Loader) -> Awaitable[Any]:
        loaders[key] = loader
        answer: Awaitable[Any] = loaded(key)
        return answer

    yield Face(get=_asked(loaded), put=put, put_many=put_many, load=load)


CACHES: Final[dict[str, Callable[[str, float], AbstractAsyncContextManager[Face]]]] = {
    "ours": ours,
    "ours, a dict": partial(ours, into=dict),
    "ours, 50 at a time": ours,
    "ours @cached": ours_decorated,
    "ours, in PostgreSQL": ours_durable,
    "diskcache in a thread": diskcache,
    "cashews get": cashews,
    "cashews @cache": cashews,
    "cashews lock=True": partial(cashews, lock=True),
    "cashews client side": partial(cashews, client_side=True),
    "aiocache get": aiocache,
    "aiocache @cached": aiocache,
    "aiocache @cached_stampede": partial(aiocache, lease=2.0),
    "cachebox @cached": cachebox,
}
OURS_IN_MEMORY: Final = ("ours", "ours, a dict", "ours, 50 at a time", "ours @cached")
