"""Content-addressed bytes on disk, per owner, sealed in frames so that they still stream.

A blob is named by the SHA-256 of its content. Its file is a header (magic and a random file
id) and frames of 64 KiB, each sealed for its place: owner, file id, number, and whether it is
the last one, so that frames cannot be swapped, dropped or moved to another owner.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import io
import os
import secrets
import shutil
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import UUID

from forthwith.platform import clock
from forthwith.platform.crypto import MARK_BYTES, Codec, SealBroken, key_id_of, place
from forthwith.platform.errors import NotFound

FRAME_BYTES: Final = 64 * 1024
_CHUNK_BYTES: Final = 4 * FRAME_BYTES
_MAGIC: Final = b"FWB1"
_FILE_ID_BYTES: Final = 16
_WRITERS: Final = 32
"""Writers wait for the disk, which takes those that wait together in one flush; the event
loop's own few threads would be its speed limit."""
_LENGTH: Final = struct.Struct(">I")
_HEAD_BYTES: Final = len(_MAGIC) + _FILE_ID_BYTES + _LENGTH.size
"""What stands before the first sealed frame."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored content: the hex SHA-256 that names it, and its length in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class SealedBlob:
    """Whose content, and the hex id of the key that sealed it."""

    owner: UUID
    sha256: str
    key_id: str


class BlobStore:
    """Blobs under one folder; every process of a deployment must see the same one."""

    def __init__(self, root: Path, codec: Codec) -> None:
        self._root = root
        self._codec = codec
        self._writers = ThreadPoolExecutor(_WRITERS, thread_name_prefix="blobs")

    async def put(self, owner: UUID, source: BinaryIO) -> Blob:
        """Store all of `source` from its present position; on disk when this returns."""
        async with self.putting(owner, source) as blob:
            return blob

    @asynccontextmanager
    async def putting(self, owner: UUID, source: BinaryIO) -> AsyncIterator[Blob]:
        """Store all of `source`: readable in the block, on disk when the block has ended.

        So that what the block commits elsewhere is flushed at the same time, not afterwards.
        """
        loop = asyncio.get_running_loop()
        named: asyncio.Future[Blob | None] = loop.create_future()

        def tell(blob: Blob | None) -> None:
            if not named.done():
                named.set_result(blob)

        def tell_from_thread(blob: Blob) -> None:
            loop.call_soon_threadsafe(tell, blob)

        flushed = loop.run_in_executor(self._writers, self._write, owner, source, tell_from_thread)
        flushed.add_done_callback(lambda _: tell(None))
        try:
            blob = await named
            if blob is not None:
                yield blob
        finally:
            await flushed  # raises when nothing was written

    async def get(self, owner: UUID, sha256: str) -> bytes:
        """The whole content; for what is known to be small. Raises `NotFound`."""
        return await asyncio.to_thread(lambda: b"".join(self._frames(owner, sha256)))

    async def open(self, owner: UUID, sha256: str) -> AsyncIterator[bytes]:
        """The content in frames of 64 KiB. Raises `NotFound` at once, not while streaming."""
        frames = self._frames(owner, sha256)
        first = await asyncio.to_thread(next, frames)
        return _streamed(first, frames)

    async def delete(
        self, owner: UUID, sha256: str, is_used: Callable[[], Awaitable[bool]]
    ) -> None:
        """Forget a content unless `is_used` says that something still refers to it.

        It is set aside before asking, so that whoever stores the same content meanwhile either
        refers to it in time, and gets it back, or finds it missing (`has`) and stores it anew.
        """
        path = self._path(owner, sha256)
        aside = path.with_name(f".{sha256}.{secrets.token_hex(4)}")
        try:
            await asyncio.to_thread(self._set_aside, path, aside)
        except FileNotFoundError:
            return
        if await is_used():
            await asyncio.to_thread(aside.rename, path)
        else:
            await asyncio.to_thread(aside.unlink)

    async def has(self, owner: UUID, sha256: str) -> bool:
        """Whether the content is here: one look, which takes less than a thread's turn."""
        return os.path.exists(self._file(owner, sha256))  # noqa: ASYNC240, PTH110

    async def delete_all(self, owner: UUID) -> None:
        """Forget everything of an owner, drafts and what was set aside too."""
        await asyncio.to_thread(shutil.rmtree, self._root / owner.hex, ignore_errors=True)

    def survey(self) -> Iterator["SealedBlob"]:
        """Every blob with the id of the key that sealed it; reads the beginning of each file."""
        for path in self._root.glob("*/*/[0-9a-f]*"):
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
                head = file.read(_HEAD_BYTES + MARK_BYTES)
                yield SealedBlob(UUID(path.parts[-3]), path.name, key_id_of(head[_HEAD_BYTES:]))

    async def reseal(self, owner: UUID, sha256: str) -> None:
        """Seal a content with the present key, if it is still here; who reads it reads on."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(NotFound):
            await loop.run_in_executor(self._writers, self._reseal, owner, sha256)

    async def sweep(self, older_than_seconds: float) -> int:
        """Delete drafts and set-aside files that killed processes left; how many."""
        return await asyncio.to_thread(self._sweep, clock.now().timestamp() - older_than_seconds)

    def _path(self, owner: UUID, sha256: str) -> Path:
        return Path(self._file(owner, sha256))

    def _file(self, owner: UUID, sha256: str) -> str:
        return f"{self._root}/{owner.hex}/{sha256[:2]}/{sha256}"

    def _write(self, owner: UUID, source: BinaryIO, tell: Callable[[Blob], None]) -> None:
        """In few system calls: after each of them a thread waits for its turn to go on."""
        file_id = os.urandom(_FILE_ID_BYTES)
        draft = f"{self._root}/{owner.hex}/.{file_id.hex()}"
        digest, size = hashlib.sha256(), 0
        target = _created(draft)
        try:
            for chunk in self._sealed(owner, file_id, source):
                _write_all(target, chunk.sealed)
                digest.update(chunk.plain)
                size += len(chunk.plain)
            blob = Blob(digest.hexdigest(), size)
            _name(target, draft, self._file(owner, blob.sha256))
            tell(blob)
            os.fsync(target)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        finally:
            os.close(target)

    def _sealed(self, owner: UUID, file_id: bytes, source: BinaryIO) -> Iterator["_Chunk"]:
        """The file, many frames at a time."""
        head, first, plain = _MAGIC + file_id, 0, source.read(_CHUNK_BYTES)
        while True:
            following = source.read(_CHUNK_BYTES)
            pieces = [plain[at : at + FRAME_BYTES] for at in range(0, len(plain) or 1, FRAME_BYTES)]
            end = first + len(pieces)
            places = [
                _frame_place(owner, file_id, number, last=not following and number == end - 1)
                for number in range(first, end)
            ]
            parts = [head]
            for header, body in self._codec.seal_parts(list(zip(pieces, places, strict=True))):
                parts += (_LENGTH.pack(len(header) + len(body)), header, body)
            yield _Chunk(plain, parts)
            if not following:
                return
            head, first, plain = b"", end, following

    def _reseal(self, owner: UUID, sha256: str) -> None:
        path = self._path(owner, sha256)
        source = as_file(self._frames(owner, sha256))
        file_id = os.urandom(_FILE_ID_BYTES)
        draft = path.with_name(f".{file_id.hex()}")
        target = _created(str(draft))
        try:
            for chunk in self._sealed(owner, file_id, source):
                _write_all(target, chunk.sealed)
            os.fsync(target)
            with self._names(fcntl.LOCK_EX):
                if path.exists():
                    draft.rename(path)
        finally:
            os.close(target)
            draft.unlink(missing_ok=True)

    def _set_aside(self, path: Path, aside: Path) -> None:
        with self._names(fcntl.LOCK_SH):
            path.rename(aside)

    @contextlib.contextmanager
    def _names(self, kind: int) -> Iterator[None]:
        """Hold the names of all blobs: what is deleted must not come back with another seal."""
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._root, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, kind)
            yield
        finally:
            os.close(descriptor)

    def _sweep(self, before: float) -> int:
        swept = 0
        for path in (*self._root.glob("*/.*"), *self._root.glob("*/*/.*")):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()
                    swept += 1
        return swept

    def _frames(self, owner: UUID, sha256: str) -> Iterator[bytes]:
        try:
            file = self._path(owner, sha256).open("rb")
        except FileNotFoundError:
            raise NotFound("This file is not here any more.") from None
        with file:
            head = file.read(len(_MAGIC) + _FILE_ID_BYTES)
            file_id = head[len(_MAGIC) :]
            number, frame = 0, _read_frame(file)
            if frame is None:  # even an empty content has one frame
                raise SealBroken("the file was cut off after its header")
            while frame is not None:
                following = _read_frame(file)
                at = _frame_place(owner, file_id, number, last=following is None)
                yield self._codec.open_bytes(frame, at)
                number, frame = number + 1, following


def as_file(pieces: Iterator[bytes]) -> BinaryIO:
    """Pieces as one file to read from, so that `put` takes what is made as it goes."""
    return io.BufferedReader(_Pieces(pieces), buffer_size=FRAME_BYTES)


class _Pieces(io.RawIOBase):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)


def _created(draft: str) -> int:
    """A new file, open for writing; its folder is made when there is none."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        return os.open(draft, flags, 0o600)
    except FileNotFoundError:
        Path(draft).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.open(draft, flags, 0o600)


