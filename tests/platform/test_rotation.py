import asyncio
import io
from collections import Counter
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from support import API_KEY, ENCRYPTION_KEY, EXAMPLES, events, send_photo, serving, working

from forthwith import registry
from forthwith.platform import ids, rotation
from forthwith.platform.blobs import BlobStore
from forthwith.platform.config import PlatformSettings
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Base, Database
from forthwith.platform.errors import NotFound
from forthwith.platform.events import event_place
from forthwith.platform.runtime import Runtime, open_runtime

OLD, NEW = bytes.fromhex(ENCRYPTION_KEY), b"n" * 32
OWNER = UUID(int=1)
_EVENTS = "insert into platform.events (stream, seq, kind, data) values ($1, $2, 'told', $3)"


async def _silent(_: str, __: int) -> None:
    pass


async def _tell(db: Database, key: bytes, count: int) -> UUID:
    """A stream with events that a key sealed."""
    stream, codec = ids.new(), Codec([key])
    for seq in range(count):
        await db.execute(_EVENTS, stream, seq, codec.seal({"seq": seq}, event_place(stream)))
    return stream


async def _opened_by(db: Database, stream: UUID, *keys: bytes) -> list[object]:
    codec = Codec(keys)
    rows = await db.fetch("select data from platform.events where stream = $1 order by seq", stream)
    return [codec.open(row["data"], event_place(stream))["seq"] for row in rows]


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs", Codec([NEW, OLD]))


def test_every_column_of_bytes_says_whether_it_is_sealed(runtime: Runtime) -> None:
    """`info=sealed(...)` or `info=unsealed()` beside the column; rotation goes by it."""
    silent = {
        f"{table.fullname}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if str(column.type) in {"BLOB", "BYTEA"} and "sealed" not in column.info
    }

    assert silent == set()
    assert len(rotation.sealed_tables()) > 5


async def test_rows_of_the_old_key_open_with_the_new_one_alone(
    db: Database, blobs: BlobStore
) -> None:
    stream = await _tell(db, OLD, 3)

    moved = await rotation.rotate(db, Codec([NEW, OLD]), blobs, _silent)

    assert moved == 3
    assert await _opened_by(db, stream, NEW) == [0, 1, 2]


async def test_a_second_rotation_finds_nothing_to_do(db: Database, blobs: BlobStore) -> None:
    await _tell(db, OLD, 3)
    await rotation.rotate(db, Codec([NEW, OLD]), blobs, _silent)

    assert await rotation.rotate(db, Codec([NEW, OLD]), blobs, _silent) == 0


async def test_a_rotation_that_was_cut_off_goes_on_where_it_was(
    db: Database, blobs: BlobStore
) -> None:
    stream = await _tell(db, OLD, 450)

    async def fail(_: str, __: int) -> None:
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        await rotation.rotate(db, Codec([NEW, OLD]), blobs, fail)
    moved = await rotation.rotate(db, Codec([NEW, OLD]), blobs, _silent)

    assert 0 < moved < 450
    assert await _opened_by(db, stream, NEW) == list(range(450))


async def test_a_row_that_somebody_holds_is_left_until_it_is_free(
    db: Database, blobs: BlobStore
) -> None:
    stream = await _tell(db, OLD, 5)
    connection = await db.connect()
    held = connection.transaction()
    await held.start()
    await connection.execute("select from platform.events where seq = 2 for update")
    rotating = asyncio.create_task(rotation.rotate(db, Codec([NEW, OLD]), blobs, _silent))
    await asyncio.sleep(0.5)
    meanwhile = await rotation.survey(db, blobs)
    await held.rollback()
    moved = await rotating
    await connection.close()

    assert meanwhile["platform.events"] == {Codec([NEW]).key_id: 4, Codec([OLD]).key_id: 1}
    assert moved == 5
    assert await _opened_by(db, stream, NEW) == [0, 1, 2, 3, 4]


async def test_a_value_that_does_not_open_stays_and_holds_nobody_up(
    db: Database, blobs: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "_NEXT_PASS_SECONDS", 0.0)
    stream = await _tell(db, OLD, 3)
    await db.execute("update platform.events set data = data || '\\x00' where seq = 1")

    await rotation.rotate(db, Codec([NEW, OLD]), blobs, _silent)
    counted = await rotation.survey(db, blobs)

    assert counted["platform.events"] == {Codec([NEW]).key_id: 2, Codec([OLD]).key_id: 1}
    assert stream


