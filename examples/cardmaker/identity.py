"""What a card says: one fictional person at one fictional company."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

import phonenumbers

NumberKind = Literal["phone", "mobile", "fax"]


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone number as printed, and its E.164 form."""

    kind: NumberKind
    printed: str
    e164: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Everything that may stand on a card; an empty field is not printed.

    `second_*` repeat a field in another script. `address` is in pieces, so that a layout can break
    lines between them; `glue` joins pieces on one line. `brand` is the word in the logo.
    """

    language: str
    region: str
    name: str
    title: str
    company: str
    brand: str
    numbers: tuple[Number, ...]
    email: str
    address: tuple[str, ...]
    glue: str = " "
    website: str = ""
    department: str = ""
    tax_id: str = ""
    slogan: str = ""
    second_name: str = ""
    second_title: str = ""
    second_company: str = ""
    second_address: tuple[str, ...] = ()


def pairs(words: str) -> list[tuple[str, str]]:
    """Read "王:Wang 李:Li" as [("王", "Wang"), ("李", "Li")]; "_" stands for a space."""
    halves = (word.replace("_", " ").partition(":") for word in words.split())
    return [(native, other) for native, _, other in halves]


def names(words: str) -> list[str]:
    """Read words separated by blanks; "_" stands for a space inside one."""
    return [word.replace("_", " ") for word in words.split()]


def digits(rng: Random, pattern: str) -> str:
    """Put a digit 1-9 in place of every "N" and 0-9 in place of every "#"."""
    filled = (
        str(rng.randint(1, 9)) if sign == "N" else str(rng.randint(0, 9)) if sign == "#" else sign
        for sign in pattern
    )
    return "".join(filled)


def number(rng: Random, kind: NumberKind, patterns: Sequence[str], region: str) -> Number:
    """Make a number after one of the patterns; raises ValueError if the plan has no such number."""
    printed = digits(rng, rng.choice(patterns))
    parsed = phonenumbers.parse(printed, region)
    if not phonenumbers.is_valid_number(parsed):
        raise ValueError(f"{printed} is not in the numbering plan of {region}")
    return Number(
        kind, printed, phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    )


def numbers(
    rng: Random, region: str, patterns: Mapping[NumberKind, Sequence[str]]
) -> tuple[Number, ...]:
    """Make one to three numbers: a landline or a mobile number always, the others often."""
    kinds: list[NumberKind] = [kind for kind in patterns if rng.random() < _SHARE[kind]]
    if "phone" not in kinds and "mobile" not in kinds:
        kinds = ["phone", *kinds]
    return tuple(number(rng, kind, patterns[kind], region) for kind in kinds)


_SHARE: dict[NumberKind, float] = {"phone": 0.85, "mobile": 0.75, "fax": 0.5}


def domain(rng: Random, slug: str, suffix: str) -> str:
    """Name a host that nobody can own (RFC 2606) or that says it is an example."""
    return rng.choice([f"{slug}.example", f"{slug}-example.{suffix}"])


def website(rng: Random, host: str) -> str:
    """Print the host the way cards do; one card in eight has no site."""
    return (
        rng.choice(
            ["www.{}", "www.{}", "www.{}", "https://www.{}", "https://{}", "{}", "", "www.{}"]
        ).format(host)
        if host
        else ""
    )


def mailbox(rng: Random, given: str, family: str) -> str:
    """Make the local part of an address from a Latin name."""
    first, last = _latin(given), _latin(family)
    return rng.choice(
        [f"{first}.{last}", f"{first[0]}{last}", first, f"{last}.{first}", f"{first}_{last}"]
    )


def _latin(word: str) -> str:
    return "".join(sign for sign in word.lower() if sign.isascii() and sign.isalpha())
