"""Pictures as strangers send them: damaged, disguised, huge, sideways."""

import contextlib
import io
import struct
import sys
import time
import zlib
from typing import Any

import pytest
from PIL import ExifTags, Image, PngImagePlugin

from forthwith.platform import images
from forthwith.platform.errors import (
    BadRequest,
    TooLarge,
    Unavailable,
    Unprocessable,
    UnsupportedMedia,
)
from forthwith.platform.images import ImageFormat, check_header, decode, sniff, to_jpeg

PLAIN_FORMATS = ["JPEG", "PNG", "WEBP"]


def encoded(
    kind: str,
    size: tuple[int, int] = (64, 48),
    *,
    mode: str = "RGB",
    color: Any = "teal",
    **options: Any,
) -> bytes:
    if kind == "HEIC":
        pytest.importorskip("pillow_heif").register_heif_opener()
        kind = "HEIF"
    output = io.BytesIO()
    Image.new(mode, size, color).save(output, kind, **options)
    return output.getvalue()


def noise_jpeg(size: tuple[int, int]) -> bytes:
    output = io.BytesIO()
    Image.effect_noise(size, 80).save(output, "JPEG")
    return output.getvalue()


def png_declaring(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\0" * 64


def left_half_black(width: int, height: int) -> Image.Image:
    image = Image.new("RGB", (width, height), "white")
    image.paste("black", (0, 0, width // 2, height))
    return image


def brightness(image: Image.Image, at: tuple[int, int]) -> int:
    value = image.convert("L").getpixel(at)
    assert isinstance(value, int)
    return value


@pytest.mark.parametrize("kind", [*PLAIN_FORMATS, "HEIC"])
def test_a_format_is_told_by_its_first_64_bytes(kind: str) -> None:
    assert sniff(encoded(kind)[:64]) == ImageFormat(kind)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff\xd8",
        b"BM6\0\0\0",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
        b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf",
        b"%PDF-1.7",
    ],
)
def test_other_files_are_no_picture(head: bytes) -> None:
    assert sniff(head) is None


@pytest.mark.parametrize("kind", [*PLAIN_FORMATS, "HEIC"])
def test_the_declared_size_is_read_from_the_header(kind: str) -> None:
    data = encoded(kind, (640, 480))

    assert check_header(data, len(data)).size == (640, 480)


@pytest.mark.parametrize("options", [{"lossless": True}, {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0"}])
def test_webp_has_three_headers(options: dict[str, Any]) -> None:
    data = encoded("WEBP", (640, 480), **options)

    assert check_header(data, len(data)).size == (640, 480)


def test_a_size_behind_a_long_profile_is_found() -> None:
    data = encoded("JPEG", (640, 480), icc_profile=bytes(200_000))

    assert check_header(data[: images.HEADER_BYTES], len(data)).size == (640, 480)


def test_a_size_that_the_first_bytes_do_not_reach_is_left_to_decoding() -> None:
    data = encoded("JPEG", icc_profile=bytes(60_000))

    assert check_header(data[:4096], len(data)).size is None


def test_an_empty_file_is_a_bad_request() -> None:
    with pytest.raises(BadRequest, match="empty"):
        check_header(b"", 0)


def test_more_than_fifteen_megabytes_are_too_large() -> None:
    with pytest.raises(TooLarge, match="15 MB"):
        check_header(encoded("JPEG"), images.MAX_BYTES + 1)


def test_text_named_jpg_is_unsupported() -> None:
    with pytest.raises(UnsupportedMedia, match="Send a JPEG, PNG, WebP or HEIC"):
        check_header(b"Dear sir or madam,", 18)


def test_an_animated_gif_is_unsupported() -> None:
    frames = [Image.new("P", (8, 8), color) for color in range(3)]
    data = encoded("GIF", save_all=True, append_images=frames)

    with pytest.raises(UnsupportedMedia):
        check_header(data, len(data))


@pytest.mark.parametrize("kind", [*PLAIN_FORMATS, "HEIC"])
@pytest.mark.parametrize("length", [16, 18, 20])
def test_a_file_that_ends_in_its_header_is_refused(kind: str, length: int) -> None:
    data = encoded(kind)[:length]

    with pytest.raises((Unprocessable, UnsupportedMedia)):
        check_header(data, len(data))


def test_thirty_thousand_pixels_square_are_refused_unseen() -> None:
    data = png_declaring(30_000, 30_000)

    with pytest.raises(Unprocessable, match="50 million pixels"):
        check_header(data, len(data))


def test_a_picture_without_pixels_is_refused() -> None:
    data = png_declaring(0, 100)

    with pytest.raises(Unprocessable, match="no pixels"):
        check_header(data, len(data))


@pytest.mark.parametrize(
    "head",
    [
        b"\xff\xd8\xff\xc0\0\x11\x08\x01\0\x01\0",
        b"\xff\xd8\xff" + b"\xff" * 250_000,
        b"\xff\xd8\xff\xfe\0\2" + b"\xff\xfe\0\2" * 60_000,
        b"\xff\xd8\xff\xfe\0\2" + b"\0" * 250_000,
        b"\0\0\0\x14ftypheic" + b"\0\0\0\0heic" + b"ispe\0\0\0\0\0\0\0\1\0\0\0\1" * 15_000,
    ],
    ids=["usual", "fill bytes", "empty comments", "nothing", "extents"],
)
def test_a_header_is_checked_within_a_millisecond_even_if_made_to_take_long(head: bytes) -> None:
    rounds = 100

    started = time.process_time()
    for _ in range(rounds):
        check_header(head, images.MAX_BYTES)

    assert (time.process_time() - started) / rounds < 0.001


@pytest.mark.parametrize("kind", [*PLAIN_FORMATS, "HEIC"])
def test_every_format_is_decoded_as_rgb(kind: str) -> None:
    image = decode(encoded(kind, (640, 480)), 1000)

    assert (image.mode, image.size) == ("RGB", (640, 480))


def test_a_large_picture_is_scaled_down_to_the_long_side() -> None:
    assert decode(encoded("JPEG", (3000, 4000)), 1000).size == (750, 1000)


def test_a_phone_s_orientation_is_applied() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # turn clockwise by 90 degrees
    output = io.BytesIO()
    left_half_black(200, 100).save(output, "JPEG", exif=exif)

    image = decode(output.getvalue(), 1000)

    assert image.size == (100, 200)
    assert brightness(image, (50, 20)) < 20
    assert brightness(image, (50, 180)) > 235


def test_see_through_places_become_white() -> None:
    image = decode(encoded("PNG", mode="RGBA", color=(0, 0, 0, 0)), 1000)

    assert image.getpixel((5, 5)) == (255, 255, 255)


def test_a_palette_with_transparency_becomes_white() -> None:
    image = decode(encoded("PNG", mode="P", color=0, transparency=0), 1000)

    assert image.getpixel((5, 5)) == (255, 255, 255)


def test_sixteen_bits_a_pixel_keep_their_shades() -> None:
    image = decode(encoded("PNG", mode="I;16", color=0x8000), 1000)

    assert abs(brightness(image, (5, 5)) - 0x80) <= 1


def test_colours_for_print_are_converted() -> None:
    image = decode(encoded("JPEG", mode="CMYK", color=(0, 0, 0, 0)), 1000)

    assert image.getpixel((5, 5)) == (255, 255, 255)


def test_no_metadata_survives() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.GPSInfo] = {ExifTags.GPS.GPSLatitudeRef: "N"}
    data = encoded("JPEG", exif=exif, comment=b"taken at home", icc_profile=b"profile")

    image = decode(data, 1000)

    assert not image.info
    assert not Image.open(io.BytesIO(to_jpeg(image, 80))).getexif()
    assert b"home" not in to_jpeg(image, 80)


def test_a_truncated_photo_is_refused() -> None:
    data = noise_jpeg((800, 600))

    with pytest.raises(Unprocessable, match="damaged"):
        decode(data[: len(data) // 2], 1000)


@pytest.mark.parametrize("kind", [*PLAIN_FORMATS, "HEIC"])
@pytest.mark.parametrize("seed", range(8))
def test_damaged_bytes_never_raise_anything_unforeseen(kind: str, seed: int) -> None:
    """Either the picture still decodes, or the person is told; nothing else escapes."""
    data = bytearray(encoded(kind, (320, 240)))
    for index in range(seed, len(data), 37 + seed):
        data[index] ^= 0x5A

    with contextlib.suppress(Unprocessable, UnsupportedMedia):
        decode(bytes(data), 1000)


def test_a_compressed_text_bomb_is_refused() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "a" * 100_000_000, zip=True)
    output = io.BytesIO()
    Image.new("RGB", (64, 48)).save(output, "PNG", pnginfo=info)

    with pytest.raises(Unprocessable):
        decode(output.getvalue(), 1000)


def test_damaged_orientation_does_not_spoil_the_picture() -> None:
    data = encoded("JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff\0\0")

    assert decode(data, 1000).size == (64, 48)


def test_heic_without_its_extra_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded("HEIC")
    monkeypatch.setitem(sys.modules, "pillow_heif", None)

    with pytest.raises(Unavailable, match=r"pip install 'forthwith\[ocr\]'"):
        decode(data, 1000)


def test_a_preview_is_a_small_jpeg() -> None:
    preview = to_jpeg(Image.new("RGB", (320, 200), "teal"), 80)

    assert sniff(preview) is ImageFormat.JPEG
    assert Image.open(io.BytesIO(preview)).size == (320, 200)
