import hashlib
import io
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from forthwith.platform.blobs import FRAME_BYTES, BlobStore
from forthwith.platform.crypto import Codec, SealBroken
from forthwith.platform.errors import NotFound

OWNER, OTHER = UUID(int=1), UUID(int=2)
HEADER_BYTES = 20


@pytest.fixture
def store(tmp_path: Path, codec: Codec) -> BlobStore:
    return BlobStore(tmp_path, codec)


def _content(size: int) -> bytes:
    return (b"A name on a card. " * (size // 18 + 1))[:size]


def _file(root: Path, owner: UUID, sha256: str) -> Path:
    return root / owner.hex / sha256[:2] / sha256


def _frames(data: bytes) -> list[bytes]:
    frames, at = [], HEADER_BYTES
    while at < len(data):
        end = at + 4 + struct.unpack_from(">I", data, at)[0]
        frames.append(data[at:end])
        at = end
    return frames


class Endless(io.RawIOBase):
    """A file of `size` zero bytes that takes no memory."""

    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int = -1) -> bytes:
        """Up to `size` zero bytes."""
        given = min(size, self._left)
        self._left -= given
        return bytes(given)


@pytest.mark.parametrize(
    "size", [0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 3 * FRAME_BYTES]
)
async def test_a_content_comes_back_named_by_its_sha256(store: BlobStore, size: int) -> None:
    content = _content(size)

    blob = await store.put(OWNER, io.BytesIO(content))

    assert blob.sha256 == hashlib.sha256(content).hexdigest()
    assert blob.size == size
    assert await store.get(OWNER, blob.sha256) == content
    assert b"".join([part async for part in await store.open(OWNER, blob.sha256)]) == content


async def test_a_content_can_be_read_while_it_is_being_flushed(store: BlobStore) -> None:
    async with store.putting(OWNER, io.BytesIO(b"a photo")) as blob:
        assert await store.get(OWNER, blob.sha256) == b"a photo"


async def test_a_content_that_cannot_be_read_leaves_nothing(
    store: BlobStore, tmp_path: Path
) -> None:
    closed = io.BytesIO(b"a photo")
    closed.close()

    with pytest.raises(ValueError, match="closed file"):
        async with store.putting(OWNER, closed):
            pytest.fail("there is nothing to name")

    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


async def test_a_content_outlives_the_process_that_stored_it(tmp_path: Path, codec: Codec) -> None:
    blob = await BlobStore(tmp_path, codec).put(OWNER, io.BytesIO(b"a photo"))

    assert await BlobStore(tmp_path, codec).get(OWNER, blob.sha256) == b"a photo"


async def test_nothing_is_readable_on_disk(store: BlobStore, tmp_path: Path) -> None:
    blob = await store.put(OWNER, io.BytesIO(_content(FRAME_BYTES * 2)))

    assert b"name" not in _file(tmp_path, OWNER, blob.sha256).read_bytes()


async def test_equal_contents_take_one_file_and_no_draft_stays(
    store: BlobStore, tmp_path: Path
) -> None:
    await store.put(OWNER, io.BytesIO(b"a photo"))
    await store.put(OWNER, io.BytesIO(b"a photo"))

    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


async def test_a_source_that_fails_leaves_nothing_behind(store: BlobStore, tmp_path: Path) -> None:
    source = io.BytesIO(b"a photo")
    source.close()

    with pytest.raises(ValueError, match="closed"):
        await store.put(OWNER, source)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_a_deleted_content_is_gone_and_may_be_deleted_again(store: BlobStore) -> None:
    blob = await store.put(OWNER, io.BytesIO(b"a photo"))
    await store.delete(OWNER, blob.sha256, unused)
    await store.delete(OWNER, blob.sha256, unused)

    with pytest.raises(NotFound):
        await store.get(OWNER, blob.sha256)


async def test_what_is_missing_is_said_before_streaming_begins(store: BlobStore) -> None:
    with pytest.raises(NotFound):
        await store.open(OWNER, "0" * 64)


async def test_another_owner_does_not_find_it(store: BlobStore) -> None:
    blob = await store.put(OWNER, io.BytesIO(b"a photo"))

    with pytest.raises(NotFound):
        await store.open(OTHER, blob.sha256)


async def test_a_file_moved_to_another_owner_does_not_open(
    store: BlobStore, tmp_path: Path
) -> None:
    blob = await store.put(OWNER, io.BytesIO(b"a photo"))
    stolen = _file(tmp_path, OTHER, blob.sha256)
    stolen.parent.mkdir(parents=True)
    _file(tmp_path, OWNER, blob.sha256).rename(stolen)

    with pytest.raises(SealBroken):
        await store.get(OTHER, blob.sha256)


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "first two frames swapped": lambda data: (
        data[:HEADER_BYTES] + b"".join([*reversed(_frames(data)[:2]), *_frames(data)[2:]])
    ),
    "a frame dropped": lambda data: data[:HEADER_BYTES] + b"".join(_frames(data)[1:]),
    "the last frame dropped": lambda data: data[:HEADER_BYTES] + b"".join(_frames(data)[:-1]),
    "a frame twice": lambda data: data[:HEADER_BYTES] + _frames(data)[0] + data[HEADER_BYTES:],
    "cut inside a frame": lambda data: data[:-1],
    "cut inside a frame's length": lambda data: data + b"\0\0",
    "only a header": lambda data: data[:HEADER_BYTES],
    "empty": lambda data: b"",
    "another file id": lambda data: data[:4] + bytes(16) + data[HEADER_BYTES:],
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
async def test_a_damaged_file_is_refused_and_never_read_as_shorter(
    store: BlobStore, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    blob = await store.put(OWNER, io.BytesIO(_content(FRAME_BYTES * 2 + 5)))
    path = _file(tmp_path, OWNER, blob.sha256)
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(SealBroken):
        await store.get(OWNER, blob.sha256)
    with pytest.raises(SealBroken):
        _ = [part async for part in await store.open(OWNER, blob.sha256)]


async def test_a_frame_of_another_file_of_the_same_owner_does_not_fit(
    store: BlobStore, tmp_path: Path
) -> None:
    first = await store.put(OWNER, io.BytesIO(b"a" * FRAME_BYTES * 2))
    second = await store.put(OWNER, io.BytesIO(b"b" * FRAME_BYTES * 2))
    path = _file(tmp_path, OWNER, first.sha256)
    foreign = _frames(_file(tmp_path, OWNER, second.sha256).read_bytes())[0]
    own = path.read_bytes()
    path.write_bytes(own[:HEADER_BYTES] + foreign + _frames(own)[1])

    with pytest.raises(SealBroken):
        await store.get(OWNER, first.sha256)


async def test_a_large_file_passes_through_little_memory(store: BlobStore) -> None:
    owner, size = uuid4(), 24 * 1024 * 1024
    tracemalloc.start()

    blob = await store.put(owner, Endless(size))
    read = 0
    async for part in await store.open(owner, blob.sha256):
        read += len(part)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert read == size
    assert peak < 2 * 1024 * 1024


async def test_a_content_that_is_used_again_meanwhile_is_kept(store: BlobStore) -> None:
    """The question is asked while it is set aside; a yes brings it back."""
    blob = await store.put(OWNER, io.BytesIO(b"shown on another card"))
    seen = []

    async def used() -> bool:
        seen.append(await store.has(OWNER, blob.sha256))
        return True

    await store.delete(OWNER, blob.sha256, used)

    assert seen == [False]
    assert await store.get(OWNER, blob.sha256) == b"shown on another card"


async def unused() -> bool:
    return False
