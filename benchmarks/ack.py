"""How soon a durable answer comes: `python -m benchmarks.ack [--quick] [--json]`.

Workers are stopped; every answer follows a real commit (fsync and synchronous_commit on). Ours
and its peers run side by side and are measured in turns, round by round.
"""

import io
import itertools
import os
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from benchmarks import database, harness, load, processes
from benchmarks.database import API_KEY, ENCRYPTION_KEY, JWT_SECRET
from benchmarks.figures import COLUMNS, Latencies, pooled, spread
from benchmarks.harness import Goal, Report, Table

SEED_RATE: Final = 28.85  # requests a second: the load the seeds of the project were measured at
HIGH_RATE: Final = 200.0  # requests a second
CLIENTS: Final = 50
MEAN_MS: Final = 5.0
P95_MS: Final = 11.0
RATIO: Final = 1.5
SEED_RATIO: Final = 1.2
PHOTO_BYTES: Final = 200_000
_READY_SECONDS: Final = 60.0
_MARK: Final = b"0123456789abcdef"
_BOUNDARY: Final = "3f1c9a0be77d4f6aa0c2d5e8b1946c37"
"""As long as those of HTTP libraries and browsers: a parser skips by its length."""

PLAIN: Final = "ours, plain run, 28.85/s"
PLAIN_HIGH: Final = "ours, plain run, 200/s"
PHOTO: Final = "ours, 200 kB photo, 28.85/s"
PEER_PHOTO: Final = "FastAPI, 200 kB photo, same file, INSERT, 28.85/s"
PHOTO_HIGH: Final = "ours, 200 kB photo, 200/s"
PEER_PHOTO_HIGH: Final = "FastAPI, 200 kB photo, same file, INSERT, 200/s"
PEER_AS_SENT_HIGH: Final = "FastAPI, 200 kB photo, file as sent, INSERT, 200/s"
CLOSED: Final = "ours, plain run, 50 clients"
PEER_CLOSED: Final = "FastAPI, same rows, 50 clients"
PEER_ONE_CLOSED: Final = "FastAPI, same rows in one statement, 50 clients"
BARE_CLOSED: Final = "Starlette, one INSERT, 50 clients"


@dataclass(frozen=True, slots=True)
class Length:
    """How long each measurement takes, and how often all of them are repeated."""

    rounds: int
    seconds: float


QUICK: Final = Length(rounds=4, seconds=3.0)
FULL: Final = Length(rounds=10, seconds=6.0)


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the servers listen."""

    forthwith: int
    fastapi: int
    starlette: int


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it by position
    """All of it, on servers and a database of its own."""
    length = QUICK if quick else FULL
    with ExitStack() as stack:
        folder = stack.enter_context(database.disk_folder())
        server_dsn = stack.enter_context(database.database_server(folder))
        dsn = database.make_database(server_dsn, "ack")
        database.migrate(dsn)
        ports = stack.enter_context(_servers(folder, dsn))
        found = _rounds(ports, length)
        return _report(found, database.settings_of(dsn))


@contextmanager
def _servers(folder: Path, dsn: str) -> Iterator[Ports]:
    photos = folder / "photos"
    photos.mkdir()
    environment = {
        "DATABASE_URL": dsn,
        "ENCRYPTION_KEY": ENCRYPTION_KEY,
        "JWT_SECRET": JWT_SECRET,
        "FORTHWITH_HOME": str(folder / "home"),
        "PHOTOS": str(photos),
    }
    with ExitStack() as stack:
        ports = [
            stack.enter_context(server(name, folder, environment))
            for name in ("forthwith_api", "fastapi_rows", "starlette_insert")
        ]
        yield Ports(*ports)


@contextmanager
def server(name: str, folder: Path, environment: dict[str, str]) -> Iterator[int]:
    """One server as a process of its own; its port."""
    ready = folder / f"{name}.port"
    command = [sys.executable, "-m", f"benchmarks.servers.{name}"]
    log = folder / f"{name}.log"
    with processes.running(command, log, {**environment, "PORT_FILE": str(ready)}) as process:
        yield int(process.wait_for(ready, _READY_SECONDS))


def _rounds(ports: Ports, length: Length) -> dict[str, list[Latencies]]:
    """Every measurement once a round, ours and the peer's side by side, to and fro."""
    plan = _plan(ports)
    found: dict[str, list[Latencies]] = defaultdict(list)
    for target, _ in plan.values():  # compile statements, open connections
        load.run(load.closed_loop(target, 5, 1.0))
    for number in range(length.rounds):
        for name, (target, rate) in list(plan.items())[:: -1 if number % 2 else 1]:
            if rate is None:
                latencies = load.run(load.closed_loop(target, CLIENTS, length.seconds))
            else:
                latencies = load.run(load.open_loop(target, rate, length.seconds, seed=number))
            found[name].append(latencies)
            os.sync()  # what this one left to write must not slow the next
    return found


