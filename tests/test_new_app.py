"""`make new-app` makes a room that the whole house accepts."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import REPOSITORY

CONTRACTS = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
APPS = "from forthwith import registry; print([app.name for app in registry.APPS])"
ROUTES = (
    "from forthwith import registry\n"
    "for app in registry.APPS:\n"
    "    print(app.name, len(app.router().routes), [job.name for job in app.jobs()])"
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what new-app reads and writes."""
    for folder in ("src", "scripts"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / folder, tmp_path / folder, ignore=ignored)
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    return tmp_path


def python(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src")}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )


def test_a_new_application_keeps_every_contract_and_is_registered(checkout: Path) -> None:
    """The import contracts hold, the registry lists it, its routes and jobs load."""
    made = python(checkout, "-m", "scripts.new_app", "tickets")
    linted = python(checkout, "-c", CONTRACTS)
    listed = python(checkout, "-c", APPS)
    loaded = python(checkout, "-c", ROUTES)

    assert made.returncode == 0, made.stderr
    assert linted.returncode == 0, linted.stdout
    assert "'tickets'" in listed.stdout
    assert "tickets 3 ['tickets.work']" in loaded.stdout


@pytest.mark.parametrize("name", ["cards", "Tickets", "../x", "a"])
def test_a_name_that_is_taken_or_no_word_is_refused(checkout: Path, name: str) -> None:
    """Nothing is written then."""
    refused = python(checkout, "-m", "scripts.new_app", name)

    assert refused.returncode == 1
    assert "taken, or no plain" in refused.stderr
