"""What a cache costs and what it keeps right: `python -m benchmarks.cache [--quick] [--json]`.

Each measurement of each cache is a process of its own; the caches take turns, round by round.
Values are of 1 kB; hits are timed one by one, beside a dict or a plain GET in the same process.
"""

import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from redis import Redis

from benchmarks import barrier, database, harness, hit_ratio, venvs
from benchmarks.database import disk_folder
from benchmarks.harness import Goal, Report, Table
from benchmarks.peers.caches import MEMORY_BYTES, OURS_IN_MEMORY
from benchmarks.redis import WHY_NOT, redis_server

IN_MEMORY: Final = (
    *OURS_IN_MEMORY,
    *("cashews get", "cashews @cache", "cachebox @cached", "aiocache get"),
)
IN_REDIS: Final = ("ours, a dict", "cashews get", "aiocache get")
DURABLE: Final = "ours, in PostgreSQL"
ON_DISK: Final = "diskcache in a thread"
PLAIN: Final = "SELECT by asyncpg, decoded"
STAMPEDED: Final = (
    *("ours", "cashews @cache", "cashews lock=True", "cachebox @cached"),
    *("aiocache @cached", "aiocache @cached_stampede"),
)
FLEETS: Final = ("ours", "cashews @cache", "cashews lock=True")
COHERENT: Final = ("ours", "cashews client side")
SWEPT: Final = ("ours", "cashews get")
WRITES: Final = 4_000.0  # a second
_SET_UP: Final = ("hello", "info", "client", "ping", "config", "script", "subscribe", "unsubscribe")

SEED: Final = (
    "The seed of this project claims 0.27 and 0.36 ms for a cached answer, without saying from"
    " which tier, on what machine, or under which load."
)

Rounds = dict[str, list[dict[str, Any]]]
Found = dict[str, Rounds]


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it by position
    """Every task for every cache, once a round."""
    found: Found = defaultdict(lambda: defaultdict(list))
    with (
        disk_folder() as folder,
        redis_server(folder) as port,
        database.database_server(folder) as server_dsn,
    ):
        if port is None:
            raise SystemExit(WHY_NOT)
        for number in range(1 if quick else 3):
            dsn = database.make_database(server_dsn, f"cached{number}")
            database.migrate(dsn)
            _lasting(found, dsn, folder / f"disk{number}")
            _round(found, f"redis://127.0.0.1:{port}", seconds=2.0 if quick else 5.0)
        postgres = database.settings_of(server_dsn)
    return _report(found, hit_ratio.measure(), postgres)


def _lasting(found: Found, dsn: str, folder: Path) -> None:
    _alone(found, "durable", DURABLE, dsn)
    _alone(found, "durable", ON_DISK, str(folder))
    found["durable"][PLAIN].append(barrier.answer(_start("select", DURABLE, dsn)))


def _round(found: Found, url: str, seconds: float) -> None:
    for name in IN_MEMORY:
        _alone(found, "memory", name)
    for name in IN_REDIS:
        _alone(found, "redis", name, url)
    for name in STAMPEDED:
        _alone(found, "stampede", name)
    for name in FLEETS:
        found["fleet"][name].append(_fleet(name, url, load_seconds=1.0, ttl=60.0))
        found["outlasting"][name].append(_fleet(name, url, load_seconds=3.0, ttl=1.0))
    for name in COHERENT:
        found["stale"][name].append(_stale(name, url, seconds))
        _alone(found, "seen", name, url)
    for name in SWEPT:
        _alone(found, "stall", name)
        _alone(found, "weight", name)


def _alone(found: Found, task: str, name: str, url: str = "") -> None:
    found[task][name].append(barrier.answer(_start(task, name, url)))


def _start(task: str, name: str, url: str, *numbers: float) -> "subprocess.Popen[str]":
    python = sys.executable if name.startswith("ours") else venvs.python_of("cache")
    command = [python, "-m", "benchmarks.peers.cache_tasks", task, name, url]
    return barrier.start([*command, *map(str, numbers)])


def _fleet(name: str, url: str, *, load_seconds: float, ttl: float) -> dict[str, Any]:
    """Two processes with 500 callers each ask for one cold key at the same moment."""
    with Redis.from_url(url) as client:
        client.flushall()
        both = [_start("fleet", name, url, load_seconds, ttl) for _ in range(2)]
        barrier.begin(*both)
        before = _commands(client)
        told = [barrier.answer(process) for process in both]
        commands = _commands(client) - before
    waiting = min(told, key=lambda each: (each["loads"], each["cpu_ms"]))
    return {
        "loads": sum(each["loads"] for each in told),
        "failed": sum(each["failed"] for each in told),
        "commands": commands,
        "cpu_ms": waiting["cpu_ms"],
    }


