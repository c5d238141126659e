"""One engine under measurement: its worker processes, what enqueues, and what was started."""

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks import processes
from benchmarks.figures import Latencies
from benchmarks.processes import Process

_SETUP_SECONDS: Final = 120.0
_LOOK_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Start:
    """One line of a job: who ran it, when it was due and when it started, in seconds."""

    process: int
    due: float
    at: float


class NotInTimeError(RuntimeError):
    """The engine did not start what was asked for within the time allowed."""


@dataclass(slots=True)
class Engine:
    """An engine of `benchmarks.peers`; `python` is the interpreter of its venv."""

    title: str
    module: str
    folder: Path
    environment: dict[str, str]
    python: str = sys.executable
    transactional: bool = True
    figures: dict[str, list[float]] = field(default_factory=dict)
    latencies: Latencies | None = None
    takeover: str = "-"

    def prepare(self) -> None:
        """Make its tables."""
        self._finish("prepare", timeout=_SETUP_SECONDS)

    def enqueue(self, count: int, *, hold: float = 0.0, timeout: float = 300.0) -> float:
        """Enqueue `count` jobs as fast as it goes; jobs a second."""
        result = self._finish("enqueue", str(count), str(hold), timeout=timeout)
        return float(result["count"] / result["seconds"])

    def offer(self, rate: float, seconds: float) -> int:
        """Enqueue in an open loop; how many jobs there were."""
        return int(self._finish("offer", str(rate), str(seconds), timeout=seconds * 4)["count"])

    @contextmanager
    def working(self, count: int = 1) -> Iterator[list[Process]]:
        """That many worker processes, killed at the end."""
        workers = [self._start("work") for _ in range(count)]
        try:
            yield workers
        finally:
            for worker in workers:
                worker.kill()

    def starts(self) -> list[Start]:
        """What has been started since the last `forget`."""
        path = self._starts
        if not path.exists():
            return []
        text = path.read_text()
        lines = text[: text.rfind("\n") + 1].splitlines()
        return [_start(*line.split()) for line in lines]

    def forget(self) -> None:
        """Count starts anew; workers that have the file open go on appending to it."""
        self._starts.write_bytes(b"")

    def wait_for_starts(self, count: int, seconds: float) -> Sequence[Start]:
        """The starts, once there are `count`. Raises `NotInTimeError`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if len(found := self.starts()) >= count:
                return found
            time.sleep(_LOOK_SECONDS if count == 1 else _LOOK_SECONDS * 10)
        raise NotInTimeError(f"{len(self.starts())} of {count} in {seconds:.0f} s")

    @property
    def _starts(self) -> Path:
        return self.folder / f"{self.module}.starts"

    def _finish(self, *command: str, timeout: float) -> dict[str, float]:
        result = self.folder / f"{self.module}.result"
        result.unlink(missing_ok=True)
        process = self._start(*command)
        try:
            code = process.popen.wait(timeout)
        finally:
            process.kill()
        if code != 0:
            raise RuntimeError(
                f"{self.title}: {command[0]} failed\n{process.log.read_text()[-2000:]}"
            )
        found: dict[str, float] = json.loads(result.read_text()) if result.exists() else {}
        return found

    def _start(self, *command: str) -> Process:
        module = f"benchmarks.peers.{self.module}"
        own = {
            "BENCH_STARTS": str(self._starts),
            "BENCH_RESULT": str(self.folder / f"{self.module}.result"),
        }
        log = self.folder / f"{self.module}.log"
        return processes.start(
            [self.python, "-m", module, *command], log, {**self.environment, **own}
        )


def worker_of(start: Start, workers: Sequence[Process]) -> Process:
    """The worker whose process, or child process, started this."""
    group = os.getpgid(start.process)
    return next(worker for worker in workers if worker.popen.pid == group)


def _start(process: str, due: str, at: str) -> Start:
    return Start(int(process), float(due), float(at))