def _write_all(target: int, parts: Sequence[bytes]) -> None:
    written = os.writev(target, parts)
    if written < sum(map(len, parts)):
        rest = memoryview(b"".join(parts))[written:]
        while rest:
            rest = rest[os.write(target, rest) :]


def _name(written: int, draft: str, path: str) -> None:
    """Give a written file its name; the caller flushes both, and acknowledges nothing before.

    A new name is given before the flush: ext4, XFS and btrfs then write it with the file in one
    go. What exists under the name stays until the new content is flushed.
    """
    if os.path.exists(path):  # noqa: PTH110 - a Path takes as long as the look
        os.fsync(written)
    try:
        os.rename(draft, path)  # noqa: PTH104
    except FileNotFoundError:
        Path(path).parent.mkdir(exist_ok=True, mode=0o700)
        os.rename(draft, path)  # noqa: PTH104


async def _streamed(first: bytes, rest: Iterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    while (frame := await asyncio.to_thread(next, rest, None)) is not None:
        yield frame


@dataclass(frozen=True, slots=True)
class _Chunk:
    plain: bytes
    sealed: list[bytes]


def _frame_place(owner: UUID, file_id: bytes, number: int, *, last: bool) -> bytes:
    return place("blobs", f"{number}{'.' if last else '+'}", f"{owner}|{file_id.hex()}")


def _read_frame(file: BinaryIO) -> bytes | None:
    length = file.read(_LENGTH.size)
    if not length:
        return None
    if len(length) < _LENGTH.size:
        raise SealBroken("the file was cut off between two frames")
    return file.read(_LENGTH.unpack(length)[0])
