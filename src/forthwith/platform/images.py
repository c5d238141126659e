"""Pictures from strangers: told apart by their first bytes, refused early, decoded with care.

`sniff` and `check_header` read bytes only and are cheap enough for a request. `decode` and
`to_jpeg` keep a core busy and belong in a `ProcessPool`.
"""

import io
import itertools
import re
import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from forthwith.platform.errors import (
    BadRequest,
    TooLarge,
    Unavailable,
    Unprocessable,
    UnsupportedMedia,
)

if TYPE_CHECKING:
    from PIL import Image

MAX_BYTES: Final = 15 * 1024 * 1024
MAX_PIXELS: Final = 50_000_000
HEADER_BYTES: Final = 256 * 1024
"""How much of a file `check_header` makes use of: EXIF and colour profiles come before the size."""

Size = tuple[int, int]
"""Width and height in pixels."""


class ImageFormat(StrEnum):
    """The formats read here."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    HEIC = "HEIC"


@dataclass(frozen=True, slots=True)
class Header:
    """What the first bytes tell; `size` is None where they do not reach it."""

    format: ImageFormat
    size: Size | None


def sniff(head: bytes) -> ImageFormat | None:
    """Name the format by its first 64 bytes, whatever the file is called; None if not read here."""
    if head.startswith(b"\xff\xd8\xff"):
        return ImageFormat.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return ImageFormat.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ImageFormat.WEBP
    if head[4:8] == b"ftyp" and _names_hevc(head):
        return ImageFormat.HEIC
    return None


def check_header(head: bytes, total_bytes: int) -> Header:
    """Judge an upload by its first `HEADER_BYTES` and its length, without decoding anything.

    Raises:
        BadRequest: The file is empty.
        TooLarge: It is longer than `MAX_BYTES`.
        UnsupportedMedia: It is none of the formats read here.
        Unprocessable: It ends within its header, or declares no pixels or too many.
    """
    if total_bytes == 0 or not head:
        raise BadRequest("The file is empty. Send a photo.")
    if total_bytes > MAX_BYTES:
        raise TooLarge(f"The photo is larger than {MAX_BYTES >> 20} MB. Send a smaller one.")
    if (kind := sniff(head)) is None:
        raise UnsupportedMedia("This is not a photo read here. Send a JPEG, PNG, WebP or HEIC.")
    size = _declared_size(kind, head, complete=len(head) >= total_bytes)
    if size is not None:
        _check_size(size)
    return Header(kind, size)


def decode(data: bytes, long_side: int) -> "Image.Image":
    """Decode a picture upright, as RGB on white, at most `long_side` pixels long, no metadata.

    Raises:
        BadRequest, TooLarge, UnsupportedMedia: As `check_header`.
        Unprocessable: It is damaged, or declares too many pixels.
        Unavailable: It is HEIC, and the extra that reads it is not installed.
    """
    from PIL import Image  # noqa: PLC0415 - the request path reads headers without it

    kind = check_header(data[:HEADER_BYTES], len(data)).format
    if kind is ImageFormat.HEIC:
        _register_heif()
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # damaged metadata is not the picture's fault
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _decode(data, kind, long_side)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except Unprocessable:
        raise
    except MemoryError as error:
        raise _too_many_pixels() from error
    except Exception as error:  # Pillow's plugins raise whatever their parsers stumble over
        raise Unprocessable("The photo is damaged. Take or export it again.") from error


def to_jpeg(image: "Image.Image", quality: int) -> bytes:
    """Encode an RGB image as JPEG without metadata; `quality` as Pillow's, 1 to 95."""
    output = io.BytesIO()
    image.save(output, "JPEG", quality=quality, optimize=True)
    return output.getvalue()


_PILLOW_FORMATS: Final = {
    ImageFormat.JPEG: ("JPEG", "MPO"),  # phones append a depth map or a second lens: MPO
    ImageFormat.PNG: ("PNG",),
    ImageFormat.WEBP: ("WEBP",),
    ImageFormat.HEIC: ("HEIF",),
}


def _decode(data: bytes, kind: ImageFormat, long_side: int) -> "Image.Image":
    from PIL import Image, ImageOps  # noqa: PLC0415 - as in `decode`

    with Image.open(io.BytesIO(data), formats=_PILLOW_FORMATS[kind]) as image:
        _check_size(image.size)
        scale = min(1.0, long_side / max(image.size))
        image.draft(None, (int(image.width * scale), int(image.height * scale)))
        upright = ImageOps.exif_transpose(image)
        opaque = _on_white(upright)
    opaque.thumbnail((long_side, long_side), Image.Resampling.LANCZOS)
    return opaque


