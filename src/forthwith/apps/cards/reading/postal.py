"""Normal forms of addresses: Taiwan with its districts and postcodes, Japan with its mark."""

import functools
import re
from typing import Final, NamedTuple

from . import dictionaries

_POSTCODE: Final = re.compile(r"^\(?(\d{6}|\d{5}|\d{3})\)?\s*(?=\D)")
_JAPANESE_POSTCODE: Final = re.compile(r"^〒?\s*(\d{3})-?(\d{4})\s*(?=\D)")
_TAIWAN: Final = re.compile(r"^(?:台灣|臺灣|中華民國)省?")


_TELLING: Final = 3  # letters; a district such as 東區 is in half of all counties


class District(NamedTuple):
    """A district of Taiwan as Chunghwa Post writes it."""

    postcode: str
    county: str
    name: str


@functools.cache
def _districts() -> tuple[District, ...]:
    return tuple(
        District(entry[:3], county, entry[3:])
        for county, entries in dictionaries.groups("taiwan")
        for entry in entries
    )


@functools.cache
def _counties() -> dict[str, str]:
    """The county in folded form, to its written form."""
    return {dictionaries.flat(d.county): d.county for d in _districts()}


@functools.cache
def _places() -> re.Pattern[str]:
    names = {dictionaries.flat(d.name) for d in _districts() if len(d.name) >= _TELLING}
    return re.compile("|".join(map(re.escape, [*_counties(), *names])))


def names_place(text: str) -> bool:
    """Whether a county or district of Taiwan is named."""
    return _places().search(dictionaries.flat(text)) is not None


def normalise(address: str, region: str) -> str | None:
    """The normal form of an address in its country, or None where none is known."""
    if region == "TW":
        return _taiwanese(address)
    if region == "JP":
        return _japanese(address)
    return None


def _taiwanese(address: str) -> str | None:
    """`407 臺中市西屯區...`: postcode, county in its official form, district, the rest unspaced."""
    text = re.sub(r"\s+", "", address)
    printed = _POSTCODE.match(text)
    text = _TAIWAN.sub("", text[printed.end() :] if printed else text)
    district = _district(dictionaries.flat(text))
    if district is None:
        return None
    postcode = printed[1] if printed else district.postcode
    start = dictionaries.flat(text).find(dictionaries.flat(district.name)) + len(district.name)
    return f"{postcode} {district.county}{district.name}{text[start:]}"


def _district(flat: str) -> District | None:
    """The district named near the start; without its county only if no other has the name."""
    county = next((c for c in _counties() if flat.startswith(c)), "")
    named = [
        d
        for d in _districts()
        if flat.startswith(county + dictionaries.flat(d.name))
        and (not county or dictionaries.flat(d.county) == county)
    ]
    return named[0] if len(named) == 1 else None


def _japanese(address: str) -> str | None:
    """`〒123-4567 東京都...`: the mark, the hyphen and one space."""
    match = _JAPANESE_POSTCODE.match(address)
    return f"〒{match[1]}-{match[2]} {address[match.end() :]}" if match else None
