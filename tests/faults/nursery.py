"""A process that has imported everything, and forks into workers and APIs.

Importing takes two seconds of a core, and more than half of what a test with kills would use;
a soak starts a hundred processes. The children are ordinary processes with a pid, an environment
and a log of their own; nothing is open and no thread runs when they are forked.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

HERE = Path(__file__).resolve().parent


class Nursery:
    """The test's end of it."""

    def __init__(self) -> None:
        places = os.pathsep.join([str(HERE), str(HERE.parent)])
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "nursery.py")],
            env=os.environ | {"PYTHONPATH": places},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._codes: dict[int, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def start(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> int:
        """Start `forthwith ...` or `fault_process.py work | serve`; its pid."""
        told = {"command": list(command), "environment": dict(environment), "log": str(log)}
        return int(self._ask(**told))

    def exit_code(self, pid: int) -> int | None:
        """None while it runs; negative for a signal."""
        if pid not in self._codes and (code := self._ask(ended=pid)) is not None:
            self._codes[pid] = int(code)
        return self._codes.get(pid)

    def _ask(self, **question: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{json.dumps(question)}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def _obey(question: dict[str, Any]) -> int | None:
    if "ended" in question:
        pid, status = os.waitpid(question["ended"], os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None
    pid = os.fork()
    if pid == 0:
        _become(**question)
    return pid


def _become(command: list[str], environment: dict[str, str], log: str) -> None:
    """The child's life; it never returns to the loop of its parent."""
    code = 1
    try:
        os.environ.clear()
        os.environ.update(environment)
        nothing = os.open(os.devnull, os.O_RDONLY)
        said = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        for target, source in enumerate((nothing, said, said)):
            os.dup2(source, target)
        random.seed()  # its jitter is its own
        sys.argv = command
        _PROGRAMS[command[0]]()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        os._exit(code)


if __name__ == "__main__":
    import fault_process

    import forthwith.cli.main
    import forthwith.cli.settings
    import forthwith.server
    import forthwith.worker
    from forthwith import registry

    registry.parts(registry.APPS)  # imports what the applications need
    _PROGRAMS = {"forthwith": forthwith.cli.main.main, "fault_process.py": fault_process.run}
    for line in sys.stdin:
        print(json.dumps(_obey(json.loads(line))), flush=True)  # noqa: T201 - the answer
