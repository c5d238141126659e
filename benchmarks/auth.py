"""What knowing who asks, and how often, costs: `python -m benchmarks.auth [--quick] [--json]`.

One server process has one route twice: guarded as all of ours are, and bare. Each arrival is of
the next kind, so that whatever else the machine does meets all of them alike. Limits are counted in
the database, as a fleet without Redis does it. CPU time is taken of one kind after another.
"""

import hashlib
import hmac
import itertools
import os
import secrets
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from benchmarks import database, harness, load, processes
from benchmarks.database import ENCRYPTION_KEY, JWT_SECRET
from benchmarks.figures import COLUMNS, Latencies, pooled, spread
from benchmarks.harness import Goal, Report, Table
from benchmarks.servers.auth_routes import Credentials
from forthwith.platform.identity.signing import sign

RATE: Final = 150.0  # requests a second, of all kinds together
ADDED_MS: Final = 0.5
BARE: Final = "bare"
KEY: Final = "API key and limit"
TOKEN: Final = "access token and limit"  # noqa: S105 - a row of a table
SIGNED_BODY: Final = "signature over the body alone, and limit"
SIGNED: Final = "signature with nonce, and limit"
_READY_SECONDS: Final = 90.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_EMPTY: Final = b""


@dataclass(frozen=True, slots=True)
class Length:
    """How long a round takes, how many there are, and the turns in which CPU time is taken."""

    rounds: int
    seconds: float
    cpu_turns: int


QUICK: Final = Length(rounds=5, seconds=6.0, cpu_turns=4)
FULL: Final = Length(rounds=9, seconds=15.0, cpu_turns=12)


@dataclass(frozen=True, slots=True)
class Found:
    """By kind of request: the rounds' latencies, and the server's CPU time of one request."""

    rounds: dict[str, list[Latencies]]
    cpu_microseconds: dict[str, float]


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it by position
    """All of it, on a server and a database of its own."""
    length = QUICK if quick else FULL
    with ExitStack() as stack:
        folder = stack.enter_context(database.disk_folder())
        dsn = database.make_database(stack.enter_context(database.database_server(folder)), "auth")
        database.migrate(dsn)
        credentials, ready = folder / "credentials.json", folder / "port"
        environment = {
            "DATABASE_URL": dsn,
            "ENCRYPTION_KEY": ENCRYPTION_KEY,
            "JWT_SECRET": JWT_SECRET,
            "FORTHWITH_HOME": str(folder / "home"),
            "SIGNATURES_PLAIN_BODY": "true",
            "CREDENTIALS": str(credentials),
            "PORT_FILE": str(ready),
        }
        command = [sys.executable, "-m", "benchmarks.servers.auth_routes"]
        server = stack.enter_context(processes.running(command, folder / "server.log", environment))
        made = server.wait_for(credentials, _READY_SECONDS)
        port = int(server.wait_for(ready, _READY_SECONDS))
        known = msgspec.json.decode(made, type=list[Credentials])
        found = _measured(port, known, server.popen.pid, length)
        return _report(found, database.settings_of(dsn))


def _measured(port: int, known: Sequence[Credentials], pid: int, length: Length) -> Found:
    targets = _targets(port, known)
    for target in targets.values():  # every key is looked up once, every slice leased
        load.run(load.closed_loop(target, 1, 2.0))
    rounds: dict[str, list[Latencies]] = {name: [] for name in targets}
    for number in range(length.rounds):
        found = load.run(load.open_loops(targets, RATE, length.seconds, seed=number))
        for name, latencies in found.items():
            rounds[name].append(latencies)
    return Found(rounds, _cpu_microseconds(targets, pid, length.cpu_turns))


def _cpu_microseconds(targets: dict[str, load.Target], pid: int, turns: int) -> dict[str, float]:
    """Of the server, for one request of each kind."""
    seconds, answers = dict.fromkeys(targets, 0.0), dict.fromkeys(targets, 0)
    for _ in range(turns):
        for name, target in targets.items():
            before = _cpu_seconds(pid)
            latencies = load.run(load.closed_loop(target, 1, 0.5))
            seconds[name] += _cpu_seconds(pid) - before
            answers[name] += len(latencies.seconds)
    return {name: seconds[name] / max(1, answers[name]) * 1e6 for name in targets}


