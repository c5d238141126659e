"""Processes that are measured: started with their output in a file, ended by their own id."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
_END_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Process:
    """A process that leads a group of its own, so that its children end with it."""

    popen: "subprocess.Popen[bytes]"
    log: Path

    def kill(self) -> None:
        """SIGKILL to the whole group, as a machine that dies would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def end(self) -> None:
        """SIGTERM, and SIGKILL for what is still there after a while."""
        self.popen.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(_END_SECONDS)
        self.kill()

    def wait_for(self, path: Path, seconds: float) -> str:
        """The text of a file that the process writes when it is ready."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if path.exists() and (text := path.read_text()):
                return text
            if self.popen.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(
            f"{self.popen.args!r} did not get ready:\n{self.log.read_text()[-2000:]}"
        )


def start(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> Process:
    """Start a command in the repository, its output appended to `log`."""
    with log.open("ab") as output:
        popen = subprocess.Popen(  # noqa: S603 - commands of this package
            command,
            cwd=REPOSITORY,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return Process(popen, log)


@contextmanager
def running(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> Iterator[Process]:
    """The process, running while the block lasts."""
    process = start(command, log, environment)
    try:
        yield process
    finally:
        process.end()
