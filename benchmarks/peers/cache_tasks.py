"""One measurement of one cache: `cache_tasks TASK NAME URL ARGUMENT...` prints JSON.

Only the standard library and what every cache's venv has (msgspec, redis, uvloop) is used.
"""

import asyncio
import gc
import json
import random
import resource
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

import msgspec
import uvloop

from benchmarks.peers.caches import CACHES, Face

Found = dict[str, Any]
K = TypeVar("K")

KEYS: Final = [f"key-{number}" for number in range(1_000)]
ROW: Final = {
    "name": "x" * 100,
    "items": [{"n": n, "label": f"label {n}", "price": n * 1.5} for n in range(24)],
}
"""About 1 kB as msgpack."""
TEXT: Final = "x" * 1_000
_ROUNDS: Final = 10
_CALLS: Final = 1_000
_AT_A_TIME: Final = 50
_SINGLES: Final = 300
_TASKS: Final = 50
_LOAD_SECONDS: Final = 0.3
_STALL_KEYS: Final = 100_000
_TICK_SECONDS: Final = 0.005


def _value_for(name: str, number: int) -> Any:
    is_text = name.startswith("ours") and name != "ours, a dict"
    return f"{number:04}{TEXT[4:]}" if is_text else {**ROW, "name": f"{number:0100}"}