def _targets(port: int, known: Sequence[Credentials]) -> dict[str, load.Target]:
    turn = itertools.cycle(known)
    makers: dict[str, Callable[[], load.Request]] = {
        BARE: lambda: _get("/bare/ping", {"X-API-Key": next(turn).key}),
        KEY: lambda: _get("/guarded/ping", {"X-API-Key": next(turn).key}),
        TOKEN: lambda: _get("/guarded/ping", {"Authorization": f"Bearer {next(turn).token}"}),
        SIGNED_BODY: lambda: _get("/guarded/ping", _signed_body(next(turn))),
        SIGNED: lambda: _get("/guarded/ping", _signed(next(turn))),
    }
    return {name: load.Target(port, make, status=200) for name, make in makers.items()}


def _get(path: str, headers: dict[str, str]) -> load.Request:
    lines = [f"GET {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return [("\r\n".join(lines) + "\r\n\r\n").encode()]


def _signed(who: Credentials) -> dict[str, str]:
    now, nonce = int(time.time()), secrets.token_hex(8)
    signature = sign(who.signing_secret, "GET", "/guarded/ping", now, nonce, _EMPTY)
    return {
        "X-Key-Id": who.id,
        "X-Timestamp": str(now),
        "X-Nonce": nonce,
        "X-Signature": signature,
    }


def _signed_body(who: Credentials) -> dict[str, str]:
    signature = hmac.new(who.signing_secret.encode(), _EMPTY, hashlib.sha256).hexdigest()
    return {"X-Key-Id": who.id, "X-Signature": signature}


def _cpu_seconds(pid: int) -> float:
    """What a process has used of the processor, user and system together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _report(found: Found, postgres: dict[str, str]) -> Report:
    report = Report(
        "auth",
        arrival=f"open loop, Poisson, {RATE:g} a second, each of the next kind and account of 60",
        versions={**harness.versions("fastapi", "uvicorn", "asyncpg", "pyjwt"), **postgres},
    )
    rounds = found.rounds
    added = {name: _added(rounds[name], rounds[BARE]) for name in rounds if name != BARE}
    steps = {
        KEY: added[KEY],
        TOKEN: added[TOKEN],
        "signature, instead of the key": _added(rounds[SIGNED_BODY], rounds[KEY]),
        "nonce (a row in the database)": _added(rounds[SIGNED], rounds[SIGNED_BODY]),
    }
    cpu = found.cpu_microseconds
    report.tables += [
        Table(
            "Latencies, all rounds together",
            ["", *COLUMNS],
            [[name, *pooled(latencies).row()] for name, latencies in rounds.items()],
        ),
        Table(
            "Added to the p50 by each step, median (range) of the rounds",
            ["", "ms"],
            [[name, spread(values, 3)] for name, values in steps.items()],
        ),
        Table(
            "CPU time of the server for one request, one client",
            ["", "us", "added"],
            [[name, f"{each:.0f}", f"{each - cpu[BARE]:.0f}"] for name, each in cpu.items()],
        ),
    ]
    report.goals += [
        Goal(f"{name}: added to p50", statistics.median(added[name]), ADDED_MS, "ms")
        for name in (KEY, TOKEN)
    ]
    failed = sum(pooled(latencies).failed for latencies in rounds.values())
    report.goals.append(Goal("failed requests", float(failed), 0))
    report.notes.append("Of 32 requests one leases the next slice of its limit from the database.")
    return report


def _added(guarded: Sequence[Latencies], bare: Sequence[Latencies]) -> list[float]:
    """Milliseconds that the p50 of each round is above that of the bare one beside it."""
    pairs = zip(guarded, bare, strict=True)
    return [mine.percentile(50) - theirs.percentile(50) for mine, theirs in pairs]


if __name__ == "__main__":
    raise SystemExit(harness.main(measure))
