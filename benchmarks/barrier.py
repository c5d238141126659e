"""Processes of ours that begin at one moment and answer as JSON.

Such a process prints `ready`, reads the moment to begin (monotonic, which all processes of a
machine share) where it takes part with others, and prints its answer at its end.
"""

import json
import subprocess
import time
from collections.abc import Sequence
from typing import Any, Final

from benchmarks.processes import REPOSITORY

_READY_SECONDS: Final = 0.3  # for all to hear when to begin
_PROCESS_SECONDS: Final = 120.0


def start(command: Sequence[str]) -> "subprocess.Popen[str]":
    """A process of the command, in the repository."""
    return subprocess.Popen(  # noqa: S603 - our own commands
        command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def begin(*processes: "subprocess.Popen[str]") -> float:
    """Let all begin at the same moment, once all are ready; the moment."""
    for process in processes:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise RuntimeError(f"{process.args!r} did not get ready")
    at = time.monotonic() + _READY_SECONDS
    for process in processes:
        if process.stdin is not None:
            process.stdin.write(f"{at}\n")
            process.stdin.flush()
    return at


def answer(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """What the process has to say."""
    try:
        told, _ = process.communicate(timeout=_PROCESS_SECONDS)
    finally:
        process.kill()
    if process.returncode:
        raise RuntimeError(f"{process.args!r} failed")
    found: dict[str, Any] = json.loads(told)
    return found
