"""What the routes of accounts take and give."""

import re
import unicodedata
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from pydantic import AfterValidator, Field

from forthwith.platform.http import JsonBody
from forthwith.platform.identity.emails import LONGEST as LONGEST_EMAIL

Language = Literal["zh-TW", "en", "ja"]
Plan = Literal["basic", "premium", "enterprise"]
_LONGEST_PASSWORD: Final = 512  # characters as typed; passwords.check() says the rule
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _name(value: str) -> str:
    """A name on one line, without signs that turn the text around it."""
    if _UNSEEN.search(value):
        raise ValueError("leave out control characters")
    return unicodedata.normalize("NFC", value).strip()


def _given(name: str) -> str:
    if not name:
        raise ValueError("give it a name by which you will know it again")
    return name


Email = Annotated[str, Field(min_length=3, max_length=LONGEST_EMAIL, examples=["ming@example.com"])]
Password = Annotated[
    str, Field(min_length=1, max_length=_LONGEST_PASSWORD, examples=["three blue teapots"])
]
KeyName = Annotated[
    str,
    Field(min_length=1, max_length=100, examples=["the till"]),
    AfterValidator(_name),
    AfterValidator(_given),
]
Name = Annotated[str, Field(max_length=100, examples=["王小明"]), AfterValidator(_name)]
OpaqueToken = Annotated[
    str, Field(min_length=1, max_length=128, description="As it was given, unchanged.")
]


class Register(JsonBody):
    """Somebody who wants an account."""

    email: Email
    password: Password
    name: Name | None = None
    language: Language = "zh-TW"


class Login(JsonBody):
    """Somebody who has one."""

    email: Email
    password: Password


class Refresh(JsonBody):
    """A refresh token, which is used up by this."""

    refresh_token: OpaqueToken


class ProfileChange(JsonBody):
    """What is to change; an empty name takes it away."""

    name: Name | None = None
    language: Language | None = None


class PasswordChange(JsonBody):
    """The old password proves who asks."""

    current_password: Password
    new_password: Password


class Forgotten(JsonBody):
    """Where the mail goes, if there is such an account."""

    email: Email


class PasswordReset(JsonBody):
    """The token of the mail proves who asks."""

    token: OpaqueToken
    new_password: Password


class Confirmation(JsonBody):
    """The token of the mail."""

    token: OpaqueToken


class PlanChange(JsonBody):
    """The plan that an account gets."""

    plan_type: Plan


class User(msgspec.Struct, frozen=True):
    """An account as its holder sees it; `created_at` is ISO 8601 in UTC."""

    id: UUID
    email: str | None
    name: str | None
    language: str | None
    role: str
    plan_type: str
    created_at: str


class SessionView(msgspec.Struct, frozen=True):
    """A sign-in as its holder sees it; times are ISO 8601 in UTC."""

    id: UUID
    is_current: bool
    device: str | None
    address: str | None
    created_at: str
    used_at: str
    expires_at: str


class AccountView(msgspec.Struct, frozen=True):
    """An account as an operator sees it; the address is masked."""

    id: UUID
    email: str | None
    role: str
    plan_type: str
    created_at: str
