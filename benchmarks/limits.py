"""What limiters grant, in what order: `python -m benchmarks.limits [--quick] [--json]`.

Each limiter in a process of its own, in turns, round by round: 100 units a second, burst 1,
in-process; then a rate that two processes share. The counts of waiters are those at which the
seeds of the project broke down.
"""

import json
import math
import statistics
import subprocess
import sys
from collections import defaultdict
from typing import Any, Final

from benchmarks import barrier, harness, venvs
from benchmarks.database import database_server, disk_folder, make_database, migrate
from benchmarks.figures import spread
from benchmarks.harness import Goal, Report, Table
from benchmarks.peers.limiters import (
    FLOOR,
    HEAVY_CALLERS,
    HEAVY_SECONDS,
    LIMITERS,
    RATE,
    worst_second,
)
from benchmarks.peers.shared_limiters import SHARED
from benchmarks.processes import REPOSITORY
from benchmarks.redis import WHY_NOT, redis_server

WAITERS: Final = (10, 25, 50, 100, HEAVY_CALLERS, 1_000)
OURS: Final = "ours"
_WITHOUT_PEERS: Final = (OURS, FLOOR)
WAITERS_OF_EACH: Final = 25
"""Callers in each of the two processes that share a rate."""
_PROCESS_SECONDS: Final = 60.0
_ROUNDS: Final = 3

PEERS: Final = ("aiolimiter", "limits", "pyrate-limiter")
SEED: Final = (
    "A seed of this project reports 139.76, 53.06, 16.28 and 12.39 requests a second at 10, 25, 50"
    " and 100 callers: a rate that falls with those who wait for it."
)

Rounds = list[dict[str, Any]]
Found = dict[tuple[str, int], Rounds]
Shared = dict[str, Rounds]


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it by position
    """Every limiter with every number of waiters, and every shared one, once a round.

    A quick one has but one round with peers: the others are for ours and the bare queue, whose
    shares of a core are so small that one round says little.
    """
    seconds = 2.0 if quick else 4.0
    peers = venvs.python_of("limits")
    found: Found = defaultdict(list)
    shared: Shared = defaultdict(list)
    with disk_folder() as folder, redis_server(folder) as port, database_server(folder) as server:
        if port is None:
            raise SystemExit(WHY_NOT)
        dsn = make_database(server, "limits")
        migrate(dsn)
        for number in range(_ROUNDS):
            has_peers = not (quick and number)
            for waiters in WAITERS:
                for name in LIMITERS if has_peers else _WITHOUT_PEERS:
                    python = sys.executable if name in _WITHOUT_PEERS else peers
                    found[name, waiters].append(_run(python, name, waiters, seconds))
            for name in SHARED if has_peers else ():
                url = dsn if "PostgreSQL" in name else f"redis://127.0.0.1:{port}"
                python = sys.executable if name.startswith(OURS) else peers
                shared[name].append(_by_two(python, name, url, seconds))
    return _report(found, shared)


def _by_two(python: str, name: str, url: str, seconds: float) -> dict[str, Any]:
    """What two processes get of one rate, together and each."""
    command = [python, "-m", "benchmarks.peers.shared_limiters", name, url]
    both = [barrier.start([*command, str(WAITERS_OF_EACH), str(seconds)]) for _ in range(2)]
    barrier.begin(*both)
    told = [barrier.answer(each) for each in both]
    moments = sorted(moment for each in told for moment in each["moments"])
    return {
        "rate": sum(each["rate"] for each in told),
        "worst_second": worst_second(moments),
        "out_of_order": max(each["out_of_order"] for each in told),
        "larger_share": max(len(each["moments"]) for each in told) / len(moments),
        "cpu": statistics.mean(each["cpu"] for each in told),
    }


