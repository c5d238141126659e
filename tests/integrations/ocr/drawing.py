"""Cards drawn for these tests: fictional people in Pillow's own font."""

import io
from typing import Final

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

LEFT_COLUMN: Final = ("Marta Lindqvist", "Head of Harbour Works", "Saltwind Piers Ltd")
RIGHT_COLUMN: Final = ("marta@saltwind.example", "+44 20 7946 0137", "12 Quayside Lane")
VCARD: Final = "BEGIN:VCARD\nVERSION:3.0\nFN:Marta Lindqvist\nEND:VCARD"


def card() -> Image.Image:
    """Two columns of three lines each, 1000 by 560 pixels."""
    image = Image.new("RGB", (1000, 560), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(32)
    for column, texts in ((60, LEFT_COLUMN), (560, RIGHT_COLUMN)):
        for row, text in enumerate(texts):
            draw.text((column, 120 + 110 * row), text, fill="black", font=font)
    return image


def card_with_code() -> Image.Image:
    """The card with a vCard as QR code between the columns."""
    image = card()
    code = zxingcpp.create_barcode(VCARD, zxingcpp.BarcodeFormat.QRCode)
    image.paste(Image.fromarray(np.array(code.to_image(scale=3))), (430, 400))
    return image


def photo(
    picture: Image.Image, size: tuple[int, int], *, width: int, degrees: float
) -> Image.Image:
    """A picture `width` pixels wide, turned anticlockwise, lying in the middle of a table."""
    table = Image.new("RGB", size, (92, 74, 58))
    small = picture.resize((width, round(width * picture.height / picture.width)))
    turned = small.convert("RGBA").rotate(degrees, Image.Resampling.BICUBIC, expand=True)
    table.paste(turned, ((size[0] - turned.width) // 2, (size[1] - turned.height) // 2), turned)
    return table


def jpeg(image: Image.Image) -> bytes:
    """The picture as a camera would send it."""
    output = io.BytesIO()
    image.save(output, "JPEG", quality=90)
    return output.getvalue()