async def test_what_is_not_sealed_stays_as_it_is(db: Database, blobs: BlobStore) -> None:
    """Values of a cache that belong to nobody."""
    await db.execute(
        "insert into platform.cached_values (key, version, tags, blob, expires_at)"
        " values ('public:1', 1, '{}', 'weather', now() + interval '1 day')"
    )

    assert await rotation.rotate(db, Codec([NEW, OLD]), blobs, _silent) == 0


async def test_files_are_sealed_anew_and_read_the_same(
    db: Database, tmp_path: Path, blobs: BlobStore
) -> None:
    content = b"A name on a card. " * 20_000
    blob = await BlobStore(tmp_path / "blobs", Codec([OLD])).put(OWNER, io.BytesIO(content))
    reading = await blobs.open(OWNER, blob.sha256)

    moved = await rotation.rotate(db, Codec([NEW, OLD]), blobs, _silent)

    assert moved == 1
    assert await BlobStore(tmp_path / "blobs", Codec([NEW])).get(OWNER, blob.sha256) == content
    assert b"".join([frame async for frame in reading]) == content
    assert not list((tmp_path / "blobs").rglob(".*"))


async def test_a_file_deleted_while_it_is_sealed_anew_does_not_come_back(
    tmp_path: Path, blobs: BlobStore
) -> None:
    async def unused() -> bool:
        return False

    for _ in range(30):
        blob = await BlobStore(tmp_path / "blobs", Codec([OLD])).put(OWNER, io.BytesIO(b"Ann"))
        await asyncio.gather(
            blobs.reseal(OWNER, blob.sha256), blobs.delete(OWNER, blob.sha256, unused)
        )
        assert not await blobs.has(OWNER, blob.sha256)
    with pytest.raises(NotFound):
        await blobs.open(OWNER, blob.sha256)


async def test_only_old_leftovers_of_killed_processes_are_swept(
    tmp_path: Path, blobs: BlobStore
) -> None:
    await blobs.put(OWNER, io.BytesIO(b"Ann"))
    (tmp_path / "blobs" / OWNER.hex / ".draft").write_bytes(b"")

    assert await blobs.sweep(3600) == 0
    assert await blobs.sweep(-1) == 1
    assert sum((Counter(each.key_id for each in blobs.survey())).values()) == 1


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_after_a_rotation_everything_is_read_with_the_new_key_alone(
    runtime: Runtime,
    api: httpx.AsyncClient,
    settings: PlatformSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A photo's whole life before: card, run, steps, events, replay, file; then only `NEW`."""
    photo = (EXAMPLES / "usa-icons.jpg").read_bytes()
    submitted = (await send_photo(api, photo, **{"Idempotency-Key": "same"})).json()["data"]
    async with working(runtime):
        told = await events(api, submitted["events_url"])
    before = (await api.get(submitted["polling_url"])).json()["data"]
    blobs = BlobStore(settings.home.home / "blobs", Codec([NEW, OLD]))

    await rotation.rotate(runtime.db, Codec([NEW, OLD]), blobs, _silent)

    counted = await rotation.survey(runtime.db, blobs)
    assert all(set(each) <= {Codec([NEW]).key_id} for each in counted.values())
    monkeypatch.setenv("ENCRYPTION_KEY", NEW.hex())
    renewed = PlatformSettings()
    jobs, schedules = registry.jobs(registry.APPS), registry.schedules(registry.APPS)
    async with (
        open_runtime(renewed, runtime.db.dsn, jobs, schedules) as again,
        serving(again) as url,
        httpx.AsyncClient(base_url=url, headers={"X-API-Key": API_KEY}, timeout=30) as client,
    ):
        assert (await client.get(submitted["polling_url"])).json()["data"] == before
        assert await events(client, submitted["events_url"]) == told
        assert (await client.get(before["photo_url"])).content == photo
        repeated = await send_photo(client, photo, **{"Idempotency-Key": "same"})
        assert repeated.headers["idempotency-replayed"] == "true"
