"""Processes that ask for the same thing at once, and the book of the calls that were paid."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

START_SECONDS = 80.0
END_SECONDS = 40.0


class Callers:
    """Processes of one script that share stores and a book.

    The script says `ready`, waits for a line, asks, and says how many got the right answer; it
    may log lines in between. Each paid call is a line in the book: the process id of who paid.
    """

    def __init__(self, script: Path, book: Path, environment: Mapping[str, str]) -> None:
        self._script = script
        self._book = book
        self._book.touch()
        self._environment = environment
        self.processes: list[subprocess.Popen[str]] = []

    async def start(self, count: int, *arguments: object) -> None:
        """Start them and wait until all are ready."""
        for _ in range(count):
            self.processes.append(
                subprocess.Popen(  # noqa: ASYNC220 - starts at once
                    [sys.executable, str(self._script), *map(str, arguments)],
                    env=self._environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
        async with asyncio.timeout(START_SECONDS):
            for process in self.processes:
                while await self._line(process) != "ready":
                    assert process.poll() is None, "it ended before it was ready"

    def go(self) -> None:
        """Let all of them ask at once."""
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()

    async def leader(self) -> "subprocess.Popen[str]":
        """The process that paid first."""
        async with asyncio.timeout(END_SECONDS):
            while not self.payers():
                await asyncio.sleep(0.02)
        return next(each for each in self.processes if each.pid == self.payers()[0])

    def payers(self) -> list[int]:
        """Who has paid for a call."""
        return [int(line) for line in self._book.read_text().split()]

    async def served(self, but: "subprocess.Popen[str] | None" = None) -> list[int]:
        """How many callers of each process got the right answer."""
        async with asyncio.timeout(END_SECONDS):
            return [await self._count(each) for each in self.processes if each is not but]

    def end(self) -> None:
        """Kill what still runs."""
        for process in self.processes:
            process.kill()
            process.communicate()

    async def _count(self, process: "subprocess.Popen[str]") -> int:
        while not (line := await self._line(process)).isdigit():
            assert process.poll() is None, "it ended without an answer"
        return int(line)

    @staticmethod
    async def _line(process: "subprocess.Popen[str]") -> str:
        assert process.stdout is not None
        line = await asyncio.to_thread(process.stdout.readline)
        return line.strip()