def _commands(client: Redis) -> int:
    """Commands that worked so far, without those that set up a connection or load a script."""
    stats: dict[str, dict[str, int]] = client.info("commandstats")
    return sum(
        each["calls"] - each["failed_calls"]
        for name, each in stats.items()
        if not name.removeprefix("cmdstat_").startswith(_SET_UP)
    )


def _stale(name: str, url: str, seconds: float) -> dict[str, Any]:
    """Keys of which a reader has another value than was written last, once all is quiet."""
    with Redis.from_url(url) as client:
        client.flushall()
    reading = _start("read", name, url, seconds)
    writing = _start("write", name, url, seconds, WRITES)
    barrier.begin(reading, writing)
    wrote, has = barrier.answer(writing), barrier.answer(reading)["has"]
    stale = sum(has[key] not in (value, None) for key, value in wrote["last"].items())
    return {"stale": stale, "per_s": wrote["per_s"]}


def _median(rounds: Sequence[dict[str, Any]], member: str) -> float:
    values = [each[member] for each in rounds]
    return float("nan") if None in values else statistics.median(values)


def _worst(rounds: Sequence[dict[str, Any]], member: str) -> float:
    return float(max(each[member] for each in rounds))


def _report(found: Found, kept: hit_ratio.Ratios, postgres: dict[str, str]) -> Report:
    peers = ("cashews", "cachebox", "aiocache", "diskcache", "redis")
    return Report(
        name="cache: what a hit costs, what a miss sets off, what stays right",
        arrival="closed loop: one caller, or 50 where said",
        versions={
            **harness.versions("msgspec", "redis", "hiredis", "uvloop"),
            **postgres,
            "peers": ", ".join(venvs.version_of(name, "cache") for name in peers),
        },
        tables=[*_hits(found), _stampedes(found), _fleets(found), _care(found, kept)],
        goals=_goals(found, kept),
        notes=[
            SEED,
            "`ours` keeps texts, which memory hands out as they are; `a dict` is decoded anew for"
            " each caller, so that nobody changes the kept one; the peers hand out the kept one.",
            "The times of hits in memory are without the clock's own; every cache is asked through"
            " one more call, as the dict is. `50 at a time` is one of 50 keys asked for in a call.",
            "What lasts is kept in PostgreSQL on one machine too (docs/adr/018); its goal is the"
            " one that was set for a tier on diskcache.",
            "aiocache has no memory before Redis, cashews keeps none unless told `client_side`.",
        ],
    )


def _hits(found: Found) -> list[Table]:
    memory = [
        [
            name,
            *(f"{_median(rounds, member):.2f}" for member in ("p50", "p99", "raw", "ratio")),
        ]
        for name, rounds in found["memory"].items()
    ]
    redis = [
        [
            name,
            *(f"{_median(rounds, member):.0f}" for member in ("p50", "p99", "raw")),
            f"{_median(rounds, 'ratio'):.2f}",
            *(f"{_median(rounds, member):.0f}" for member in ("per_s", "raw_per_s")),
            f"{_median(rounds, 'loaded_ratio'):.2f}",
        ]
        for name, rounds in found["redis"].items()
    ]
    floor = ["", "p50 us", "p99 us", "dict in a coroutine, p50 us", "ratio"]
    plain = ["", "p50 us", "p99 us", "plain GET and decode, p50 us", "ratio"]
    return [
        Table("A hit in memory", floor, memory),
        Table("A hit in Redis", [*plain, "50 tasks, per s", "plain, per s", "time ratio"], redis),
        Table(
            "A hit in what outlives all processes",
            ["", "p50 us", "p99 us", "50 tasks, per s"],
            [
                [name, *(f"{_median(rounds, member):.0f}" for member in ("p50", "p99", "per_s"))]
                for name, rounds in found["durable"].items()
            ],
        ),
    ]


def _stampedes(found: Found) -> Table:
    rows = [
        [
            name,
            f"{_worst(rounds, 'loads'):.0f}",
            f"{_median(rounds, 'cpu_ms'):.0f}",
            *(
                " / ".join(str(max(each[who][fact] for each in rounds)) for fact in (0, 1))
                for who in ("leader", "follower")
            ),
        ]
        for name, rounds in found["stampede"].items()
    ]
    return Table(
        "1,000 equal gets of a cold key in one process; one of 100 callers is cancelled",
        ["", "loads", "CPU ms", "the first: others hurt / loads", "the 50th: others hurt / loads"],
        rows,
    )


def _fleets(found: Found) -> Table:
    rows = [
        [
            name,
            *(f"{_worst(rounds, member):.0f}" for member in ("loads", "commands", "cpu_ms")),
            f"{_worst(found['outlasting'][name], 'loads'):.0f}",
        ]
        for name, rounds in found["fleet"].items()
    ]
    return Table(
        "Two processes with 500 equal gets each of a cold key that takes 1 s to load",
        ["", "loads", "Redis commands", "CPU ms of who waits", "loads of 3 s under a TTL of 1 s"],
        rows,
    )


