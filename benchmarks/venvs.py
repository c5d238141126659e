"""Peers in venvs of their own, built from their locked requirements when first asked for."""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Final

from benchmarks.processes import REPOSITORY

_FOLDER: Final = REPOSITORY / "benchmarks" / ".venvs"
_UV: Final = REPOSITORY / ".tools" / "bin" / "uv"
_BUILD_SECONDS: Final = 300.0


def python_of(name: str) -> str:
    """The interpreter of the venv with exactly what `requirements/bench-NAME.lock` names."""
    lock = REPOSITORY / "requirements" / f"bench-{name}.lock"
    folder = _FOLDER / name
    stamp, wanted = folder / "lock.sha256", hashlib.sha256(lock.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        _build(folder, lock)
        stamp.write_text(wanted)
    return str(folder / "bin" / "python")


def version_of(name: str, lock: str | None = None) -> str:
    """The version that a lock pins, by default the one of the same name."""
    file = REPOSITORY / "requirements" / f"bench-{lock or name}.lock"
    lines = file.read_text().splitlines()
    pinned = next(line for line in lines if line.startswith((f"{name}==", f"{name}[")))
    return f"{name} {pinned.partition('==')[2].split()[0]}"


def _build(folder: Path, lock: Path) -> None:
    _run(_UV, "venv", "--quiet", "--allow-existing", "--python", sys.executable, folder)
    python = folder / "bin" / "python"
    _run(_UV, "pip", "sync", "--quiet", "--python", python, "--require-hashes", lock)


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, timeout=_BUILD_SECONDS)  # noqa: S603 - our own commands
