"""Real children throughout: they are killed, starved of time and orphaned."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from forthwith.platform.errors import Unavailable, Unprocessable
from forthwith.platform.pool import ProcessPool, WorkerDied

SECONDS_TO_WAIT = 20.0  # for something that takes milliseconds on an idle machine


def sleep_then_pid(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def note_pid_then_sleep(notes: Path, seconds: float) -> int:
    with notes.open("a") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(seconds)
    return os.getpid()


def segfault() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def refuse() -> None:
    raise Unprocessable("The photo is damaged.")


class Unpicklable(Exception):
    """An error that pickle cannot build again: its arguments are not its message."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first + second)


def raise_unpicklable() -> None:
    raise Unpicklable("to", "gether")


def print_to_standard_output() -> str:
    print("a library says hello", flush=True)  # noqa: T201
    os.write(1, b"and so does its native part\n")
    return "answer"


def signal_dispositions() -> tuple[object, object]:
    return signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)


def open_files() -> list[str]:
    folder = Path("/proc/self/fd")
    links = [folder / str(number) for number in range(256)]
    return [str(link.readlink()) for link in links if link.is_symlink()]


def is_running(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS_TO_WAIT):
        while not condition():
            await asyncio.sleep(0.01)


def noted_pids(notes: Path) -> list[int]:
    return [int(line) for line in notes.read_text().split()] if notes.exists() else []


@pytest.fixture
async def pool() -> AsyncGenerator[ProcessPool]:
    async with ProcessPool(2) as pool:
        yield pool


async def test_work_runs_in_another_process(pool: ProcessPool) -> None:
    assert await pool.run(os.getpid) != os.getpid()


async def test_no_child_is_started_before_it_is_needed() -> None:
    async with ProcessPool(2) as pool:
        assert pool._children == set()


async def test_a_child_is_used_again(pool: ProcessPool) -> None:
    assert await pool.run(os.getpid) == await pool.run(os.getpid)


async def test_warming_starts_every_child(pool: ProcessPool) -> None:
    await pool.warm(sleep_then_pid, 0.0)

    assert len(pool._children) == 2


async def test_an_error_of_the_function_reaches_the_caller_with_its_traceback(
    pool: ProcessPool,
) -> None:
    with pytest.raises(Unprocessable, match="damaged") as caught:
        await pool.run(refuse)

    assert "in refuse" in caught.value.__notes__[0]


async def test_an_error_that_cannot_travel_is_described(pool: ProcessPool) -> None:
    with pytest.raises(RuntimeError, match="Unpicklable: together"):
        await pool.run(raise_unpicklable)


async def test_what_a_library_prints_does_not_disturb_the_answer(pool: ProcessPool) -> None:
    assert await pool.run(print_to_standard_output) == "answer"


async def test_fifteen_megabytes_go_in_and_come_out(pool: ProcessPool) -> None:
    photo = os.urandom(15 * 1024 * 1024)

    assert await pool.run(bytes, photo) == photo


@pytest.mark.faults
async def test_a_killed_child_s_call_is_repeated_and_the_others_finish(
    pool: ProcessPool, tmp_path: Path
) -> None:
    notes = tmp_path / "pids"
    other = asyncio.create_task(pool.run(sleep_then_pid, 1.0))
    struck = asyncio.create_task(pool.run(note_pid_then_sleep, notes, 1.0))
    await until(lambda: len(noted_pids(notes)) == 1)
    first = noted_pids(notes)[0]

    os.kill(first, signal.SIGKILL)

    assert await struck == noted_pids(notes)[1] != first
    assert await other not in noted_pids(notes)


@pytest.mark.faults
async def test_killed_idle_children_are_replaced(pool: ProcessPool) -> None:
    await pool.warm(sleep_then_pid, 0.1)
    killed = {child._transport.get_pid() for child in pool._children}
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    await until(lambda: not any(child.alive for child in pool._children))

    assert await pool.run(os.getpid) not in killed


@pytest.mark.faults
async def test_a_call_that_always_crashes_fails_alone(pool: ProcessPool) -> None:
    other = asyncio.create_task(pool.run(sleep_then_pid, 1.0))

    with pytest.raises(WorkerDied, match="ended its process 2 times"):
        await pool.run(segfault)

    assert await other
    assert await pool.run(os.getpid)


@pytest.mark.faults
async def test_a_timeout_ends_the_child_that_works_and_no_other(
    pool: ProcessPool, tmp_path: Path
) -> None:
    notes = tmp_path / "pids"
    await pool.warm(sleep_then_pid, 0.1)
    other = asyncio.create_task(pool.run(sleep_then_pid, 2.5))

    with pytest.raises(TimeoutError, match="longer than 2 seconds"):
        await pool.run(note_pid_then_sleep, notes, 60.0, timeout=2)

    assert not is_running(noted_pids(notes)[0])
    assert await other


