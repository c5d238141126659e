import asyncio

import pytest

from forthwith.platform import index_key
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.errors import Unavailable

OLD, NEW = b"o" * 32, b"n" * 32


async def _indexed(db: Database, *keys: bytes) -> bytes:
    codec = Codec(keys)
    await index_key.adopt(db, codec)
    return codec.blind_index("ann@example.com", "mail")


async def test_a_look_up_finds_the_same_rows_before_during_and_after_a_rotation(
    db: Database,
) -> None:
    before = await _indexed(db, OLD)
    during = await _indexed(db, NEW, OLD)
    await db.execute("update platform.index_keys set key = $1", _resealed(before_key=OLD))

    assert during == before
    assert await _indexed(db, NEW) == before


def _resealed(before_key: bytes) -> bytes:
    """The index key as a finished rotation leaves it."""
    return Codec([NEW]).seal_bytes(Codec([before_key]).index_key, b"platform.index_keys|key|1")


async def test_a_key_added_on_the_day_of_the_migration_changes_no_index(db: Database) -> None:
    assert await _indexed(db, NEW, OLD) == Codec([OLD]).blind_index("ann@example.com", "mail")


async def test_eight_processes_at_once_agree_on_one_index_key(db: Database) -> None:
    found = await asyncio.gather(*(_indexed(db, OLD) for _ in range(8)))

    assert len(set(found)) == 1


async def test_a_process_without_the_deployments_key_does_not_start(db: Database) -> None:
    await _indexed(db, OLD)

    with pytest.raises(Unavailable, match="ENCRYPTION_KEY does not name"):
        await _indexed(db, NEW)