def _care(found: Found, kept: hit_ratio.Ratios) -> Table:
    stale, seen = found["stale"], found["seen"]
    rows = [
        [f"writes a second reached / stale keys of 200 afterwards: {name}", _wrote(rounds)]
        for name, rounds in stale.items()
    ]
    rows += [
        [f"until another process serves an update, p50 ms: {name}", f"{_median(each, 'p50'):.2f}"]
        for name, each in seen.items()
    ]
    rows += [
        [f"longest hold-up of the loop with 100,000 keys, ms: {name}", f"{_worst(each, 'ms'):.1f}"]
        for name, each in found["stall"].items()
    ]
    rows += [
        [f"MB of 130,000 values of 1 kB: {name}", f"{_worst(each, 'bytes') / 1e6:.0f}"]
        for name, each in found["weight"].items()
    ]
    rows += [
        [f"found of Zipf 0.9 over 50,000 keys with room for 2,500: {name}", f"{each:.3f}"]
        for name, each in kept.items()
    ]
    return Table("What stays right", ["", ""], rows)


def _wrote(rounds: Sequence[dict[str, Any]]) -> str:
    return f"{_median(rounds, 'per_s'):.0f} / {_worst(rounds, 'stale'):.0f}"


def _goals(found: Found, kept: hit_ratio.Ratios) -> list[Goal]:
    memory, redis, ours = found["memory"], found["redis"]["ours, a dict"], found["stampede"]["ours"]
    hit = _median(memory["ours"], "ratio")
    fleet, late = found["fleet"]["ours"], found["outlasting"]["ours"]
    stale, seen = found["stale"]["ours"], found["seen"]["ours"]
    hurt = max(each[who][0] for each in ours for who in ("leader", "follower"))
    again = max(each[who][1] for each in ours for who in ("leader", "follower"))
    bytes_held = _worst(found["weight"]["ours"], "bytes") / MEMORY_BYTES
    return [
        Goal(
            f"1. hit in memory, p50 (a dict in a coroutine: {_median(memory['ours'], 'raw'):.2f})",
            *(_median(memory["ours"], "p50"), 0.5, "us"),
        ),
        Goal("1. hit in memory to a dict", hit, 3),
        Goal("1. cashews get to ours", _over(memory, "cashews get", hit), 10, at_most=False),
        Goal("1. cashews @cache to ours", _over(memory, "cashews @cache", hit), 50, at_most=False),
        Goal("1. found, to LRU", min(kept.to_lru), 1.05, at_most=False),
        Goal("2. hit in Redis, p50", _median(redis, "p50") / 1000, 0.15, "ms"),
        Goal("2. hit in Redis to a plain GET", _median(redis, "ratio"), 1.4),
        Goal("2. the same with 50 tasks", _median(redis, "loaded_ratio"), 1.4),
        Goal("2. hit in PostgreSQL to diskcache in a thread", _lasting_over(found, ON_DISK), 1.5),
        Goal("2. hit in PostgreSQL to a plain SELECT", _lasting_over(found, PLAIN), 1.5),
        Goal("3. loads for 1,000 gets", _worst(ours, "loads"), 1),
        Goal("3. loads for 2 processes", _worst(fleet, "loads"), 1),
        Goal("3. loads when the load outlasts the TTL", _worst(late, "loads"), 1),
        Goal("3. Redis commands", _worst(fleet, "commands"), 20),
        Goal("3. CPU of the waiting process", _worst(fleet, "cpu_ms"), 60, "ms"),
        Goal("3. others hurt by a cancelled caller", hurt, 0),
        Goal("3. loads when a caller is cancelled", again, 1),
        Goal("4. stale keys after quiet", _worst(stale, "stale"), 0),
        Goal("4. writes a second", _median(stale, "per_s"), WRITES * 0.95, at_most=False),
        Goal("4. update seen, p50", _median(seen, "p50"), 1, "ms"),
        Goal("5. loop held up, 100,000 keys", _worst(found["stall"]["ours"], "ms"), 5, "ms"),
        Goal("5. memory to the configured bytes", bytes_held, 1.1),
    ]


def _lasting_over(found: Found, other: str) -> float:
    """A hit in PostgreSQL as a ratio to another of the same round."""
    rounds = found["durable"]
    return statistics.median(
        ours["p50"] / theirs["p50"]
        for ours, theirs in zip(rounds[DURABLE], rounds[other], strict=True)
    )


def _over(memory: Rounds, name: str, hit: float) -> float:
    """How many times ours another takes, each beside a dict of its own process."""
    return _median(memory[name], "ratio") / hit


if __name__ == "__main__":
    raise SystemExit(harness.main(measure))
