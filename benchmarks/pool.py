"""What a key pool makes of its keys: `python -m benchmarks.pool [--quick] [--json]`.

In-process budgets in real time, against a vendor in the same process that counts a sliding
minute per key, as the sandbox does, and answers after 50 ms. Then ours and its peers in turns,
each in a process of its own, with a chat vendor over HTTP.
"""

import asyncio
import logging
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

import structlog

from benchmarks import harness, pool_peers
from benchmarks.harness import Goal, Report, Table
from benchmarks.processes import REPOSITORY
from forthwith.platform.errors import Exhausted, KeyRejected, Transient
from forthwith.platform.upstream.budgets import Key, KeyPool, Limits

CALLERS: Final = 50
RPM: Final = 60
_ANSWER_SECONDS: Final = 0.05
_FAILOVERS: Final = 200
_IMPORTS: Final = 5
_ERRORS: Final = (KeyRejected, Exhausted, Transient)

_IMPORT: Final = """
import pathlib, resource, time
pages = pathlib.Path("/proc/self/statm")
def mib(): return int(pages.read_text().split()[1]) * resource.getpagesize() / 2**20
import forthwith.platform.errors, forthwith.platform.logging, forthwith.platform.crypto
before, began = mib(), time.perf_counter()
import forthwith.platform.upstream.budgets
print(time.perf_counter() - began, mib() - before)
"""
"""Beside what every process of ours has loaded anyway."""


class Vendor:
    """A vendor with one dead key and one without quota for today."""

    def __init__(self) -> None:
        self._asked: defaultdict[str, list[float]] = defaultdict(list)
        self.refused: Counter[str] = Counter()

    async def answer(self, secret: str) -> None:
        """Answer, or refuse as the key deserves."""
        if secret == "dead":  # noqa: S105 - a name
            self._refuse(KeyRejected("401"))
        if secret == "spent":  # noqa: S105 - a name
            tomorrow = datetime.now(UTC) + timedelta(hours=9)
            self._refuse(Exhausted("429, requests per day", resets_at=tomorrow))
        asked, now = self._asked[secret], time.monotonic()
        if sum(moment > now - 60 for moment in asked) >= RPM:
            self._refuse(Transient("429, requests per minute", retry_after=7.0))
        asked.append(now)
        await asyncio.sleep(_ANSWER_SECONDS)

    def _refuse(self, error: Exception) -> None:
        self.refused[type(error).__name__] += 1
        raise error


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it by position
    """Use of the keys, half now and half later, failover, import."""
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet)
    peers = pool_peers.measure(1 if quick else 3)
    return asyncio.run(_measure(1 if quick else 3, peers))


@dataclass(frozen=True, slots=True)
class Found:
    """Figures of one run."""

    minutes: int
    served: Counter[int]
    refused: Counter[str]
    served_by_one: Counter[int]
    refused_to_one: Counter[str]
    started: list[tuple[int, float]]
    """Of the 30 calls: number, and seconds until it began."""
    failover_ms: list[float]
    import_seconds: float
    import_mib: float

    @property
    def fairness(self) -> float:
        """Calls of the busiest caller for each of the idlest."""
        return max(self.served.values()) / min(self.served.values())

    @property
    def used(self) -> float:
        """Answered calls, in percent of what three keys permit."""
        return self.served.total() / (3 * RPM * self.minutes) * 100

    @property
    def used_of_one(self) -> float:
        """The same, where one key of three is left."""
        return self.served_by_one.total() / (RPM * self.minutes) * 100


async def _measure(minutes: int, peers: pool_peers.Peers) -> Report:
    healthy, mixed = Vendor(), Vendor()
    failovers = await _failovers()  # alone: nothing else is on the loop
    served, served_by_one, started = await asyncio.gather(
        _load(_pool("one", "two", "three"), healthy, minutes * 60.0),
        _load(_pool("dead", "spent", "good"), mixed, minutes * 60.0),
        _halves(),
    )
    imports = [_import() for _ in range(_IMPORTS)]
    found = Found(
        minutes=minutes,
        served=served,
        refused=healthy.refused,
        served_by_one=served_by_one,
        refused_to_one=mixed.refused,
        started=started,
        failover_ms=sorted(each * 1000 for each in failovers),
        import_seconds=min(each[0] for each in imports),  # what else ran only ever adds to it
        import_mib=statistics.median(each[1] for each in imports),
    )
    return Report(
        name="pool: what a pool makes of its keys",
        arrival=f"{CALLERS} callers that ask again as soon as they are answered",
        versions={**harness.versions("msgspec", "httpx"), "peers": pool_peers.versions()},
        tables=[Table("Keys", ["", ""], _rows(found)), *pool_peers.tables(peers)],
        goals=[*_goals(found), *pool_peers.goals(peers)],
        notes=[*pool_peers.NOTES],
    )


