"""What a durable run costs: `python -m benchmarks.jobs [--quick] [--json]`.

Ours, what it is made of (pgqueuer's tickets), the least it could cost (claims straight from a
run table), and DBOS, procrastinate, arq and celery as their users set them up: each in a
process and a venv of its own, one worker process, measured in turns.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import database, harness, venvs
from benchmarks.database import ENCRYPTION_KEY, JWT_SECRET
from benchmarks.engines import Engine, NotInTimeError, Start, worker_of
from benchmarks.figures import Latencies, spread
from benchmarks.harness import Goal, Report, Table
from benchmarks.peers.protocol import CONCURRENCY, ENQUEUERS
from benchmarks.redis import WHY_NOT, redis_server

OURS: Final = "forthwith"
START_RATE: Final = 50.0  # runs a second
HOLD_SECONDS: Final = 600.0
RUNS_RATIO: Final = 3.0
START_P50_MS: Final = 15.0
START_P99_MS: Final = 50.0
TAKEOVER_SECONDS: Final = 10.0
ENQUEUES: Final = 1500.0
_WORKER_READY_SECONDS: Final = 60.0
_NAN: Final = float("nan")


@dataclass(frozen=True, slots=True)
class Length:
    """How many jobs and seconds, and how long a lost worker's job is waited for."""

    rounds: int
    jobs: int
    start_seconds: float
    takeover_seconds: float


QUICK: Final = Length(rounds=2, jobs=1000, start_seconds=8.0, takeover_seconds=25.0)
FULL: Final = Length(rounds=3, jobs=3000, start_seconds=30.0, takeover_seconds=90.0)


def measure(quick: bool) -> Report:  # noqa: FBT001 - the harness calls it by position
    """All engines, one figure after the other, in turns."""
    length = QUICK if quick else FULL
    with ExitStack() as stack:
        folder = stack.enter_context(database.disk_folder())
        server_dsn = stack.enter_context(database.database_server(folder))
        engines = stack.enter_context(_engines(folder, server_dsn))
        for _ in range(length.rounds):
            for engine in engines:
                _throughput(engine, length.jobs)
        for engine in engines:
            _start_latency(engine, length.start_seconds)
        with ThreadPoolExecutor(len(engines)) as together:  # most of it is waiting
            list(together.map(lambda each: _takeover(each, length.takeover_seconds), engines))
        return _report(engines, length, database.settings_of(server_dsn))


@contextmanager
def _engines(folder: Path, server_dsn: str) -> Iterator[list[Engine]]:
    """The engines with their databases made; those over Redis only where there is one."""

    def over_postgres(title: str, module: str, venv: str | None = None) -> Engine:
        dsn = database.make_database(server_dsn, module)
        environment = {
            "BENCH_DSN": dsn,
            "DATABASE_URL": dsn,
            "ENCRYPTION_KEY": ENCRYPTION_KEY,
            "JWT_SECRET": JWT_SECRET,
            "FORTHWITH_HOME": str(folder / "home"),
        }
        engine = Engine(title, module, folder, environment)
        if venv is not None:
            engine.python = venvs.python_of(venv)
        if title == OURS:
            database.migrate(dsn)
        engine.prepare()
        return engine

    engines = [
        over_postgres(OURS, "forthwith_runs"),
        over_postgres("claims from a run table (limit)", "run_table"),
        over_postgres("pgqueuer, no ledger", "pgqueuer_tickets"),
        over_postgres("DBOS", "dbos_queue", "dbos"),
        over_postgres("procrastinate", "procrastinate_queue", "procrastinate"),
    ]
    with redis_server(folder) as port:
        if port is not None:
            engines += [_over_redis(name, port, folder) for name in ("arq", "celery")]
        yield engines


def _over_redis(name: str, port: int, folder: Path) -> Engine:
    return Engine(
        name,
        f"{name}_queue",
        folder,
        {"BENCH_REDIS_PORT": str(port)},
        python=venvs.python_of(name),
        transactional=False,
    )


def _throughput(engine: Engine, jobs: int) -> None:
    """Enqueue while no worker runs, then let one worker carry them; from first to last start."""
    engine.forget()
    _keep(engine, "enqueues", engine.enqueue(jobs))
    with engine.working():
        starts = engine.wait_for_starts(jobs, _WORKER_READY_SECONDS + jobs / 10)
        moments = [start.at for start in starts]
        _keep(engine, "runs", (len(moments) - 1) / (max(moments) - min(moments)))
        time.sleep(1.0)  # what was started last is also finished


def _start_latency(engine: Engine, seconds: float) -> None:
    """From the moment a run is due to its first line, with an idle worker at hand."""
    with _ready_worker(engine):
        offered = engine.offer(START_RATE, seconds)
        starts = engine.wait_for_starts(offered, seconds + _WORKER_READY_SECONDS)
    engine.latencies = Latencies([start.at - start.due for start in starts], 0, seconds)


