"""How soon an order is safe, followed and spoken: `python -m benchmarks.orders [--quick] [--json]`.

Answers are measured while workers are stopped: each follows a real commit (fsync and
synchronous_commit on). Ours, a FastAPI route that writes the same rows and the seed's pattern
(Flask with a thread per order) run side by side and are measured in turns.
"""

import os
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from benchmarks import ack, database, harness, load, processes, venvs
from benchmarks.ack import CLIENTS, FULL, HIGH_RATE, QUICK, RATIO, SEED_RATE, Length
from benchmarks.database import API_KEY, ENCRYPTION_KEY, JWT_SECRET
from benchmarks.figures import COLUMNS, Latencies, pooled, spread
from benchmarks.harness import Goal, Report, Table
from benchmarks.line_bot import free_port
from benchmarks.orders_completed import prepared, seconds_to_completed

MEAN_MS: Final = 5.0
P99_MS: Final = 50.0
POLL_P99_MS: Final = 20.0
COMPLETED_SECONDS: Final = 3.0
ORDERS_PER_SECOND: Final = 1.0
_READY_SECONDS: Final = 60.0
_THREADS: Final = 8  # of gunicorn, as the hosting platform of the seed proposes

SEED: Final = "ours, the seed's body, 28.85/s"
SEED_HIGH: Final = "ours, the seed's body, 200/s"
MENU: Final = "ours, by a shop's menu, 28.85/s"
MENU_HIGH: Final = "ours, by a shop's menu, 200/s"
POLLS: Final = "ours, status, 200 polls/s"
CLOSED: Final = f"ours, the seed's body, {CLIENTS} clients"
FASTAPI: Final = f"FastAPI, same rows, {CLIENTS} clients"
FLASK: Final = f"Flask and a thread per order, {CLIENTS} clients"

_BODY: Final = {
    "store_name": "測試店家",
    "items": [{"item_name": "測試商品", "price": 100, "quantity": 1}],
    "total_amount": 100,
}
_DISH: Final = {"id": "noodles", "names": {"zh-TW": "牛肉麵", "en": "Noodles"}, "price": 140}
_SHOP: Final = {
    "slug": "measured",
    "names": {"zh-TW": "量麵館", "en": "Measured"},
    "sections": [{"id": "all", "names": {"zh-TW": "全部", "en": "All"}, "items": [_DISH]}],
}
_BY_MENU: Final = {
    "shop": "measured",
    "language": "en",
    "items": [{"menu_item_id": "noodles", "quantity": 2, "price": 140}],
    "total_amount": 280,
}


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the servers listen."""

    forthwith: int
    fastapi: int
    flask: int


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it by position
    """All of it, on servers and databases of its own."""
    length = QUICK if quick else FULL
    with ExitStack() as stack:
        folder = stack.enter_context(database.disk_folder())
        server_dsn = stack.enter_context(database.database_server(folder))
        dsn = database.make_database(server_dsn, "orders")
        database.migrate(dsn)
        with _servers(folder, dsn) as ports:
            found = _rounds(_plan(ports), length)
        completed = seconds_to_completed(
            folder, prepared(server_dsn), ORDERS_PER_SECOND, length.rounds * length.seconds
        )
        return _report(found, completed, database.settings_of(dsn))


@contextmanager
def _servers(folder: Path, dsn: str) -> Iterator[Ports]:
    environment = {
        "DATABASE_URL": dsn,
        "ENCRYPTION_KEY": ENCRYPTION_KEY,
        "JWT_SECRET": JWT_SECRET,
        "FORTHWITH_HOME": str(folder / "home"),
        "RATE_LIMIT_PER_MINUTE": "10000000",
        "RATE_LIMIT_PER_HOUR": "10000000",
    }
    with ExitStack() as stack:
        ours, fastapi = (
            stack.enter_context(ack.server(name, folder, environment))
            for name in ("forthwith_api", "fastapi_orders")
        )
        flask = stack.enter_context(_flask(folder, dsn))
        yield Ports(ours, fastapi, flask)


@contextmanager
def _flask(folder: Path, dsn: str) -> Iterator[int]:
    """The seed's pattern under gunicorn; its port."""
    port = free_port()
    command = [venvs.python_of("flask"), "-m", "gunicorn", "--workers=1", f"--threads={_THREADS}"]
    command += [f"--bind=127.0.0.1:{port}", "--timeout=0", "benchmarks.servers.flask_orders:app"]
    log = folder / "flask.log"
    with processes.running(command, log, {"DATABASE_URL": dsn}):
        transport = httpx.HTTPTransport(retries=10)  # until it listens
        with httpx.Client(transport=transport, timeout=_READY_SECONDS) as http:
            http.post(f"http://127.0.0.1:{port}/api/orders/quick", json=_BODY).raise_for_status()
        yield port


