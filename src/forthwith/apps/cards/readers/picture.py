"""The picture that a model is shown: upright, no larger than need be, nothing but the picture."""

from typing import Final

from forthwith.platform import images, jpeg
from forthwith.platform.jpeg import Plain
from forthwith.platform.pool import ProcessPool

LONG_SIDE: Final = 2_048
"""Pixels; small print of a card that fills the photo is 15 of them high."""
_QUALITY: Final = 85
_MOST_BYTES: Final = 1 << 20


async def shown(pool: ProcessPool, photo: bytes) -> Plain:
    """The photo as JPEG, a format that every vendor takes, without metadata.

    One that chat platforms have made small and upright is shown as it is; others are decoded,
    in a process of the pool. Raises what `images.decode` does for a photo that is none.
    """
    plain = jpeg.plain(photo)
    if plain is not None and _is_small(plain):
        return plain
    return await pool.run(_made_small, photo)


def _is_small(plain: Plain) -> bool:
    return max(plain.width, plain.height) <= LONG_SIDE and len(plain.data) <= _MOST_BYTES


def _made_small(photo: bytes) -> Plain:
    picture = images.decode(photo, LONG_SIDE)
    return Plain(images.to_jpeg(picture, _QUALITY), picture.width, picture.height)
