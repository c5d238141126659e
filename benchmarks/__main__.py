"""All benchmarks, one after the other: `python -m benchmarks [--quick] [--json]`.

Exits 1 when a goal of any of them is missed. Quick, they take less than 15 minutes together.
"""

import subprocess
import sys
from typing import Final

from benchmarks.processes import REPOSITORY

ALL: Final = (
    "first_contact",
    "ack",
    "auth",
    "jobs",
    "cache",
    "limits",
    "pool",
    "failover",
    "orders",
    "cards",
    "cards_model",
    "cards_labelled",
    "cards_robustness",
    "cards_photos",
    "cards_seconds",
)


def main(options: list[str]) -> int:
    """Run each in a process of its own, so that none warms up or slows another."""
    codes = [_run(name, options) for name in ALL]
    return 1 if any(codes) else 0


def _run(name: str, options: list[str]) -> int:
    command = [sys.executable, "-m", f"benchmarks.{name}", *options]
    return subprocess.run(command, cwd=REPOSITORY, check=False).returncode  # noqa: S603 - ours


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
