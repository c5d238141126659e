"""Small pictures that differ, and pictures that are wrong in one way each."""

import io
import struct
import zlib

from PIL import Image


def picture(number: int = 0, form: str = "PNG") -> bytes:
    """A small valid picture; another number, other bytes."""
    target = io.BytesIO()
    colour = (number % 256, number // 256 % 256, 7)
    Image.new("RGB", (40, 24), colour).save(target, form)
    return target.getvalue()


def vast_png() -> bytes:
    """A few bytes that declare 30,000 x 30,000 pixels."""
    size = struct.pack(">II", 30_000, 30_000)
    header = b"IHDR" + size + b"\x08\x02\0\0\0"
    check = struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + check


def animated_gif() -> bytes:
    """Two frames."""
    target = io.BytesIO()
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:])
    return target.getvalue()


def truncated_jpeg() -> bytes:
    """The first half of a photo: its header is whole, its pixels are not."""
    target = io.BytesIO()
    Image.effect_noise((400, 300), 80).convert("RGB").save(target, "JPEG")
    return target.getvalue()[: target.tell() // 2]
