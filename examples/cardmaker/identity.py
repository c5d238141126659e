"""What a card says: one fictional person at one fictional company."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

import phonenumbers

DRAWS = 200  # enough for a pattern of which one number in twenty is valid

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


def chance(rng: Random, share: float) -> bool:
    """Say yes in that share of cases."""
    return rng.random() < share


def number(rng: Random, kind: NumberKind, patterns: Sequence[str], region: str) -> Number:
    """Draw after one of the patterns until the numbering plan has such a number.

    Raises ValueError when the patterns do not fit the plan of the region.
    """
    for _ in range(DRAWS):
        printed = digits(rng, rng.choice(patterns))
        parsed = phonenumbers.parse(printed, region)
        if phonenumbers.is_valid_number(parsed):
            international = phonenumbers.PhoneNumberFormat.E164
            return Number(kind, printed, phonenumbers.format_number(parsed, international))
    raise ValueError(f"none of {patterns} is in the numbering plan of {region}")


def numbers(
    rng: Random, region: str, patterns: Mapping[NumberKind, Sequence[str]]
) -> tuple[Number, ...]:
    """Make one to four numbers: a landline or a mobile always, sometimes a second landline."""
    kinds: list[NumberKind] = [kind for kind in patterns if chance(rng, _SHARE[kind])]
    if "phone" not in kinds and "mobile" not in kinds:
        kinds = ["phone", *kinds]
    if "phone" in kinds and chance(rng, 0.1):
        kinds = ["phone", *kinds]
    return tuple(number(rng, kind, patterns[kind], region) for kind in kinds)


_SHARE: dict[NumberKind, float] = {"phone": 0.85, "mobile": 0.75, "fax": 0.5}


def domain(rng: Random, slug: str, suffix: str) -> str:
    """Name a host that nobody can own (RFC 2606) or that says it is an example."""
    return rng.choice([f"{slug}.example", f"{slug}-example.{suffix}"])


def website(rng: Random, host: str) -> str:
    """Print the host the way cards do; one card in eight has no site."""
    forms = ["www.{}", "www.{}", "www.{}", "www.{}", "https://www.{}", "https://{}", "{}", ""]
    return rng.choice(forms).format(host)


def mailbox(rng: Random, given: str, family: str) -> str:
    """Make the local part of an address from a Latin name."""
    first, last = mailbox_safe(given), mailbox_safe(family)
    return rng.choice(
        [f"{first}.{last}", f"{first[0]}{last}", first, f"{last}.{first}", f"{first}_{last}"]
    )


def mailbox_safe(word: str) -> str:
    """Reduce a name to a-z: accents fall, đ and ß are written out."""
    spelled = word.lower().replace("đ", "d").replace("ß", "ss")
    plain = unicodedata.normalize("NFKD", spelled)
    return "".join(sign for sign in plain if sign.isascii() and sign.isalpha())
