"""A vendor that is paid per call: its book is a file that survives whoever calls.

One line when a call arrives and one when it is answered, appended and flushed to the disk, so
that what was paid is known even when the caller is killed in the middle.
"""

import asyncio
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from forthwith.platform import context

BOOK = "PAID_VENDOR_BOOK"
"""The environment variable with the path of the book."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the book; `at` is in seconds since the epoch, `word` start or answer."""

    at: float
    word: str
    call: str
    run: str
    step: str
    pid: int


async def pay(run: str, step: str, seconds: float) -> str:
    """Answer `seconds` after the call arrived; what is answered is the id of the call."""
    held = context.run.get()
    assert held is not None
    held.ensure_held()  # as the platform's own client does before each call
    call = uuid4().hex
    answered_at = time.monotonic() + seconds  # also when whoever calls is frozen while it writes
    _write("start", call, run, step)
    await asyncio.sleep(answered_at - time.monotonic())
    _write("answer", call, run, step)
    return call


def read_book(path: Path) -> list[Entry]:
    """All entries in the order in which they were written."""
    return list(_entries(path)) if path.exists() else []


def _entries(path: Path) -> Iterator[Entry]:
    for line in path.read_text().splitlines():
        yield Entry(**json.loads(line))


def _write(word: str, call: str, run: str, step: str) -> None:
    line = {"at": time.time(), "word": word, "call": call, "run": run, "step": step}
    descriptor = os.open(os.environ[BOOK], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{json.dumps(line | {'pid': os.getpid()})}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
