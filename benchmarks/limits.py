"""What limiters grant, in what order: `python -m benchmarks.limits [--quick] [--json]`.

Each limiter in a process of its own, in turns, round by round: 100 units a second, burst 1,
in-process. The counts of waiters are those at which the seeds of the project broke down.
"""

import json
import math
import statistics
import subprocess
import sys
from collections import defaultdict
from typing import Any, Final

from benchmarks import harness, venvs
from benchmarks.harness import Goal, Report, Table
from benchmarks.peers.limiters import HEAVY_CALLERS, HEAVY_SECONDS, LIMITERS, RATE
from benchmarks.processes import REPOSITORY

WAITERS: Final = (10, 25, 50, 100, HEAVY_CALLERS, 1_000)
OURS: Final = "ours"
_PROCESS_SECONDS: Final = 60.0

PEERS: Final = ("aiolimiter", "limits", "pyrate-limiter")
SEED: Final = (
    "A seed of this project reports 139.76, 53.06, 16.28 and 12.39 requests a second at 10, 25, 50"
    " and 100 callers: a rate that falls with those who wait for it."
)

Found = dict[tuple[str, int], list[dict[str, Any]]]


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it by position
    """Every limiter with every number of waiters, once a round."""
    rounds, seconds = (1, 2.0) if quick else (3, 4.0)
    peers = venvs.python_of("limits")
    found: Found = defaultdict(list)
    for _ in range(rounds):
        for waiters in WAITERS:
            for name in LIMITERS:
                python = sys.executable if name == OURS else peers
                found[name, waiters].append(_run(python, name, waiters, seconds))
    return _report(found)


def _run(python: str, name: str, waiters: int, seconds: float) -> dict[str, Any]:
    command = [python, "-m", "benchmarks.peers.limiters", name, str(waiters), str(seconds)]
    done = subprocess.run(  # noqa: S603 - our own commands
        command, cwd=REPOSITORY, check=True, capture_output=True, timeout=_PROCESS_SECONDS
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _report(found: Found) -> Report:
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
            "Worst second / out of order / share of a core, by waiting callers",
            ["", *map(str, WAITERS)],
            [[name, *(_facts(found[name, n]) for n in WAITERS)] for name in LIMITERS],
        ),
        Table(
            f"A request of 50 units among {HEAVY_CALLERS} callers; an acquire that need not wait",
            ["", "served after s", "acquire us"],
            [[name, *_weights(found[name, HEAVY_CALLERS])] for name in LIMITERS],
        ),
    ]
    report.goals += _goals(found)
    report.notes += ["limits has no waiting of its own: a loop asks it each millisecond.", SEED]
    return report


def _median(rounds: list[dict[str, Any]], member: str) -> float:
    values: list[float] = [each[member] for each in rounds]
    return statistics.median(values)


def _facts(rounds: list[dict[str, Any]]) -> str:
    worst = max(each["worst_second"] for each in rounds)
    order, cpu = _median(rounds, "out_of_order"), _median(rounds, "cpu")
    return f"{worst} / {order:.0%} / {cpu:.1%}"


def _weights(rounds: list[dict[str, Any]]) -> list[str]:
    served = [each["heavy"] for each in rounds]
    heavy = f"not in {HEAVY_SECONDS:g}" if None in served else f"{statistics.median(served):.2f}"
    return [heavy, f"{_median(rounds, 'free'):.2f}"]


def _goals(found: Found) -> list[Goal]:
    ours = [each for (name, _), rounds in found.items() if name == OURS for each in rounds]
    rates = [_median(found[OURS, waiters], "rate") for waiters in WAITERS]
    heavy = [each["heavy"] for each in found[OURS, HEAVY_CALLERS]]
    return [
        Goal("farthest from the rate", max(abs(rate / RATE - 1) for rate in rates) * 100, 1, "%"),
        Goal("worst second", max(each["worst_second"] for each in ours), RATE + 1, "grants"),
        Goal("out of order", max(each["out_of_order"] for each in ours), 0),
        Goal("CPU", max(_median(found[OURS, n], "cpu") for n in WAITERS) * 100, 2, "% of a core"),
        Goal("acquire that need not wait", _median(found[OURS, HEAVY_CALLERS], "free"), 1, "us"),
        Goal(
            "50 units among 200 callers, served in its turn",
            math.nan if None in heavy else max(heavy),
            (HEAVY_CALLERS + 50) / RATE + 0.5,
            "s",
        ),
    ]


if __name__ == "__main__":
    raise SystemExit(harness.main(measure))