def _rows(found: Found) -> list[list[str]]:
    one, three = RPM * found.minutes, 3 * RPM * found.minutes
    middle, most = statistics.median(found.failover_ms), found.failover_ms[-1]
    now, later = found.started[:15], found.started[15:]
    return [
        [f"3 keys at {RPM} a minute: answered of {three}", str(found.served.total())],
        ["refused by the vendor", str(found.refused.total())],
        [f"one dead, one out of quota: answered of {one}", str(found.served_by_one.total())],
        ["refused by the vendor, unseen by callers", str(found.refused_to_one.total())],
        ["30 calls on 3 keys at 5 a minute: the first 15 began by", f"{now[-1][1]:.3f} s"],
        ["the others", f"{later[0][1]:.1f} to {later[-1][1]:.1f} s"],
        ["next key after a 429, median and longest", f"{middle:.2f}, {most:.2f} ms"],
        [
            f"import, the quickest of {_IMPORTS}",
            f"{found.import_seconds:.3f} s, {found.import_mib:.1f} MiB",
        ],
    ]


def _goals(found: Found) -> list[Goal]:
    numbers = [number for number, _ in found.started]
    failover = found.failover_ms[int(_FAILOVERS * 0.99)]
    return [
        Goal("permitted calls used", found.used, 97, "%", at_most=False),
        Goal("calls above a key's limit", found.refused.total(), 0),
        Goal("busiest to idlest caller", found.fairness, 1.5),
        Goal("permitted calls used, one key left", found.used_of_one, 97, "%", at_most=False),
        Goal("calls lost to the two other keys", found.refused_to_one.total(), CALLERS),
        Goal("30 calls: 15 at once by", found.started[14][1], 1, "s"),
        Goal("30 calls: out of order", sum(a > b for a, b in pairwise(numbers)), 0),
        Goal("next key after a 429, p99", failover, 20, "ms"),
        Goal(f"import, the quickest of {_IMPORTS}", found.import_seconds, 0.3, "s"),
        Goal("memory", found.import_mib, 15, "MiB"),
    ]


def _pool(*secrets: str, rpm: int = RPM) -> KeyPool:
    keys = [Key(f"key-{number}", secret, Limits(rpm=rpm)) for number, secret in enumerate(secrets)]
    return KeyPool("vendor", keys)


async def _load(pool: KeyPool, vendor: Vendor, seconds: float) -> Counter[int]:
    """Answered calls of each caller; none of them ever sees an error."""
    end = time.monotonic() + seconds
    served: Counter[int] = Counter()

    async def caller(number: int) -> None:
        while True:
            await _answered(pool, vendor)
            served[number] += 1

    callers = [asyncio.create_task(caller(number)) for number in range(CALLERS)]
    await asyncio.wait(callers, timeout=end - time.monotonic())
    for task in callers:
        task.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    return served


async def _answered(pool: KeyPool, vendor: Vendor) -> None:
    failed = None
    while True:
        lease = await pool.lease(after=failed)
        try:
            async with lease:
                return await vendor.answer(lease.secret)
        except _ERRORS:
            failed = lease


async def _halves() -> list[tuple[int, float]]:
    """30 calls at once on 3 keys at 5 a minute: which started when."""
    pool, began = _pool("one", "two", "three", rpm=5), time.monotonic()
    started: list[tuple[int, float]] = []

    async def call(number: int) -> None:
        async with await pool.lease():
            started.append((number, time.monotonic() - began))

    await asyncio.gather(*(call(number) for number in range(30)))
    return started


async def _failovers() -> list[float]:
    """Seconds from a 429 with Retry-After 7 to the lease of the next key."""
    took = []
    for _ in range(_FAILOVERS):
        pool = _pool("one", "two")
        lease = await pool.lease()
        began = time.perf_counter()
        lease.failed(Transient("429", retry_after=7.0))
        await lease.close()
        following = await pool.lease(after=lease)
        took.append(time.perf_counter() - began)
        if following.alias == lease.alias:
            raise RuntimeError("the key that was told to wait was taken again")
    return took


def _import() -> tuple[float, float]:
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", _IMPORT],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    seconds, mib = done.stdout.split()
    return float(seconds), float(mib)


if __name__ == "__main__":
    raise SystemExit(harness.main(measure))
