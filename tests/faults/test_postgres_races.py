import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random

import asyncpg
import pytest
from postgres_clients import Client, postmaster_pid, reachable_root, runs

from forthwith.platform.postgres import EmbeddedServer

pytestmark = pytest.mark.faults


@pytest.fixture
def fresh() -> Iterator[Path]:
    """A root without a cluster."""
    with reachable_root() as folder:
        yield folder


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    """A root whose cluster the tests of this file share, one after the other."""
    with reachable_root() as folder:
        EmbeddedServer.start_or_attach(folder).close()
        yield folder


async def _answer(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    answer: int = await connection.fetchval("select 42")
    await connection.close()
    return answer


async def test_four_racing_first_starts_make_one_server(fresh: Path) -> None:
    """One of them runs initdb, the others wait and attach."""
    with ExitStack() as stack:
        clients = [stack.enter_context(Client(fresh)) for _ in range(4)]
        for client in clients:
            client.tell("attach")
        said = [client.hear() for client in clients]

        assert len({facts["dsn"] for facts in said}) == 1
        assert len({facts["pid"] for facts in said}) == 1
        assert await _answer(said[0]["dsn"]) == 42


async def test_a_newcomer_that_meets_the_last_to_leave_gets_a_live_server(root: Path) -> None:
    """Never one that is being stopped: the stopper keeps the start lock until it is down."""
    pause = Random(20)  # noqa: S311 - a seed, not a secret
    with Client(root) as one, Client(root) as two:
        leaving, coming = one, two
        assert leaving.ask("attach")["pid"]
        for _ in range(20):
            leaving.tell("close")
            await asyncio.sleep(pause.uniform(0.0, 0.15))
            coming.tell("attach")
            assert leaving.hear() == {"closed": True}
            said = coming.hear()

            assert runs(said["pid"])
            assert await _answer(said["dsn"]) == 42
            leaving, coming = coming, leaving


async def test_two_roots_are_two_servers(root: Path, fresh: Path) -> None:
    with EmbeddedServer.start_or_attach(root) as one:
        with EmbeddedServer.start_or_attach(fresh) as two:
            assert one.dsn != two.dsn
            assert one.status().pid != two.status().pid

        assert await _answer(one.dsn) == 42


def test_the_last_to_leave_stops_the_server(root: Path) -> None:
    with EmbeddedServer.start_or_attach(root) as server:
        pid = server.status().pid
        assert pid is not None
        with Client(root) as other:
            assert other.ask("attach")["pid"] == pid
            assert len(server.status().holders) == 2
            assert other.ask("close") == {"closed": True}
        assert runs(pid)
    assert not runs(pid)
    assert postmaster_pid(root) is None
