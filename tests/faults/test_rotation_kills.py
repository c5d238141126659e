"""A rotation of 100,000 rows is killed and started again while others read; no read fails."""

import asyncio
import os
import random
import signal
import sys
from pathlib import Path
from uuid import UUID

import pytest
from support import ENCRYPTION_KEY, JWT_SECRET

from forthwith.platform import clock, ids
from forthwith.platform.crypto import Codec, parse_keys
from forthwith.platform.db import Database
from forthwith.platform.events import event_place

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

ROWS = 100_000
NEW = "6b" * 32
KEYS = f"{NEW},{ENCRYPTION_KEY}"


async def _fill(db: Database) -> list[UUID]:
    """Streams with one event each, sealed by the old key."""
    codec, streams = Codec(parse_keys(ENCRYPTION_KEY)), [ids.new() for _ in range(ROWS)]
    rows = [(each, 1, "told", codec.seal({"n": 1}, event_place(each))) for each in streams]
    connection = await db.connect(command_timeout=120)
    await connection.copy_records_to_table(
        "events",
        schema_name="platform",
        records=rows,
        columns=("stream", "seq", "kind", "data"),
        timeout=120,
    )
    await connection.close()
    return streams


async def _rotate(db: Database, home: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "forthwith", "encryption", "rotate"),
        env={
            **os.environ,
            "FORTHWITH_HOME": str(home),
            "DATABASE_URL": db.dsn,
            "ENCRYPTION_KEY": KEYS,
            "JWT_SECRET": JWT_SECRET,
        },
        stdout=asyncio.subprocess.DEVNULL,
    )


async def _read_on(db: Database, streams: list[UUID], until: asyncio.Event) -> int:
    """Read rows here and there as a process of the fleet would, and write one now and then."""
    codec, reads = Codec(parse_keys(KEYS)), 0
    while not until.is_set():
        stream = random.choice(streams)  # noqa: S311 - any row will do
        row = await db.fetchrow("select data from platform.events where stream = $1", stream)
        assert row is not None
        assert codec.open(row["data"], event_place(stream))["n"] == 1
        if reads % 50 == 0:
            data = codec.seal({"n": 1}, event_place(stream))
            await db.execute("update platform.events set data = $2 where stream = $1", stream, data)
        reads += 1
        await asyncio.sleep(0.002)
    return reads


async def _of_new_key(db: Database) -> int:
    mark = Codec(parse_keys(NEW)).marks[0]
    row = await db.fetchrow(
        "select count(*) from platform.events where substring(data, 1, 5) = $1", mark
    )
    assert row is not None
    return int(row["count"])


async def test_a_killed_rotation_goes_on_and_no_read_fails(db: Database, tmp_path: Path) -> None:
    streams = await _fill(db)
    ended = asyncio.Event()
    reading = asyncio.create_task(_read_on(db, streams, ended))
    first = await _rotate(db, tmp_path)
    while await _of_new_key(db) < ROWS // 10:
        assert first.returncode is None
        await asyncio.sleep(0.1)
    first.send_signal(signal.SIGKILL)
    await first.wait()
    left_off = await _of_new_key(db)
    started = clock.monotonic()
    second = await _rotate(db, tmp_path)
    code = await second.wait()
    ended.set()
    reads = await reading
    seconds = clock.monotonic() - started
    print(f"{ROWS - left_off} rows in {seconds:.1f} s, {reads} reads meanwhile")  # noqa: T201

    assert code == 0
    assert ROWS // 10 <= left_off < ROWS
    assert await _of_new_key(db) == ROWS
    assert reads > 100
