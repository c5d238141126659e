import asyncio
import ctypes
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random

import asyncpg
import pytest
from postgres_clients import Client, end_server, postmaster_pid, reachable_root, runs, wait_until

from forthwith.platform.errors import Unavailable
from forthwith.platform.postgres import EmbeddedServer

pytestmark = pytest.mark.faults

BECOME_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)
COUNT_FOR_SECONDS = "select count(*) from generate_series(1, 15_000_000)"
FILES_END_AT_A_MEGABYTE = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
"""


@pytest.fixture
def fresh() -> Iterator[Path]:
    """A root without a cluster."""
    with reachable_root() as folder:
        yield folder


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A root with a cluster."""
    with reachable_root() as folder:
        EmbeddedServer.start_or_attach(folder).close()
        yield folder


@pytest.fixture
def root(made: Path) -> Iterator[Path]:
    """A root whose cluster the tests of this file share, one after the other."""
    yield made
    end_server(made)


@pytest.fixture
def orphans_come_to_us() -> Iterator[None]:
    """A killed postmaster stays a zombie until this process collects it."""
    libc = ctypes.CDLL(None)
    libc.prctl(BECOME_SUBREAPER, 1)
    yield
    libc.prctl(BECOME_SUBREAPER, 0)


def _kill_postmaster(root: Path) -> int:
    pid = postmaster_pid(root)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not runs(pid))
    return pid


async def _until_it_works(dsn: str, backend: int) -> None:
    """Idle, a backend ends with its postmaster; in a statement it sees nothing of the death."""
    watching = await asyncpg.connect(dsn)
    works = "select state = 'active' from pg_stat_activity where pid = $1"
    while not await watching.fetchval(works, backend):
        await asyncio.sleep(0.01)
    await watching.close()


async def _execute(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


def test_a_killed_client_leaves_the_server_to_the_others(root: Path) -> None:
    """The kernel drops its hold, so the last of the others still stops the server."""
    with Client(root) as killed, EmbeddedServer.start_or_attach(root) as server:
        assert killed.ask("attach")
        killed.kill()
        pid = server.status().pid
        assert pid is not None
        assert runs(pid)
        server.close()

        assert not runs(pid)


def test_a_server_left_by_a_killed_client_is_found_again(root: Path) -> None:
    with Client(root) as killed:
        pid = killed.ask("attach")["pid"]
        killed.kill()
    with EmbeddedServer.start_or_attach(root) as server:
        assert server.status().pid == pid
    assert not runs(pid)


async def test_a_killed_postmaster_is_started_again_with_all_that_was_committed(
    root: Path,
) -> None:
    with EmbeddedServer.start_or_attach(root) as server:
        await _execute(server.dsn, "create table kept as select 7 as n")
        killed = _kill_postmaster(root)

        assert server.ensure_running()
        assert server.status().pid not in (None, killed)
        connection = await asyncpg.connect(server.dsn)
        assert await connection.fetchval("select n from kept") == 7
        await connection.close()
        assert not server.ensure_running()


def test_of_three_watchdogs_one_starts_the_killed_postmaster(root: Path) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(Client(root)) for _ in range(3)]
        for client in clients:
            client.ask("attach")
        _kill_postmaster(root)
        for client in clients:
            client.tell("ensure")

        assert sorted(client.hear()["restarted"] for client in clients) == [False, False, True]


async def test_a_backend_that_outlives_its_postmaster_delays_the_start_until_it_ends(
    root: Path,
) -> None:
    """A second server beside it would corrupt the data, so PostgreSQL refuses meanwhile.

    Which of its locks refuses depends on how soon the system collects the dead postmaster: the
    pid file while it is a zombie, the shared memory after that. So the processes are asked.
    """
    with EmbeddedServer.start_or_attach(root) as server:
        connection = await asyncpg.connect(server.dsn)
        backend = connection.get_server_pid()
        busy = asyncio.create_task(connection.fetchval(COUNT_FOR_SECONDS))
        await _until_it_works(server.dsn, backend)
        _kill_postmaster(root)
        assert runs(backend)

        assert await asyncio.to_thread(server.ensure_running)
        assert not runs(backend)
        with suppress(asyncpg.PostgresConnectionError, ConnectionError):
            await busy
        connection.terminate()


def test_a_kill_during_initdb_leaves_no_half_cluster(fresh: Path) -> None:
    """The next start makes a whole one, although the orphaned initdb may still be writing."""
    pause = Random(3)  # noqa: S311 - a seed, not a secret
    for _ in range(4):
        with Client(fresh) as client:
            client.tell("attach")
            wait_until(lambda: any(fresh.glob("data.new.*")) or (fresh / "data").exists())
            time.sleep(pause.uniform(0.0, 0.4))
            client.kill()
    for _ in range(2):  # the second start sweeps up what an orphan wrote during the first
        with EmbeddedServer.start_or_attach(fresh) as server:
            assert server.status().pid

    assert not any(fresh.glob("data.new.*"))


async def test_kills_at_any_moment_of_a_start_or_a_stop_harm_nothing(root: Path) -> None:
    pause = Random(12)  # noqa: S311 - a seed, not a secret
    for number in range(12):
        with Client(root) as client:
            if number % 2:
                client.ask("attach")
                client.tell("close")
            else:
                client.tell("attach")
                await asyncio.sleep(0.2)  # its imports
            await asyncio.sleep(pause.uniform(0.0, 0.15))
            client.kill()
    with EmbeddedServer.start_or_attach(root) as server:
        await _execute(server.dsn, "create table after_kills (n int)", "drop table after_kills")
        pid = server.status().pid

    assert pid is not None
    assert not runs(pid)


def test_a_zombie_postmaster_delays_the_start_until_it_is_collected(
    root: Path, orphans_come_to_us: None
) -> None:
    """Its pid still exists, so PostgreSQL itself refuses the lock file meanwhile."""
    with EmbeddedServer.start_or_attach(root) as server, Client(root) as other:
        other.ask("attach")
        zombie = _kill_postmaster(root)
        other.tell("ensure")
        time.sleep(1.0)
        os.waitpid(zombie, 0)

        assert other.hear() == {"restarted": True}
        assert server.status().pid not in (None, zombie)


def test_a_zombie_of_our_own_is_collected_by_us(root: Path, orphans_come_to_us: None) -> None:
    """As in a container whose first process is Forthwith."""
    with EmbeddedServer.start_or_attach(root) as server:
        _kill_postmaster(root)

        assert server.ensure_running()


def test_a_full_disk_is_reported_with_what_initdb_said(fresh: Path) -> None:
    with Client(fresh, prelude=FILES_END_AT_A_MEGABYTE) as client:
        refusal = client.ask("attach")["refusal"]

    assert "cannot be made" in refusal
    assert "File too large" in refusal
    assert not (fresh / "data").exists()


def test_a_server_that_does_not_start_is_reported_with_its_log(root: Path) -> None:
    settings = root / "data" / "postgresql.conf"
    sound = settings.read_text()
    settings.write_text(f"{sound}no_such_setting = 1\n")

    with pytest.raises(Unavailable, match='unrecognized configuration parameter "no_such_setting"'):
        EmbeddedServer.start_or_attach(root)
    settings.write_text(sound)
    with EmbeddedServer.start_or_attach(root) as server:
        assert server.status().pid