def _plan(ports: Ports) -> dict[str, tuple[load.Target, float | None]]:
    """Target and rate of each measurement; without a rate, CLIENTS in a closed loop."""
    key = {"X-API-Key": API_KEY}
    ours = load.Target(ports.forthwith, _note("/api/v1/notes", key))
    our_photo = load.Target(ports.forthwith, _photo("/api/v1/cards", key))
    peer_photo = load.Target(ports.fastapi, _photo("/photos", {}))
    return {
        PLAIN: (ours, SEED_RATE),
        PLAIN_HIGH: (ours, HIGH_RATE),
        PHOTO: (our_photo, SEED_RATE),
        PEER_PHOTO: (peer_photo, SEED_RATE),
        PHOTO_HIGH: (our_photo, HIGH_RATE),
        PEER_PHOTO_HIGH: (peer_photo, HIGH_RATE),
        PEER_AS_SENT_HIGH: (load.Target(ports.fastapi, _photo("/photos-as-sent", {})), HIGH_RATE),
        CLOSED: (ours, None),
        PEER_CLOSED: (load.Target(ports.fastapi, _note("/notes", {})), None),
        PEER_ONE_CLOSED: (load.Target(ports.fastapi, _note("/notes-in-one", {})), None),
        BARE_CLOSED: (load.Target(ports.starlette, _note("/notes", {})), None),
    }


def _note(path: str, headers: dict[str, str]) -> Callable[[], load.Request]:
    body = b'{"text": "a note of ordinary length, to be kept"}'
    head = load.post(path, {**headers, "Content-Type": "application/json"}, len(body))
    request = (head, body)
    return lambda: request


def _photo(path: str, headers: dict[str, str]) -> Callable[[], load.Request]:
    """Multipart uploads of one photo whose comment is another each time."""
    opening = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; '.encode()
    opening += b'filename="card.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    before, _, after = photo().partition(_MARK)
    ending = after + f"\r\n--{_BOUNDARY}--\r\n".encode()
    length = len(opening) + len(before) + len(_MARK) + len(ending)
    typed = {**headers, "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
    head = load.post(path, typed, length) + opening + before
    count = itertools.count()
    return lambda: (head, f"{next(count):016d}".encode(), ending)


def photo() -> bytes:
    """A valid JPEG of noise with about PHOTO_BYTES bytes and a comment to replace."""
    side = 100
    while True:
        encoded = io.BytesIO()
        Image.effect_noise((side, side), 60).save(encoded, "JPEG", quality=85, comment=_MARK)
        if encoded.tell() >= PHOTO_BYTES:
            return encoded.getvalue()
        side += 20


def _report(found: dict[str, list[Latencies]], postgres: dict[str, str]) -> Report:
    rows = [[name, *pooled(rounds).row()] for name, rounds in found.items()]
    photo_ratios = _ratios(found[PHOTO_HIGH], found[PEER_PHOTO_HIGH])
    closed_ratios = _ratios(found[CLOSED], found[PEER_CLOSED])
    one_ratios = _ratios(found[CLOSED], found[PEER_ONE_CLOSED])
    seed_ratios = _ratios(found[PHOTO], found[PEER_PHOTO])
    ratios = [
        ["200 kB photo at 28.85/s, to FastAPI with the same file, INSERT", spread(seed_ratios)],
        ["200 kB photo at 200/s, to FastAPI with the same file, INSERT", spread(photo_ratios)],
        [
            "200 kB photo at 200/s, to FastAPI with the file as sent, INSERT",
            spread(_ratios(found[PHOTO_HIGH], found[PEER_AS_SENT_HIGH])),
        ],
        ["50 clients, to FastAPI with the same rows", spread(closed_ratios)],
        ["50 clients, to FastAPI with the same rows in one statement", spread(one_ratios)],
        [
            "50 clients, to Starlette with one INSERT",
            spread(_ratios(found[CLOSED], found[BARE_CLOSED])),
        ],
    ]
    libraries = ("fastapi", "starlette", "uvicorn", "uvloop", "httptools", "asyncpg")
    report = Report(
        name="ack: from a request to its durable answer",
        arrival="open loop: Poisson, counted from the moment a request was due;"
        f" closed loop: {CLIENTS} clients",
        versions={**harness.versions(*libraries), **postgres},
    )
    report.tables += [
        Table("Latencies, all rounds together", ["", *COLUMNS], rows),
        Table("Mean latency of ours as a ratio, median (range) of the rounds", ["", ""], ratios),
    ]
    for name in (PLAIN, PLAIN_HIGH):
        report.goals.append(Goal(f"{name}: mean", pooled(found[name]).mean, MEAN_MS, "ms"))
    for name in (PLAIN, PLAIN_HIGH, PHOTO):
        p95 = pooled(found[name]).percentile(95)
        report.goals.append(Goal(f"{name}: p95", p95, P95_MS, "ms"))
    report.goals += [
        # Not in milliseconds: docs/adr/016.
        Goal("photo at 28.85/s to FastAPI, same file", statistics.median(seed_ratios), SEED_RATIO),
        Goal("photo at 200/s to FastAPI, same file", statistics.median(photo_ratios), RATIO),
        Goal("50 clients to FastAPI, same rows", statistics.median(closed_ratios), RATIO),
        Goal("failed requests of ours", _failed(found), 0),
    ]
    return report


def _ratios(ours: Sequence[Latencies], peer: Sequence[Latencies]) -> list[float]:
    return [mine.mean / theirs.mean for mine, theirs in zip(ours, peer, strict=True)]


def _failed(found: dict[str, list[Latencies]]) -> float:
    return float(sum(pooled(found[name]).failed for name in found if name.startswith("ours")))


if __name__ == "__main__":
    raise SystemExit(harness.main(measure))
