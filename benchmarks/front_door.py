"""Forthwith started as its users start it, and asked by the commands that it prints."""

import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from benchmarks.processes import REPOSITORY

START_SECONDS = 120
_CURL = re.compile(r"^\s+(curl .*)$")
_KEY = re.compile(r"X-API-Key: ([^\"]+)")


class Door:
    """A running `forthwith up`, and what it printed to paste."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self.folder = folder
        self._process = process
        self._lines = cast("IO[str]", process.stdout)
        self._printed: list[str] = []
        self._greeted = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self._lines:
            self._printed.append(line)
            if "Ctrl-C stops it" in line:
                self._greeted.set()
        self._greeted.set()

    def wait(self) -> None:
        """Until it greets."""
        if not self._greeted.wait(START_SECONDS) or not self._commands():
            raise RuntimeError(f"It did not greet:\n{self.output}")

    @property
    def output(self) -> str:
        """All that was printed."""
        return "".join(self._printed)

    @property
    def key(self) -> str:
        """The API key in the printed commands."""
        return str(_KEY.findall(self._commands()[0])[0])

    def _commands(self) -> list[str]:
        return [found[1] for line in self._printed if (found := _CURL.match(line))]

    def send(self, key: str | None = None) -> dict[str, Any]:
        """Paste the first command: a photo is sent."""
        return self._paste(self._commands()[0], key)

    def contacts(self, key: str | None = None) -> dict[str, Any]:
        """Paste the second command: the contacts."""
        return self._paste(self._commands()[1], key)

    def finished(self, key: str | None = None, seconds: float = 40) -> list[dict[str, Any]]:
        """The contacts, when none of them is being read any more."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            items: list[dict[str, Any]] = self.contacts(key)["items"]
            if items and all(item["status"] == "succeeded" for item in items):
                return items
            time.sleep(0.05)
        raise TimeoutError(f"{self.contacts(key)}\n{self.output}")

    def _paste(self, command: str, key: str | None) -> dict[str, Any]:
        environment = {**os.environ, "FORTHWITH_KEY": key or ""}
        done = subprocess.run(  # noqa: S603 - printed by ours
            ["/bin/bash", "-c", command.replace("curl ", "curl --silent --show-error ", 1)],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
        answer = json.loads(done.stdout)
        if not answer["success"]:
            raise RuntimeError(f"{answer}\n{self.output}")
        data: dict[str, Any] = answer["data"]
        return data

    def stop(self) -> None:
        """Ctrl-C; a second one finds nobody."""
        if self._process.returncode is not None:
            return
        os.killpg(self._process.pid, signal.SIGINT)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            raise
        finally:
            self._reader.join(5)
            self._lines.close()


@contextmanager
def opened(
    command: Sequence[str], folder: Path = REPOSITORY, settings: Mapping[str, str] | None = None
) -> Generator[Door]:
    """Run the command in the folder until the block ends; it has greeted when this yields."""
    plain = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    process = subprocess.Popen(  # noqa: S603 - ours
        command,
        cwd=folder,
        env={**plain, "PYTHONUNBUFFERED": "1", **(settings or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    door = Door(process, folder)
    try:
        door.wait()
        yield door
    finally:
        door.stop()
