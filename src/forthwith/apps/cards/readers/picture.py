"""The picture that a model is shown. The processes of the pool run this, and load nothing else."""

from typing import Final

from forthwith.platform import images

LONG_SIDE: Final = 2_048
"""Pixels; small print of a card that fills the photo is 15 of them high."""
_QUALITY: Final = 85


def shown(photo: bytes) -> tuple[bytes, int, int]:
    """The photo upright as JPEG, its width and height: a format that every vendor takes.

    Nothing of its metadata goes along, such as where it was taken.
    """
    picture = images.decode(photo, LONG_SIDE)
    return images.to_jpeg(picture, _QUALITY), picture.width, picture.height
