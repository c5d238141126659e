"""Masks of personal values, by their kind: enough to recognise one's own, never to learn one.

A masked value is never longer than the value and never whole; short ones are hidden wholly.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

_HIDDEN: Final = "*"
_LONGEST_RUN: Final = 3
"""Hidden characters in a row that are shown as such, so that the length is not told either."""
_RUN: Final = re.compile(rf"\*{{{_LONGEST_RUN + 1},}}")
_NUMBER_SHOWN: Final = 2
_NUMBER_LEAST: Final = 8
"""Characters from which the last two of a number tell nobody apart."""
_NAME_LEAST: Final = 4
"""Below, a first character is half of a name: many Chinese ones have two or three in all."""
_LOCAL_LEAST: Final = 4


_NESTED: Final = (dict, list, tuple)


class Kind(StrEnum):
    """What a personal value is."""

    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"
    ID_NUMBER = "id number"
    TOKEN = "token"  # noqa: S105 - a kind of value, not one
    ADDRESS = "address"
    TEXT = "text"


KINDS: Final = {
    **dict.fromkeys(("email", "mail", "to"), Kind.EMAIL),
    **dict.fromkeys(("phone", "mobile", "fax", "tel"), Kind.PHONE),
    **dict.fromkeys(("name", "display_name", "full_name", "company"), Kind.NAME),
    **dict.fromkeys(("tax_id", "id_number", "line_id", "person"), Kind.ID_NUMBER),
    **dict.fromkeys(("api_key", "authorization", "cookie", "password", "secret"), Kind.TOKEN),
    **dict.fromkeys(("token", "access_token", "refresh_token", "signature"), Kind.TOKEN),
    **dict.fromkeys(("address", "postal_address", "ip"), Kind.ADDRESS),
    **dict.fromkeys(("text", "note", "body"), Kind.TEXT),
}
"""Members of log lines and records that hold a personal value, by their names."""


def mask(value: str, kind: Kind = Kind.TEXT) -> str:
    """Hide a value of this kind: `0912345678` becomes `***78`, `王小明` becomes `***`."""
    shown = _SHOWN[kind](value) if kind in _SHOWN else range(0)
    masked = "".join(sign if place in shown else _HIDDEN for place, sign in enumerate(value))
    return _RUN.sub(_HIDDEN * _LONGEST_RUN, masked)


def masked(record: Any) -> Any:
    """A record with every member hidden that `KINDS` names, however deep; others as they are."""
    if isinstance(record, dict):
        return {
            name: _member(name, value) if name in KINDS or isinstance(value, _NESTED) else value
            for name, value in record.items()
        }
    if isinstance(record, list | tuple):
        return [masked(each) for each in record]
    return record


def _member(name: Any, value: Any) -> Any:
    kind = KINDS.get(name)
    if kind is None or value is None:
        return masked(value)
    if isinstance(value, _NESTED):
        return mask(repr(value))
    return mask(str(value), kind)


def _ends_of_number(value: str) -> range:
    """The last two characters of eight or more."""
    least = len(value) >= _NUMBER_LEAST
    return range(len(value) - _NUMBER_SHOWN if least else len(value), len(value))


def _first_of_name(value: str) -> range:
    return range(1 if len(value) >= _NAME_LEAST else 0)


def _edges_of_mail(value: str) -> set[int]:
    """The first letter of a long enough mailbox, the `@`, and the last part of its domain."""
    at, dot = value.rfind("@"), value.rfind(".")
    if not 0 < at < dot - 1:
        return set()
    first = {0} if at >= _LOCAL_LEAST else set()
    return {*first, at, *range(dot, len(value))}


_SHOWN: Final[dict[Kind, Callable[[str], range | set[int]]]] = {
    Kind.EMAIL: _edges_of_mail,
    Kind.PHONE: _ends_of_number,
    Kind.ID_NUMBER: _ends_of_number,
    Kind.NAME: _first_of_name,
}
"""Which places of a value are shown; of the other kinds none."""
