"""Identifiers of the forms that LINE's have."""

import hashlib
import itertools
import re
import secrets
from typing import Final

from forthwith.platform import clock, ids

_USER: Final = re.compile(r"U[0-9a-f]{32}")
_GROUP: Final = re.compile(r"[CR][0-9a-f]{32}")
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID_LENGTH: Final = 26
_message_numbers: Final = itertools.count(int(clock.now().timestamp()) * 1_000_000)


def user_id(name: str) -> str:
    """A person's id; always the same for a name, and itself for an id."""
    return name if _USER.fullmatch(name) else f"U{_digest(name)}"


def group_id(name: str) -> str:
    """A group's id, likewise."""
    return name if _GROUP.fullmatch(name) else f"C{_digest(name)}"


def chat_id(name: str) -> str:
    """The chat with a person, by any name, or of a group, by its id."""
    return name if is_chat(name) else user_id(name)


def is_chat(identifier: str) -> bool:
    """Whether messages can be sent there."""
    return bool(_USER.fullmatch(identifier) or _GROUP.fullmatch(identifier))


def is_person(identifier: str) -> bool:
    """Whether it is a person's."""
    return bool(_USER.fullmatch(identifier))


def message_id() -> str:
    """A new message's; greater than all before."""
    return str(next(_message_numbers))


def event_id() -> str:
    """A new event's: a ULID."""
    number, digits = ids.new().int, ""
    for _ in range(_ULID_LENGTH):
        number, digit = divmod(number, len(_CROCKFORD))
        digits = _CROCKFORD[digit] + digits
    return digits


def token() -> str:
    """A reply token, quote token or request id: nothing can be read from it."""
    return secrets.token_hex(16)


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]
