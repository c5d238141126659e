"""Keys are looked up once a minute, and a change is heard at once."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from accounts import STRANGERS_KEY, add_account, end_key
from cable import cable_to

from forthwith.platform import clock
from forthwith.platform.context import Principal
from forthwith.platform.db import Database
from forthwith.platform.events import Listener
from forthwith.platform.identity import KeyMemory, key_memory


class CountingDatabase(Database):
    """The real one, that counts single statements."""

    asked = 0

    async def fetchrow(self, sql: str, *values: object) -> asyncpg.Record | None:
        """Count one more."""
        self.asked += 1
        return await super().fetchrow(sql, *values)


@asynccontextmanager
async def remembering(db: Database) -> AsyncIterator[KeyMemory]:
    """A memory with a listener of its own, that has connected."""
    listener = Listener(db)
    memory = KeyMemory(db, listener)
    await memory.open()
    task = asyncio.create_task(listener.run())
    await listener.connected.wait()
    try:
        yield memory
    finally:
        task.cancel()
        await asyncio.wait({task})


@pytest.fixture
async def counting(dsn: str, db: Database) -> AsyncIterator[CountingDatabase]:
    """Beside `db`, whose rows it sees and whose changes it has to hear of."""
    database = CountingDatabase(dsn)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def memory(counting: CountingDatabase) -> AsyncIterator[KeyMemory]:
    async with remembering(counting) as opened:
        yield opened


async def _until_refused(memory: KeyMemory, secret: str) -> float:
    """Seconds until the key is refused."""
    started = time.monotonic()
    async with asyncio.timeout(5):
        while await memory.find(secret) is not None:
            await asyncio.sleep(0.005)
    return time.monotonic() - started


async def _until_changed(memory: KeyMemory, before: Principal | None) -> Principal | None:
    async with asyncio.timeout(5):
        while (found := await memory.find(STRANGERS_KEY)) == before:
            await asyncio.sleep(0.005)
    return found


async def test_a_key_is_looked_up_once(
    db: Database, counting: CountingDatabase, memory: KeyMemory
) -> None:
    owner = await add_account(db)

    found = [await memory.find(STRANGERS_KEY) for _ in range(50)]

    assert {each.owner for each in found if each} == {owner}
    assert counting.asked <= 2  # the notice of the key's making may come after the first look


async def test_a_revoked_key_is_refused_at_once(db: Database, memory: KeyMemory) -> None:
    await add_account(db)
    assert await memory.find(STRANGERS_KEY) is not None

    await end_key(db, STRANGERS_KEY, revoked_at=clock.now())

    assert await _until_refused(memory, STRANGERS_KEY) < 2


async def test_a_deleted_key_is_refused_at_once(db: Database, memory: KeyMemory) -> None:
    await add_account(db)
    assert await memory.find(STRANGERS_KEY) is not None

    await db.execute("delete from platform.api_keys")

    assert await _until_refused(memory, STRANGERS_KEY) < 2


async def test_a_remembered_key_is_refused_once_it_expires(db: Database, memory: KeyMemory) -> None:
    await add_account(db)
    await end_key(db, STRANGERS_KEY, expires_at=clock.now() + timedelta(seconds=1))
    assert await memory.find(STRANGERS_KEY) is not None

    assert 0.3 < await _until_refused(memory, STRANGERS_KEY) < 3


async def test_a_changed_role_holds_for_the_next_request(db: Database, memory: KeyMemory) -> None:
    await add_account(db)
    before = await memory.find(STRANGERS_KEY)
    assert before is not None

    await db.execute("update platform.accounts set role = 'operator'")
    after = await _until_changed(memory, before)

    assert before.role == "member"
    assert after is not None
    assert after.role == "operator"


async def test_a_key_made_after_it_was_refused_works(
    db: Database, counting: CountingDatabase, memory: KeyMemory
) -> None:
    refused = [await memory.find(STRANGERS_KEY) for _ in range(10)]
    asked = counting.asked
    await add_account(db)

    found = await _until_changed(memory, None)

    assert refused == [None] * 10
    assert asked == 1
    assert found is not None


async def test_a_flood_of_wrong_keys_neither_grows_nor_drops_a_good_one(
    db: Database,
    counting: CountingDatabase,
    memory: KeyMemory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_memory, "MOST", 20)
    await add_account(db)
    await _until_changed(memory, None)
    await asyncio.sleep(0.1)  # the notices of the key's making have come
    await memory.find(STRANGERS_KEY)

    for number in range(100):
        assert await memory.find(f"fw_wrong-{number}") is None
    asked = counting.asked

    assert await memory.find(STRANGERS_KEY) is not None
    assert counting.asked == asked
    assert len(memory._unknown) == 20


async def test_a_deaf_process_believes_its_memory_for_two_seconds_only(
    dsn: str, db: Database
) -> None:
    """The key is revoked while the process hears nothing."""
    await add_account(db)
    async with cable_to(dsn) as cable:
        far = Database(cable.dsn)
        await far.open()
        async with remembering(far) as memory:
            assert await memory.find(STRANGERS_KEY) is not None
            await cable.cut()
            await end_key(db, STRANGERS_KEY, revoked_at=clock.now())
            started = time.monotonic()
            with pytest.raises((OSError, TimeoutError, asyncpg.InterfaceError)):
                await _until_refused(memory, STRANGERS_KEY)
            believed = time.monotonic() - started
            await cable.mend()

            refused = await memory.find(STRANGERS_KEY)
        await far.close()

    assert believed < 4
    assert refused is None


async def test_a_change_during_the_look_is_not_forgotten(
    db: Database, counting: CountingDatabase, memory: KeyMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read just before the key was revoked is not kept."""
    await add_account(db)
    await asyncio.sleep(0.1)
    read = counting.fetchrow

    async def slow(sql: str, *values: object) -> Any:
        row = await read(sql, *values)
        await end_key(db, STRANGERS_KEY, revoked_at=clock.now())
        await asyncio.sleep(0.2)
        return row

    monkeypatch.setattr(counting, "fetchrow", slow)
    await memory.find(STRANGERS_KEY)
    monkeypatch.setattr(counting, "fetchrow", read)

    assert await memory.find(STRANGERS_KEY) is None
