"""An archive that is made as it is stored: at no time on a disk unsealed, or whole in memory."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final, TypeVar

from forthwith.platform import clock
from forthwith.platform.privacy.declared import ExportedFile

T = TypeVar("T")

_WAIT_SECONDS: Final = 120.0
_MODE: Final = 0o600 << 16  # where ZIP keeps a file's Unix permissions


def zipped(files: AsyncIterator[ExportedFile], loop: asyncio.AbstractEventLoop) -> Iterator[bytes]:
    """A ZIP of the files in pieces, for a thread to read while `loop` makes them."""

    def next_of(source: AsyncIterator[T]) -> T | None:
        return asyncio.run_coroutine_threadsafe(_next(source), loop).result(_WAIT_SECONDS)

    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        while (file := next_of(files)) is not None:
            with archive.open(_entry(file.name), "w", force_zip64=True) as entry:
                yield from _written(entry.write, lambda: next_of(file.content), sink)
    yield sink.taken()


async def _next(source: AsyncIterator[T]) -> T | None:
    return await anext(source, None)


def _written(
    write: Callable[[bytes], Any], piece_of: Callable[[], bytes | None], sink: "_Sink"
) -> Iterator[bytes]:
    while (piece := piece_of()) is not None:
        write(piece)
        yield sink.taken()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, clock.now().timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = _MODE
    return entry


class _Sink(io.RawIOBase):
    """Takes what the ZIP writes, until it is taken on."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any, /) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        """All that was written since the last time."""
        whole = b"".join(self._pieces)
        self._pieces.clear()
        return whole
