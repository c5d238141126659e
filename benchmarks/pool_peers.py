"""Ours beside others who rotate keys: each in a process of its own, in turns, over HTTP."""

import json
import statistics
import subprocess
import sys
from typing import Any, Final

from benchmarks import venvs
from benchmarks.harness import Goal, Table
from benchmarks.peers import pools
from benchmarks.processes import REPOSITORY

_PEER_SECONDS: Final = 300.0  # LiteLLM alone takes 13 s of CPU to import
_VENVS: Final = {"LiteLLM": "litellm", "pydantic-ai": "pydantic-ai"}

_BURST: Final = ("answered", "failed", "waiting", "refused")
NOTES: Final = (
    "The vendor of the peers' tables answers at once; `next call` is the price of a call that"
    " meets no refusal, with the client each comes with.",
    "pydantic-ai keeps no count of its calls and remembers no refusal: the vendor refuses for it."
    " LiteLLM looks for its table of prices in its package, not on the network.",
)

Rounds = list[dict[str, Any]]
Peers = dict[str, dict[str, Rounds]]


def measure(rounds: int) -> Peers:
    """What each pool tells of each task, in turns."""
    names = {"failover": pools.FAILING_OVER, "burst": pools.BURSTING, "load": pools.FAILING_OVER}
    found: Peers = {task: {name: [] for name in of} for task, of in names.items()}
    for _ in range(rounds):
        for task, of in found.items():
            for name, told in of.items():
                told.append(_ask(task, name))
    return found


def _ask(task: str, name: str) -> dict[str, Any]:
    peer = next((venv for start, venv in _VENVS.items() if name.startswith(start)), None)
    python = sys.executable if peer is None else venvs.python_of(peer)
    command = [python, "-m", "benchmarks.peers.pools", task, name]
    done = subprocess.run(  # noqa: S603 - our own commands
        command, cwd=REPOSITORY, check=True, capture_output=True, timeout=_PEER_SECONDS
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def versions() -> str:
    """The peers' versions."""
    pinned = (
        ("litellm", "litellm"),
        ("pydantic-ai-slim", "pydantic-ai"),
        ("openai", "pydantic-ai"),
    )
    return ", ".join(venvs.version_of(name, lock) for name, lock in pinned)


def tables(peers: Peers) -> list[Table]:
    """Failing over, a burst, and what it takes to have one."""
    failover = [
        [
            name,
            f"{_median(rounds, 'ms'):.0f}",
            "-" if rounds[0]["plain_ms"] is None else f"{_median(rounds, 'plain_ms'):.1f}",
            "-" if rounds[0]["plain_ms"] is None else f"{_median(rounds, 'wasted'):.0f}",
        ]
        for name, rounds in peers["failover"].items()
    ]
    burst = [
        [name, *(f"{_median(rounds, each):.0f}" for each in _BURST)]
        for name, rounds in peers["burst"].items()
    ]
    load = [
        [name, f"{_median(rounds, 'seconds'):.2f}", f"{_median(rounds, 'mib'):.0f}"]
        for name, rounds in peers["load"].items()
    ]
    refused = ["", "until answered, ms", "next call, ms", "of 11 calls asked the cooling key"]
    return [
        Table("The first of two keys answers 429 with Retry-After 7", refused, failover),
        Table("30 calls at once on 3 keys of 5 a minute, after 10 s", ["", *_BURST], burst),
        Table("Making a pool, imports and all", ["", "s", "MiB"], load),
    ]


def _median(rounds: Rounds, member: str) -> float:
    values: list[float] = [each[member] for each in rounds]
    return statistics.median(values)


def goals(peers: Peers) -> list[Goal]:
    """What ours has to keep."""
    ours, bursts = peers["failover"]["ours"], peers["burst"]["ours"]
    return [
        Goal("calls that asked a cooling key", max(each["wasted"] for each in ours), 1),
        Goal("30 calls over HTTP: answered now", _median(bursts, "answered"), 15, at_most=False),
        Goal("30 calls over HTTP: errors", max(each["failed"] for each in bursts), 0),
    ]