def _run(python: str, name: str, waiters: int, seconds: float) -> dict[str, Any]:
    command = [python, "-m", "benchmarks.peers.limiters", name, str(waiters), str(seconds)]
    done = subprocess.run(  # noqa: S603 - our own commands
        command, cwd=REPOSITORY, check=True, capture_output=True, timeout=_PROCESS_SECONDS
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _report(found: Found, shared: Shared) -> Report:
    report = Report(
        name="limits: what is granted, in what order",
        arrival="callers that ask again as soon as they are granted; one process each",
        versions={"peers": ", ".join(venvs.version_of(name, "limits") for name in PEERS)},
    )
    report.tables += [
        Table(
            f"Grants a second of {RATE:g} configured, burst 1, by waiting callers",
            ["", *map(str, WAITERS)],
            [
                [name, *(f"{_median(found[name, n], 'rate'):.1f}" for n in WAITERS)]
                for name in LIMITERS
            ],
        ),
        Table(
            "Worst second / out of order / % of a core, median and range, by waiting callers",
            ["", *map(str, WAITERS)],
            [[name, *(_facts(found[name, n]) for n in WAITERS)] for name in LIMITERS],
        ),
        Table(
            f"A request of 50 units among {HEAVY_CALLERS} callers; an acquire that need not wait",
            ["", "served after s", "acquire us"],
            [[name, *_weights(found, name)] for name in LIMITERS if name != FLOOR],
        ),
        _shared_table(shared),
    ]
    report.goals += [*_goals(found), *_shared_goals(shared)]
    report.notes += [
        f"Ours and `{FLOOR}` in {_ROUNDS} rounds, in turns; the peers in one when it is quick.",
        "limits has no waiting of its own: a loop asks it each millisecond, each 5 ms in Redis.",
        "Rates and shares of a core are taken once all callers are in line.",
        "An acquire that need not wait: the best of twenty rounds of a thousand calls in each"
        " process of the first table, as `timeit` advises; whatever is above it was the machine's.",
        f"`{FLOOR}` has no rule: a timer sets the future of the first in line 100 times a second."
        " That is the system's and the loop's own share, of which no limiter can get rid that"
        " grants one call at a time, so the goal is what is taken beyond it (docs/adr/016). In all"
        f" ours takes {_highest_cpu(found, OURS):.2f} % of a core, `{FLOOR}`"
        f" {_highest_cpu(found, FLOOR):.2f} %: the highest of the medians.",
        SEED,
    ]
    return report


def _shared_table(shared: Shared) -> Table:
    rows = [
        [
            name,
            f"{_median(rounds, 'rate'):.1f}",
            str(max(each["worst_second"] for each in rounds)),
            *(f"{_median(rounds, each):.0%}" for each in ("out_of_order", "larger_share")),
            f"{_median(rounds, 'cpu'):.1%}",
        ]
        for name, rounds in shared.items()
    ]
    return Table(
        f"{RATE:g} a second, burst 1, shared by two processes with {WAITERS_OF_EACH} callers each",
        ["", "grants a second", "worst second", "out of order", "larger share", "core of each"],
        rows,
    )


def _median(rounds: Rounds, member: str) -> float:
    values: list[float] = [each[member] for each in rounds]
    return statistics.median(values)


def _facts(rounds: Rounds) -> str:
    worst = max(each["worst_second"] for each in rounds)
    order, shares = _median(rounds, "out_of_order"), [each["cpu"] * 100 for each in rounds]
    return f"{worst} / {order:.0%} / {spread(shares)}"


def _weights(found: Found, name: str) -> list[str]:
    served = [each["heavy"] for each in found[name, HEAVY_CALLERS]]
    heavy = f"not in {HEAVY_SECONDS:g}" if None in served else f"{statistics.median(served):.2f}"
    return [heavy, f"{_quickest_free(found, name):.2f}"]


def _quickest_free(found: Found, name: str) -> float:
    free: list[float] = [each["free"] for n in WAITERS for each in found[name, n]]
    return min(free)


def _goals(found: Found) -> list[Goal]:
    ours = [each for (name, _), rounds in found.items() if name == OURS for each in rounds]
    rates = [_median(found[OURS, waiters], "rate") for waiters in WAITERS]
    heavy = [each["heavy"] for each in found[OURS, HEAVY_CALLERS]]
    free_floor = _quickest_free(found, FLOOR)
    return [
        Goal("farthest from the rate", max(abs(rate / RATE - 1) for rate in rates) * 100, 1, "%"),
        Goal("worst second", max(each["worst_second"] for each in ours), RATE + 1, "grants"),
        Goal("out of order", max(each["out_of_order"] for each in ours), 0),
        Goal(f"CPU beyond {FLOOR}", _beyond_floor(found), 1.5, "% of a core"),
        Goal(
            f"acquire that need not wait (an empty call takes {free_floor:.2f})",
            _quickest_free(found, OURS),
            1,
            "us",
        ),
        Goal(
            "50 units among 200 callers, served in its turn",
            math.nan if None in heavy else max(heavy),
            (HEAVY_CALLERS + 50) / RATE + 0.5,
            "s",
        ),
    ]


def _highest_cpu(found: Found, name: str) -> float:
    return max(_median(found[name, waiters], "cpu") for waiters in WAITERS) * 100


def _beyond_floor(found: Found) -> float:
    """What our own code takes, however many wait."""
    beyond = (_median(found[OURS, n], "cpu") - _median(found[FLOOR, n], "cpu") for n in WAITERS)
    return statistics.median(beyond) * 100


def _shared_goals(shared: Shared) -> list[Goal]:
    goals = []
    for name in ("ours, Redis", "ours, PostgreSQL"):
        rounds, store = shared[name], name.removeprefix("ours, ")
        off = abs(_median(rounds, "rate") / RATE - 1) * 100
        order = max(each["out_of_order"] for each in rounds)
        goals += [
            Goal(f"two processes on {store}: from the rate", off, 1, "%"),
            Goal(f"two processes on {store}: out of order in either", order, 0),
        ]
    return goals


if __name__ == "__main__":
    raise SystemExit(harness.main(measure))