def _on_white(image: "Image.Image") -> "Image.Image":
    """A new RGB image with the pixels of `image` alone: no EXIF, no comment, no profile."""
    from PIL import Image  # noqa: PLC0415 - as in `decode`

    if image.mode.startswith("I"):  # 16 bits a pixel: conversion would clip, not scale
        image = image.point(lambda value: value / 256).convert("L")
    canvas = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        canvas.paste(rgba, mask=rgba)
    else:
        canvas.paste(image.convert("RGB"))
    return canvas


def _register_heif() -> None:
    try:
        from pillow_heif import register_heif_opener  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise Unavailable(
            "HEIC photos cannot be read by this installation: pip install 'forthwith[ocr]'"
        ) from error
    register_heif_opener()


def _names_hevc(head: bytes) -> bool:
    """Whether the file type box lists a brand of HEVC pictures (ISO/IEC 23008-12, annex B)."""
    length = min(int.from_bytes(head[:4], "big"), 64)
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, length - 3, 4))}
    return not brands.isdisjoint({b"heic", b"heix", b"heim", b"heis"})


def _declared_size(kind: ImageFormat, head: bytes, *, complete: bool) -> Size | None:
    try:
        size = _SIZE_READERS[kind](head)
    except (struct.error, IndexError, ValueError) as error:
        if complete:
            raise _cut_short() from error
        return None
    if size is None and complete:
        raise _cut_short()
    return size


def _check_size(size: Size) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise Unprocessable("The photo has no pixels. Take or export it again.")
    if width * height > MAX_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> Unprocessable:
    limit = MAX_PIXELS // 1_000_000
    return Unprocessable(f"The photo has more than {limit} million pixels. Send a smaller one.")


def _cut_short() -> Unprocessable:
    return Unprocessable("The photo ends too early. Upload it again.")


def _jpeg_size(head: bytes) -> Size | None:
    """The first frame header (ITU-T T.81, B.2.2), reached by hopping over the other segments."""
    at = 2
    for _ in range(_MAX_SEGMENTS):
        at = head.index(0xFF, at) + 1
        marker = head[at]
        if marker in _FRAME_MARKERS:
            height, width = struct.unpack_from(">HH", head, at + 4)
            return width, height
        if marker == _START_OF_SCAN:
            break
        if marker not in _BARE_MARKERS:
            at += 1 + struct.unpack_from(">H", head, at + 1)[0]
    return None


_MAX_SEGMENTS: Final = 512  # a colour profile alone may take 255
_FRAME_MARKERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN: Final = 0xDA
_BARE_MARKERS: Final = frozenset({0x01, *range(0xD0, 0xD9), 0xFF})


def _png_size(head: bytes) -> Size | None:
    """The first chunk, always IHDR (ISO/IEC 15948, 11.2.2)."""
    chunk, width, height = struct.unpack_from(">4sII", head, 12)
    return (width, height) if chunk == b"IHDR" else None


def _webp_size(head: bytes) -> Size | None:
    """The canvas or frame size of the first chunk (RFC 9649, 2.5 to 2.7)."""
    chunk = head[12:16]
    if chunk == b"VP8X":
        return 1 + _little(head, 24, 3), 1 + _little(head, 27, 3)
    if chunk == b"VP8L":
        bits = _little(head, 21, 4)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if chunk == b"VP8 ":
        return _little(head, 26, 2) & 0x3FFF, _little(head, 28, 2) & 0x3FFF
    return None


def _little(head: bytes, at: int, length: int) -> int:
    if len(head) < at + length:
        raise IndexError(at)
    return int.from_bytes(head[at : at + length], "little")


def _heic_size(head: bytes) -> Size | None:
    """The largest of the declared extents (`ispe` boxes): tiles and previews are smaller."""
    found = itertools.islice(_EXTENTS.finditer(head), _MAX_EXTENTS)
    sizes = [struct.unpack_from(">II", head, extent.end() + 4) for extent in found]
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


_EXTENTS: Final = re.compile(rb"ispe")
_MAX_EXTENTS: Final = 64  # a photo has about three

_SIZE_READERS: Final[dict[ImageFormat, Callable[[bytes], Size | None]]] = {
    ImageFormat.JPEG: _jpeg_size,
    ImageFormat.PNG: _png_size,
    ImageFormat.WEBP: _webp_size,
    ImageFormat.HEIC: _heic_size,
}
