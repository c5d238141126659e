"""A vCard as a QR code."""

import numpy as np
import zxingcpp
from PIL import Image

from examples.cardmaker.icons import Colour
from examples.cardmaker.identity import Identity


def vcard(person: Identity) -> str:
    """Write the card as vCard 3.0 (RFC 2426), numbers in E.164."""
    numbers = [f"TEL;TYPE={TYPES[number.kind]}:{number.e164}" for number in person.numbers]
    address = _escaped(person.glue.join(person.address))
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"N:{_escaped(person.name)};;;;",
        f"FN:{_escaped(person.name)}",
        f"ORG:{_escaped(person.company)}",
        f"TITLE:{_escaped(person.title)}",
        *numbers,
        f"EMAIL:{person.email}",
        *([f"URL:{person.website}"] if person.website else []),
        f"ADR:;;{address};;;;",
        "END:VCARD",
    ]
    return "\r\n".join(lines)


def qr_picture(text: str, ink: Colour, paper: Colour) -> Image.Image:
    """Draw the code, one pixel a module, with its quiet zone."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="L")
    dark = np.asarray(zxingcpp.write_barcode_to_image(barcode, scale=1)) == 0
    return Image.fromarray(np.where(dark[:, :, None], ink, paper).astype(np.uint8))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")


TYPES = {"phone": "WORK", "mobile": "CELL", "fax": "FAX"}
