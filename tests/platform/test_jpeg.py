"""JPEG files that only lose what they tell of their owner."""

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from forthwith.platform.jpeg import plain

SIZE = (320, 200)
SECRET = b"taken at home"


def picture(mode: str = "RGB", **how: object) -> bytes:
    """A JPEG of noise."""
    pixels = SIZE[0] * SIZE[1] * len(Image.new(mode, (1, 1)).getbands())
    noise = random.Random(7).randbytes(pixels)  # noqa: S311 - a picture, not a secret
    output = io.BytesIO()
    Image.frombytes(mode, SIZE, noise).save(output, "JPEG", **how)
    return output.getvalue()


def exif(orientation: int) -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x010E] = SECRET.decode()
    return made


def pixels(data: bytes) -> bytes:
    return Image.open(io.BytesIO(data)).tobytes()


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"progressive": True},
        {"restart_marker_blocks": 4},
        {"quality": 100, "subsampling": 0},
        {"exif": exif(1)},
        {"comment": SECRET},
        {"xmp": SECRET},
        {"icc_profile": SECRET},
    ],
    ids=["plain", "progressive", "restarts", "fine", "exif", "comment", "xmp", "profile"],
)
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_picture_stays_and_what_it_tells_goes(mode: str, how: dict[str, object]) -> None:
    data = picture(mode, **how)
    found = plain(data)
    assert found is not None
    assert (found.width, found.height) == SIZE
    assert pixels(found.data) == pixels(data)
    assert SECRET not in found.data


def test_what_follows_the_picture_goes_too() -> None:
    """Phones append a film, or a second picture."""
    data = picture()
    found = plain(data + SECRET + picture())
    assert found is not None
    assert found.data == data


@pytest.mark.parametrize("orientation", [2, 3, 6, 8])
def test_a_turned_photo_has_to_be_decoded(orientation: int) -> None:
    assert plain(picture(exif=exif(orientation))) is None


def test_print_colours_have_to_be_decoded() -> None:
    assert plain(picture("CMYK")) is None


def test_several_pictures_in_one_file_have_to_be_decoded() -> None:
    output = io.BytesIO()
    noise = Image.open(io.BytesIO(picture()))
    noise.save(output, "MPO", save_all=True, append_images=[noise.copy()])
    assert plain(output.getvalue()) is None


def test_exif_that_cannot_be_read_has_to_be_decoded() -> None:
    broken = b"Exif\x00\x00MM\x00*\xff\xff\xff\xff"
    segment = b"\xff\xe1" + (len(broken) + 2).to_bytes(2) + broken
    data = picture()
    assert plain(data[:2] + segment + data[2:]) is None


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 4_000), st.booleans())
def test_a_picture_that_was_cut_off_is_none(kept: int, progressive: bool) -> None:  # noqa: FBT001
    data = picture(progressive=progressive, quality=10)
    assert plain(data[: min(kept, len(data) - 1)]) is None


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_borne(data: bytes) -> None:
    assert plain(b"\xff\xd8" + data) is None