@pytest.mark.faults
async def test_a_cancelled_caller_frees_its_place(tmp_path: Path) -> None:
    notes = tmp_path / "pids"
    async with ProcessPool(1) as pool:
        call = asyncio.create_task(pool.run(note_pid_then_sleep, notes, 60.0))
        await until(lambda: len(noted_pids(notes)) == 1)

        call.cancel()

        assert await pool.run(os.getpid) != noted_pids(notes)[0]
        assert not is_running(noted_pids(notes)[0])


async def test_a_caller_too_many_is_refused() -> None:
    async with ProcessPool(1, max_waiting=1) as pool:
        calls = [asyncio.create_task(pool.run(sleep_then_pid, 0.5)) for _ in range(2)]
        await asyncio.sleep(0)

        with pytest.raises(Unavailable, match="Too much work"):
            await pool.run(os.getpid)

        assert len(await asyncio.gather(*calls)) == 2


async def test_closing_ends_children_at_work_and_tells_their_callers() -> None:
    pool = ProcessPool(1)
    calls = [asyncio.create_task(pool.run(sleep_then_pid, 60.0)) for _ in range(2)]
    await until(lambda: bool(pool._children))
    pids = [child._transport.get_pid() for child in pool._children]

    await pool.aclose()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [Unavailable, Unavailable]
    assert not any(is_running(pid) for pid in pids)


async def test_closing_does_not_wait_for_work_of_a_child_that_is_still_starting() -> None:
    pool = ProcessPool(1)
    call = asyncio.create_task(pool.run(sleep_then_pid, 60.0))
    await asyncio.sleep(0)  # its child is being started, and known to nobody

    async with asyncio.timeout(SECONDS_TO_WAIT):
        await pool.aclose()

    with pytest.raises(Unavailable):
        await call


async def test_a_pool_may_be_closed_twice() -> None:
    async with ProcessPool(1) as pool:
        await pool.aclose()


async def test_children_that_cannot_start_fail_the_call(
    pool: ProcessPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))

    with pytest.raises(WorkerDied):
        await pool.run(os.getpid)


async def test_a_closed_pool_takes_no_calls() -> None:
    pool = ProcessPool(1)
    await pool.aclose()

    with pytest.raises(Unavailable, match="stopping"):
        await pool.run(os.getpid)


async def test_the_event_loop_keeps_ticking_while_children_work(pool: ProcessPool) -> None:
    await pool.warm(sum, range(1))
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticker = asyncio.create_task(tick())
    await pool.run(sleep_then_pid, 1.0)
    ticker.cancel()

    assert ticks > 20


async def test_children_leave_ctrl_c_and_sigterm_to_the_parent(pool: ProcessPool) -> None:
    assert await pool.run(signal_dispositions) == (signal.SIG_IGN, signal.SIG_IGN)


async def test_children_hear_no_ctrl_c_of_the_terminal_even_while_they_start(
    pool: ProcessPool,
) -> None:
    assert await pool.run(os.getpgrp) != os.getpgrp()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_children_hold_no_file_or_socket_of_the_parent(
    pool: ProcessPool, tmp_path: Path
) -> None:
    lock = tmp_path / "lock"
    with lock.open("w") as held, socket.create_server(("127.0.0.1", 0)) as listening:
        os.set_inheritable(held.fileno(), True)  # the worst case
        os.set_inheritable(listening.fileno(), True)
        inherited = await pool.run(open_files)

    assert not [name for name in inherited if "socket:" in name or name == str(lock)]


@pytest.mark.faults
def test_all_this_holds_on_the_server_s_event_loop() -> None:
    uvloop = pytest.importorskip("uvloop")

    async def crash_and_go_on() -> int:
        async with ProcessPool(1) as pool:
            with pytest.raises(WorkerDied):
                await pool.run(segfault)
            with pytest.raises(TimeoutError):
                await pool.run(sleep_then_pid, 60.0, timeout=0.1)
            return await pool.run(os.getpid)

    assert uvloop.run(crash_and_go_on()) != os.getpid()


ORPHANING_PARENT = """
import asyncio, sys
from forthwith.platform.pool import ProcessPool
sys.path.insert(0, sys.argv[1])
from test_pool import note_pid_then_sleep
from pathlib import Path

async def main():
    async with ProcessPool(2) as pool:
        calls = (pool.run(note_pid_then_sleep, Path(sys.argv[2]), 60.0) for _ in range(2))
        await asyncio.gather(*calls)

asyncio.run(main())
"""


@pytest.mark.faults
async def test_no_child_outlives_a_killed_parent(tmp_path: Path) -> None:
    notes = tmp_path / "pids"
    here = str(Path(__file__).parent)
    with subprocess.Popen([sys.executable, "-c", ORPHANING_PARENT, here, str(notes)]) as parent:  # noqa: ASYNC220
        await until(lambda: len(noted_pids(notes)) == 2)
        parent.send_signal(signal.SIGKILL)

    await until(lambda: not any(is_running(pid) for pid in noted_pids(notes)))