@contextmanager
def _ready_worker(engine: Engine) -> Iterator[None]:
    """A worker that has run a job already; starts are counted anew."""
    engine.forget()
    with engine.working():
        engine.enqueue(CONCURRENCY)
        engine.wait_for_starts(CONCURRENCY, _WORKER_READY_SECONDS)
        engine.forget()
        yield


def _takeover(engine: Engine, patience: float) -> None:
    """Kill a worker in the middle of a job; seconds until another starts that job again."""
    engine.forget()
    with engine.working(2) as workers:
        engine.enqueue(2 * CONCURRENCY)
        engine.wait_for_starts(2 * CONCURRENCY, _WORKER_READY_SECONDS)
        time.sleep(3.0)  # the slower of the two is up as well
        engine.forget()
        engine.enqueue(1, hold=HOLD_SECONDS)
        first = engine.wait_for_starts(1, _WORKER_READY_SECONDS)[0]
        time.sleep(1.0)
        killed_at = time.monotonic()
        worker_of(first, workers).kill()
        try:
            again: Start = engine.wait_for_starts(2, patience)[-1]
        except NotInTimeError:
            engine.takeover = f"not in {patience:.0f} s"
            return
    _keep(engine, "takeover", again.at - killed_at)
    engine.takeover = f"{again.at - killed_at:.1f} s"


def _keep(engine: Engine, figure: str, value: float) -> None:
    engine.figures.setdefault(figure, []).append(value)


def _report(engines: Sequence[Engine], length: Length, postgres: dict[str, str]) -> Report:
    report = Report(
        name="jobs: what a durable run costs",
        arrival=f"runs/s: {length.jobs} runs waiting, one worker process, {CONCURRENCY} at once;"
        f" enqueues/s: closed loop, {ENQUEUERS} at once; start: open loop, Poisson,"
        f" {START_RATE:g}/s, from the moment a run was due",
        versions={
            **harness.versions("pgqueuer", "asyncpg"),
            "peers": ", ".join(map(venvs.version_of, ("dbos", "procrastinate", "arq", "celery"))),
            **postgres,
        },
    )
    columns = ["", "runs/s", "enqueues/s", "start p50 ms", "p99 ms", "takeover"]
    report.tables.append(
        Table(f"Medians (ranges) of {length.rounds} rounds", columns, [_row(e) for e in engines])
    )
    report.goals += _goals({engine.title: engine for engine in engines})
    report.notes += _notes(engines)
    return report


def _row(engine: Engine) -> list[str]:
    enqueues = spread(engine.figures["enqueues"], 0)
    latencies = engine.latencies
    assert latencies is not None  # noqa: S101 - every engine is measured before the report
    return [
        engine.title,
        spread(engine.figures["runs"], 0),
        enqueues if engine.transactional else f"{enqueues}, no transaction",
        f"{latencies.percentile(50):.1f}",
        f"{latencies.percentile(99):.1f}",
        engine.takeover,
    ]


def _goals(engines: dict[str, Engine]) -> list[Goal]:
    ours = engines[OURS]
    latencies = ours.latencies
    percentile: Callable[[float], float] = latencies.percentile if latencies else lambda _: _NAN
    takeover = ours.figures.get("takeover", [_NAN])[0]
    ratios = [
        Goal(f"runs/s to {peer}", _median(ours) / _median(engines[peer]), RUNS_RATIO, at_most=False)
        for peer in ("DBOS", "procrastinate")
    ]
    enqueues = statistics.median(ours.figures["enqueues"])
    return [
        *ratios,
        Goal("start p50", percentile(50), START_P50_MS, "ms"),
        Goal("start p99", percentile(99), START_P99_MS, "ms"),
        Goal("takeover", takeover, TAKEOVER_SECONDS, "s"),
        Goal("transactional enqueues/s", enqueues, ENQUEUES, "/s", at_most=False),
    ]


def _median(engine: Engine) -> float:
    return statistics.median(engine.figures["runs"])


def _notes(engines: Sequence[Engine]) -> list[str]:
    titles = {engine.title for engine in engines}
    notes = [
        "Ours and DBOS record a step in each run; the run table does, the others have no steps.",
        "DBOS looks into its queue once a second (its default): that is its start latency.",
        "Takeover `not in N s`: the job of a worker killed by SIGKILL is stranded, at its"
        " engine's defaults, for at least that long.",
    ]
    if "celery" in titles:
        notes.append("celery acknowledges before it runs a job: a killed worker's job is lost.")
        notes.append("arq frees a killed worker's job after its time limit and 10 s: 310 s.")
    else:
        notes.append(f"arq and celery were not measured: {WHY_NOT}.")
    return notes


if __name__ == "__main__":
    raise SystemExit(harness.main(measure))