async def _each(get: Callable[[K], Awaitable[Any]], keys: Sequence[K]) -> tuple[float, float]:
    """Microseconds of single calls without the clock's own: p50 and p99."""
    took, clocks = [], []
    for key in keys:
        began = time.perf_counter()
        await get(key)
        ended = time.perf_counter()
        took.append(ended - began)
        clocks.append(time.perf_counter() - ended)
    took.sort()
    clock = statistics.median(clocks)
    return (took[len(took) // 2] - clock) * 1e6, (took[len(took) * 99 // 100] - clock) * 1e6


async def memory(name: str, _: str) -> Found:
    """Hits in memory beside a dict's, in turns."""
    kept = {key: _value_for(name, number) for number, key in enumerate(KEYS)}

    async def found(key: str) -> Any:
        return kept[key]

    def raw(key: str) -> Awaitable[Any]:
        return found(key)  # one call more, as there is around every cache here

    async def absent() -> Any:
        raise LookupError

    async with CACHES[name]("", 600.0) as face:
        for key in KEYS:
            await face.put(key, kept[key])
        if "@" in name:
            await _fill(face, kept)
            return await _in_turns(raw, lambda key: face.load(key, absent))
        if face.get_many is not None and name.endswith("at a time"):
            return await _at_a_time(raw, face.get_many)
        return await _in_turns(raw, face.get)


async def _at_a_time(
    raw: Callable[[str], Awaitable[Any]], get_many: Callable[[list[str]], Awaitable[Any]]
) -> Found:
    """What one key takes among many that are asked for in one call."""
    rounds = []
    for _ in range(_ROUNDS):
        floor, _unused = await _each(raw, _some_keys())
        batches = [_some_keys()[:_AT_A_TIME] for _ in range(_CALLS // _AT_A_TIME)]
        p50, p99 = await _each(get_many, batches)
        rounds.append((p50 / _AT_A_TIME, p99 / _AT_A_TIME, floor))
    return _found(rounds)


def _some_keys() -> list[str]:
    return random.choices(KEYS, k=_CALLS)  # noqa: S311 - an order, not a secret


async def _fill(face: Face, kept: dict[str, Any]) -> None:
    async def value() -> Any:
        return kept[KEYS[0]]

    for key in kept:
        await face.load(key, value)


async def _in_turns(
    raw: Callable[[str], Awaitable[Any]], get: Callable[[str], Awaitable[Any]]
) -> Found:
    rounds = []
    for _ in range(_ROUNDS):
        floor, _unused = await _each(raw, _some_keys())
        rounds.append((*await _each(get, _some_keys()), floor))
    return _found(rounds)


def _found(rounds: list[tuple[float, float, float]]) -> Found:
    return {
        "p50": statistics.median(p50 for p50, _, _ in rounds),
        "p99": statistics.median(p99 for _, p99, _ in rounds),
        "raw": statistics.median(floor for _, _, floor in rounds),
        "ratio": statistics.median(p50 / floor for p50, _, floor in rounds),
    }


async def redis(name: str, url: str) -> Found:
    """Hits in Redis beside a plain GET and decode, in turns; each key is read once."""
    from redis.asyncio import Redis  # noqa: PLC0415

    client, decode = Redis.from_url(url), msgspec.msgpack.Decoder(dict).decode
    await client.flushall()
    await client.mset(dict.fromkeys(KEYS, msgspec.msgpack.encode(ROW)))

    async def raw(key: str) -> Any:
        blob: Any = await client.get(key)
        return decode(blob)

    unread = await _written(name, url)
    async with CACHES[name](url, 600.0) as face:
        singles, loads = [], []
        for _ in range(_ROUNDS):
            floor, _unused = await _each(raw, KEYS[:_SINGLES])
            p50, p99 = await _each(face.get, [next(unread) for _ in range(_SINGLES)])
            singles.append((p50, p99, floor))
            loads.append((await _together(raw, KEYS), await _together(face.get, _next(unread))))
        await client.aclose()
    return {
        "p50": statistics.median(p50 for p50, _, _ in singles),
        "p99": statistics.median(p99 for _, p99, _ in singles),
        "raw": statistics.median(floor for _, _, floor in singles),
        "ratio": statistics.median(p50 / floor for p50, _, floor in singles),
        "per_s": statistics.median(_CALLS / seconds for _, seconds in loads),
        "raw_per_s": statistics.median(_CALLS / floor for floor, _ in loads),
        "loaded_ratio": statistics.median(seconds / floor for floor, seconds in loads),
    }


async def durable(name: str, place: str) -> Found:
    """Hits in what outlives the process; each key is read once, so that memory has none."""
    unread = await _written(name, place)
    async with CACHES[name](place, 600.0) as face:
        singles, loads = [], []
        for _ in range(_ROUNDS):
            singles.append(await _each(face.get, [next(unread) for _ in range(_SINGLES)]))
            loads.append(await _together(face.get, _next(unread)))
    return _answered(singles, loads)


async def select(_: str, dsn: str) -> Found:
    """The same number of plain SELECTs by asyncpg, decoded: the least that a hit there takes."""
    import asyncpg  # noqa: PLC0415

    decode = msgspec.msgpack.Decoder(dict).decode
    rows = [(key, msgspec.msgpack.encode(ROW)) for key in KEYS]
    async with asyncpg.create_pool(dsn, min_size=1, max_size=6) as pool:
        await pool.execute("create table if not exists plain (key text primary key, blob bytea)")
        await pool.executemany("insert into plain values ($1, $2) on conflict do nothing", rows)

        async def get(key: str) -> Any:
            return decode(await pool.fetchval("select blob from plain where key = $1", key))

        singles = [await _each(get, KEYS[:_SINGLES]) for _ in range(_ROUNDS)]
        loads = [await _together(get, KEYS) for _ in range(_ROUNDS)]
    return _answered(singles, loads)


def _answered(singles: Sequence[tuple[float, float]], loads: Sequence[float]) -> Found:
    return {
        "p50": statistics.median(p50 for p50, _ in singles),
        "p99": statistics.median(p99 for _, p99 in singles),
        "per_s": statistics.median(_CALLS / seconds for seconds in loads),
    }


async def _written(name: str, place: str) -> Iterator[str]:
    """Keys that a cache has from another one of its kind, for all rounds."""
    keys = [f"once-{number}" for number in range(_ROUNDS * (_SINGLES + _CALLS))]
    async with CACHES[name](place, 600.0) as writer:
        for begin in range(0, len(keys), 200):
            await writer.put_many(dict.fromkeys(keys[begin : begin + 200], ROW))
    return iter(keys)


def _next(unread: Iterator[str]) -> list[str]:
    return [next(unread) for _ in range(_CALLS)]


async def _together(get: Callable[[str], Awaitable[Any]], keys: list[str]) -> float:
    """Seconds that tasks need for all keys together."""
    left = iter(keys)

    async def reader() -> None:
        for key in left:
            await get(key)

    began = time.perf_counter()
    await asyncio.gather(*(reader() for _ in range(_TASKS)))
    return time.perf_counter() - began


class _Load:
    """Counts the loads of a cold key."""

    def __init__(self, seconds: float) -> None:
        self.calls = 0
        self._seconds = seconds

    async def __call__(self) -> str:
        self.calls += 1
        await asyncio.sleep(self._seconds)
        return TEXT


async def stampede(name: str, _: str) -> Found:
    """1,000 equal gets; then 100 of which the first, or the 50th, is cancelled."""
    async with CACHES[name]("", 600.0) as face:
        load, cpu = _Load(_LOAD_SECONDS), time.process_time()
        await asyncio.gather(*(face.load("cold", load) for _ in range(1_000)))
        cpu = time.process_time() - cpu
        return {
            "loads": load.calls,
            "cpu_ms": cpu * 1000,
            "leader": await _left(face, "leader", 0),
            "follower": await _left(face, "follower", 50),
        }


async def _left(face: Face, key: str, place: int) -> list[int]:
    """How many others did not get the value, and how often it was loaded."""
    load = _Load(_LOAD_SECONDS)
    asking = [asyncio.ensure_future(face.load(key, load)) for _ in range(100)]
    await asyncio.sleep(_LOAD_SECONDS / 3)
    asking.pop(place).cancel()
    answers = await asyncio.gather(*asking, return_exceptions=True)
    return [sum(answer != TEXT for answer in answers), load.calls]


async def _go() -> float:
    """Wait until all processes are ready; the moment at which to begin."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    at = float(await asyncio.to_thread(sys.stdin.readline))
    await asyncio.sleep(at - time.monotonic())
    return at


async def fleet(name: str, url: str, seconds: str, ttl: str) -> Found:
    """500 equal gets of a cold key at a moment; another process does the same."""
    async with CACHES[name](url, float(ttl)) as face:
        load = _Load(float(seconds))
        await _go()
        cpu = time.process_time()
        asked = (face.load("cold", load) for _ in range(500))
        answers = await asyncio.gather(*asked, return_exceptions=True)
        cpu = time.process_time() - cpu
        failed = sum(answer != TEXT for answer in answers)
        return {"loads": load.calls, "cpu_ms": cpu * 1000, "failed": failed}


async def write(name: str, url: str, seconds: str, rate: str) -> Found:
    """Write 200 keys again and again, twenty at a time; the last values stay."""
    last: dict[str, str] = {}
    written, per_s = 0, float(rate)
    async with CACHES[name](url, 600.0) as face:
        began = await _go()
        end = began + float(seconds)
        while (now := time.monotonic()) < end:
            await asyncio.sleep(max(0.0, began + written / per_s - now))
            batch = {KEYS[(written + more) % 200]: f"{written}" for more in range(20)}
            await face.put_many(batch)
            last |= batch
            written += len(batch)
    return {"last": last, "per_s": written / float(seconds)}


async def read(name: str, url: str, seconds: str) -> Found:
    """Read the same keys meanwhile, from memory where there is a copy; what it has at last."""
    async with CACHES[name](url, 600.0) as face:
        end = await _go() + float(seconds)
        while time.monotonic() < end:
            await asyncio.gather(*(_read(face, key) for key in KEYS[:200]))
            await asyncio.sleep(0.002)
        await asyncio.sleep(2.0)  # the writer has ended; all is quiet
        return {"has": {key: await _read(face, key) for key in KEYS[:200]}}


async def _read(face: Face, key: str) -> Any:
    try:
        return await face.get(key)
    except LookupError:
        return None


async def seen(name: str, url: str) -> Found:
    """Milliseconds until another cache of the fleet serves an update."""
    took = []
    async with CACHES[name](url, 600.0) as here, CACHES[name](url, 600.0) as there:
        for number in range(200):
            await _read(there, "k")
            began = time.perf_counter()
            await here.put("k", f"{number}")
            told = time.perf_counter()
            while await _read(there, "k") != f"{number}":
                await asyncio.sleep(0)
                if time.perf_counter() - began > 1:
                    return {"p50": None}
            took.append(time.perf_counter() - told)
    return {"p50": statistics.median(took) * 1000}


async def stall(name: str, _: str) -> Found:
    """The longest that the loop is held up by the care of many keys."""
    async with CACHES[name]("", 600.0) as face:
        for number in range(_STALL_KEYS):
            await face.put(f"k{number}", "x")
        gc.collect()
        longest, end = 0.0, time.monotonic() + 3
        while time.monotonic() < end:
            busy = time.thread_time()
            await asyncio.sleep(_TICK_SECONDS)
            await face.put("k", "x")
            longest = max(longest, time.thread_time() - busy)
    return {"ms": longest * 1000}


async def weight(name: str, _: str) -> Found:
    """Bytes of the process for each byte that the cache was told to keep to, filled twice over."""
    async with CACHES[name]("", 600.0) as face:
        before = _resident()
        for number in range(130_000):
            await face.put(f"k{number}", TEXT + str(number))
        gc.collect()
        return {"bytes": _resident() - before}


def _resident() -> int:
    with open("/proc/self/statm") as pages:  # noqa: PTH123 - one line
        return int(pages.read().split()[1]) * resource.getpagesize()


TASKS: Final = (memory, redis, durable, select, stampede, fleet, write, read, seen, stall, weight)


def main() -> None:
    """Do the one task that is asked for."""
    task, *arguments = sys.argv[1:]
    measure = next(each for each in TASKS if each.__name__ == task)
    found = uvloop.run(measure(*arguments))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
