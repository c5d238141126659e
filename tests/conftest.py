"""What all tests share: one real PostgreSQL, a database per test process, the labelled data."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest
from support import API_KEY, ENCRYPTION_KEY, JWT_SECRET, REPOSITORY, serving

from forthwith import registry
from forthwith.migrations.upgrade import upgrade
from forthwith.platform.config import PlatformSettings
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.identity import ensure_operator
from forthwith.platform.jobs.engine import install
from forthwith.platform.jobs.worker import housekeep
from forthwith.platform.postgres import EmbeddedServer
from forthwith.platform.runtime import Runtime, open_runtime


@pytest.fixture(autouse=True)
def no_paid_models(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys of whoever runs the tests are for live ones only."""
    if request.node.get_closest_marker("live") is None:
        for name in ("GOOGLE_API_KEY", "GOOGLE_API_KEY_FALLBACK", "OPENAI_API_KEY"):
            monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of labelled data beside the checkout, or a skip."""
    folder = Path(os.environ.get("FORTHWITH_SHARED", REPOSITORY.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip("the labelled data of ../shared (or FORTHWITH_SHARED) is not here")
    return folder


@pytest.fixture(scope="session")
def server_dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One embedded PostgreSQL for all test processes; DATABASE_URL takes its place."""
    configured = os.environ.get("FORTHWITH_TEST_DATABASE_URL")
    if configured is not None:
        yield configured
        return
    base = tmp_path_factory.getbasetemp()
    shared_by_workers = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    server = EmbeddedServer.start_or_attach(shared_by_workers / "postgres")
    try:
        yield server.dsn
    finally:
        server.discard()


@pytest.fixture(scope="session")
def dsn(server_dsn: str, worker_id: str) -> str:
    """A migrated database of this test process alone."""
    name = f"forthwith_test_{worker_id}"
    asyncio.run(_make_database(server_dsn, name))
    return _with_database(server_dsn, name)


def _with_database(server_dsn: str, name: str) -> str:
    head, _, query = server_dsn.partition("?")
    return f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


async def _make_database(server_dsn: str, name: str) -> None:
    connection = await asyncpg.connect(server_dsn)
    await connection.execute(f"drop database if exists {name} with (force)")
    await connection.execute(f"create database {name}")
    # Tests of behaviour need no disk flush; tests of durability start servers of their own.
    await connection.execute(f"alter database {name} set synchronous_commit = off")
    await connection.close()
    db = Database(_with_database(server_dsn, name))
    await upgrade(db.connect, install)
    await housekeep(db)


@pytest.fixture
async def db(dsn: str) -> AsyncIterator[Database]:
    """An open database without rows of earlier tests."""
    database = Database(dsn)
    await database.open()
    await database.execute(_EMPTY)
    yield database
    await database.close()


_EMPTY = """
do $$ declare name text; begin
  perform set_config('forthwith.audit_ages', 'on', true);
  for name in select format('%I.%I', n.nspname, c.relname)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'alembic_version'
      and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
  loop execute 'delete from ' || name; end loop;
end $$
"""


@pytest.fixture
def codec() -> Codec:
    """A codec with a key that is nobody's secret."""
    return Codec([bytes.fromhex(ENCRYPTION_KEY)])


@pytest.fixture
def settings(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PlatformSettings:
    """Settings as an environment gives them: the test database, a home of its own."""
    monkeypatch.setenv("FORTHWITH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", dsn)
    monkeypatch.setenv("ENCRYPTION_KEY", ENCRYPTION_KEY)
    monkeypatch.setenv("JWT_SECRET", JWT_SECRET)
    for name in ("RATE_LIMIT_PER_MINUTE", "RATE_LIMIT_PER_HOUR"):  # all tests are one address
        monkeypatch.setenv(name, "100000")
    return PlatformSettings()


@pytest.fixture
async def runtime(db: Database, dsn: str, settings: PlatformSettings) -> AsyncIterator[Runtime]:
    """Everything a process has open, with all applications and an operator."""
    await ensure_operator(db, API_KEY)
    apps = registry.APPS
    async with open_runtime(settings, dsn, registry.jobs(apps), registry.schedules(apps)) as opened:
        yield opened


@pytest.fixture
async def api(runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the real server on loopback, as the operator."""
    async with (
        serving(runtime) as url,
        httpx.AsyncClient(base_url=url, headers={"X-API-Key": API_KEY}, timeout=30) as client,
    ):
        yield client
