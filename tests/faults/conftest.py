"""One durable PostgreSQL per test process; a database and a fleet per test."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fleet import Fleet, make_database, make_template
from nursery import Nursery
from postgres_clients import reachable_root

from forthwith.platform.postgres import EmbeddedServer

_NUMBERS = itertools.count()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fault tests that are given most time begin first: the others run beside them."""
    items.sort(key=_patience, reverse=True)


def _patience(test: pytest.Item) -> float:
    """The seconds after which a fault test would be ended; all others stay as they are."""
    if test.get_closest_marker("faults") is None:
        return 0.0
    marker = test.get_closest_marker("timeout")
    return float(marker.args[0]) if marker is not None else 0.0


@pytest.fixture(scope="session")
def durable_server() -> Iterator[EmbeddedServer]:
    """A server of our own, with every commit on the disk, that tests may kill."""
    with reachable_root() as root, EmbeddedServer.start_or_attach(root) as server:
        asyncio.run(make_template(server.dsn))
        yield server


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where workers and APIs come from."""
    with Nursery() as opened:
        yield opened


@pytest.fixture
async def fleet(
    durable_server: EmbeddedServer, nursery: Nursery, tmp_path: Path
) -> AsyncIterator[Fleet]:
    """No process yet, on a fresh database."""
    dsn = await make_database(durable_server.dsn, f"faults_{next(_NUMBERS)}")
    async with Fleet(dsn, tmp_path / "home", nursery) as opened:
        yield opened