def _plan(ports: Ports) -> dict[str, tuple[load.Target, float | None]]:
    """Target and rate of each measurement; without a rate, CLIENTS in a closed loop."""
    order = _opened_shop_and_order(ports.forthwith)
    seed = load.Target(ports.forthwith, _posted("/api/orders/quick", _BODY))
    menu = load.Target(ports.forthwith, _posted("/api/orders/quick", _BY_MENU))
    poll = [f"GET {order} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()]
    return {
        SEED: (seed, SEED_RATE),
        SEED_HIGH: (seed, HIGH_RATE),
        MENU: (menu, SEED_RATE),
        MENU_HIGH: (menu, HIGH_RATE),
        POLLS: (load.Target(ports.forthwith, lambda: poll, status=200), HIGH_RATE),
        CLOSED: (seed, None),
        FASTAPI: (load.Target(ports.fastapi, _posted("/orders", _BODY)), None),
        FLASK: (load.Target(ports.flask, _posted("/api/orders/quick", _BODY)), None),
    }


def _opened_shop_and_order(port: int) -> str:
    """Open the shop and order once; where that order's status is."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:
        shop = http.post("/api/v1/orders/shops", json=_SHOP, headers={"X-API-Key": API_KEY})
        shop.raise_for_status()
        return str(
            http.post("/api/orders/quick", json=_BY_MENU).raise_for_status().json()["polling_url"]
        )


def _posted(path: str, body: dict[str, Any]) -> Callable[[], load.Request]:
    encoded = msgspec.json.encode(body)
    head = load.post(path, {"Content-Type": "application/json"}, len(encoded))
    return lambda: (head, encoded)


def _rounds(
    plan: dict[str, tuple[load.Target, float | None]], length: Length
) -> dict[str, list[Latencies]]:
    """Every measurement once a round, ours and the peers' side by side."""
    found: dict[str, list[Latencies]] = defaultdict(list)
    for target, _ in plan.values():  # compile statements, open connections
        load.run(load.closed_loop(target, 5, 1.0))
    for number in range(length.rounds):
        for name, (target, rate) in plan.items():
            if rate is None:
                latencies = load.run(load.closed_loop(target, CLIENTS, length.seconds))
            else:
                latencies = load.run(load.open_loop(target, rate, length.seconds, seed=number))
            found[name].append(latencies)
            os.sync()  # what this one left to write must not slow the next
    return found


def _report(
    found: dict[str, list[Latencies]], completed: Sequence[float], postgres: dict[str, str]
) -> Report:
    fastapi, flask = (_ratios(found[CLOSED], found[name]) for name in (FASTAPI, FLASK))
    rows = [[name, *pooled(rounds).row()] for name, rounds in found.items()]
    spoken = Latencies([each for each in completed if each < float("inf")], 0, len(completed))
    report = Report(
        name="orders: safe, followed, spoken",
        arrival="open loop: Poisson, counted from the moment a request was due;"
        f" closed loop: {CLIENTS} clients",
        versions={
            **harness.versions("fastapi", "uvicorn", "asyncpg", "espeakng-loader", "av"),
            "seed's pattern": ", ".join(
                venvs.version_of(each, "flask") for each in ("flask", "gunicorn", "psycopg")
            ),
            **postgres,
        },
    )
    report.tables += [
        Table("Latencies, all rounds together", ["", *COLUMNS], rows),
        Table(
            "Mean latency of ours as a ratio, median (range) of the rounds",
            ["", ""],
            [
                ["50 clients, to FastAPI with the same rows", spread(fastapi)],
                ["50 clients, to Flask and a thread per order", spread(flask)],
            ],
        ),
        Table(
            f"Order to completed, {ORDERS_PER_SECOND:g} order/s, one worker, local voice, s",
            ["orders", "not completed", "p50", "p95", "max"],
            [_spoken_row(spoken, len(completed))],
        ),
    ]
    report.notes.append(
        "Flask writes one row to each order's five, seals nothing, and loses the orders of its"
        " threads when its process ends."
    )
    for name in (SEED, SEED_HIGH, MENU, MENU_HIGH):
        latencies = pooled(found[name])
        report.goals += [
            Goal(f"{name}: mean", latencies.mean, MEAN_MS, "ms"),
            Goal(f"{name}: p99", latencies.percentile(99), P99_MS, "ms"),
        ]
    report.goals += [
        Goal(f"{POLLS}: p99", pooled(found[POLLS]).percentile(99), POLL_P99_MS, "ms"),
        Goal("polls without an answer", pooled(found[POLLS]).failed, 0),
        Goal("50 clients to FastAPI, same rows", statistics.median(fastapi), RATIO),
        Goal("order to completed: p95", spoken.percentile(95) / 1000, COMPLETED_SECONDS, "s"),
        Goal("orders not completed", len(completed) - len(spoken.seconds), 0),
    ]
    return report


def _spoken_row(spoken: Latencies, orders: int) -> list[str]:
    figures = [f"{spoken.percentile(percent) / 1000:.2f}" for percent in (50, 95, 100)]
    return [str(orders), str(orders - len(spoken.seconds)), *figures]


def _ratios(ours: Sequence[Latencies], peer: Sequence[Latencies]) -> list[float]:
    return [mine.mean / theirs.mean for mine, theirs in zip(ours, peer, strict=True)]


if __name__ == "__main__":
    raise SystemExit(harness.main(measure))
