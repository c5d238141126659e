import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import asyncpg
import pytest

from forthwith.platform.errors import Unavailable
from forthwith.platform.postgres import EmbeddedServer


@pytest.fixture(scope="module")
def base() -> Iterator[Path]:
    """A folder that the account of PostgreSQL can enter; pytest's own are closed to it."""
    folder = Path(mkdtemp(prefix="forthwith-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def server(base: Path) -> Iterator[EmbeddedServer]:
    """One server, under a path that is longer than a socket's address may be."""
    with EmbeddedServer.start_or_attach(base / ("long" * 30) / "and a space") as running:
        yield running


async def _setting(dsn: str, name: str) -> str:
    connection = await asyncpg.connect(dsn)
    value: str = await connection.fetchval("select current_setting($1)", name)
    await connection.close()
    return value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("data_checksums", "on"),
        ("fsync", "on"),
        ("listen_addresses", ""),
        ("lc_messages", "C.UTF-8"),
        ("max_connections", "200"),
        ("password_encryption", "scram-sha-256"),
        ("server_encoding", "UTF8"),
        ("shared_buffers", "128MB"),
        ("synchronous_commit", "on"),
        ("TimeZone", "UTC"),
    ],
)
async def test_the_server_runs_with_our_settings(
    server: EmbeddedServer, name: str, value: str
) -> None:
    assert await _setting(server.dsn, name) == value


async def test_a_wrong_password_is_refused(server: EmbeddedServer) -> None:
    """The socket's folder is closed to other users; the password is the second door."""
    folder = server.status().socket_directory

    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://postgres:guess@/postgres?host={folder}&port=5432")


def test_secrets_and_sockets_are_closed_to_others(server: EmbeddedServer) -> None:
    facts = server.status()

    assert (facts.data_directory.parent / "password").stat().st_mode & 0o077 == 0
    assert facts.socket_directory.stat().st_mode & 0o077 == 0
    assert facts.data_directory.stat().st_mode & 0o077 == 0
    assert facts.log_file.stat().st_mode & 0o077 == 0


def test_the_status_tells_who_runs_what(server: EmbeddedServer) -> None:
    facts = server.status()

    assert facts.version.startswith("18.")
    assert facts.pid is not None
    assert len(facts.holders) == 1


def test_a_server_that_runs_is_left_running(server: EmbeddedServer) -> None:
    pid = server.status().pid

    assert not server.ensure_running()
    assert server.status().pid == pid


async def test_asynchronous_code_attaches_through_a_thread(server: EmbeddedServer) -> None:
    root = server.status().data_directory.parent
    other = await asyncio.to_thread(EmbeddedServer.start_or_attach, root)
    await asyncio.to_thread(other.close)

    assert other.dsn == server.dsn
    assert server.status().pid is not None


def test_closing_twice_leaves_once(server: EmbeddedServer) -> None:
    other = EmbeddedServer.start_or_attach(server.status().data_directory.parent)
    other.close()
    other.close()

    assert server.status().pid is not None


def test_a_closed_server_is_not_started_again(base: Path) -> None:
    """A watchdog may ask once more while its process leaves."""
    server = EmbeddedServer.start_or_attach(base / "closed")
    server.close()

    assert not server.ensure_running()
    assert server.status().pid is None


def test_a_database_that_was_deleted_meanwhile_is_not_replaced_by_an_empty_one(
    base: Path,
) -> None:
    server = EmbeddedServer.start_or_attach(base / "deleted")
    place = server.status().data_directory.parent
    server._cluster.stop()
    shutil.rmtree(place / "data")

    with pytest.raises(Unavailable, match="is gone"):
        server.ensure_running()
    server.close()


def test_the_last_to_discard_a_database_deletes_it(base: Path) -> None:
    one = EmbeddedServer.start_or_attach(base / "discarded")
    two = EmbeddedServer.start_or_attach(base / "discarded")
    place = one.status().data_directory.parent
    one.discard()
    assert two.status().pid is not None
    two.discard()

    assert {path.name for path in place.iterdir()} == {"start.lock", "holders.lock"}


def test_a_database_in_use_is_not_deleted(server: EmbeddedServer) -> None:
    with pytest.raises(Unavailable, match="still stopping"):
        server._cluster.delete()


def test_a_root_that_cannot_be_a_folder_is_reported(base: Path) -> None:
    (base / "file").touch()

    with pytest.raises(Unavailable, match="Set FORTHWITH_HOME"):
        EmbeddedServer.start_or_attach(base / "file")
