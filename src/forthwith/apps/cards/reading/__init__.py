"""Reads the fields of business cards out of OCR data, without a model and without a network."""

from .assemble import extract
from .fields import Address, Alternative, CardReading, Contact, Number, TaxId, Text

__all__ = [
    "Address",
    "Alternative",
    "CardReading",
    "Contact",
    "Number",
    "TaxId",
    "Text",
    "extract",
]
