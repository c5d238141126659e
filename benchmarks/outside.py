"""The load and the vendors, which in life are other machines and do not wait for our cores."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_AUTOGROUP: Final = Path("/proc/self/autogroup")
_NICENESS: Final = -5


@contextmanager
def going_first() -> Iterator[bool]:
    """Let this session have the cores first; whether that was permitted (Linux, as root).

    What is measured then is how long the processes beside it take, not how long a load that
    shares their two cores waits for its turn. Those must lead sessions of their own.
    """
    try:
        _, _, before = _AUTOGROUP.read_text(encoding="ascii").partition(" nice ")
        _AUTOGROUP.write_text(str(_NICENESS), encoding="ascii")
    except OSError:  # another system, not permitted, or a session that the kernel has no group for
        yield False
        return
    try:
        yield True
    finally:
        _AUTOGROUP.write_text(before, encoding="ascii")


@contextmanager
def without_collections() -> Iterator[None]:
    """Collect no cyclic garbage in this process meanwhile, as `timeit` does.

    A full collection took 120 to 190 ms of a load that holds the photos of a stress: webhooks that
    were under way then looked slow, five of 1,137.
    """
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
