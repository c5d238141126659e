"""What the routes of notifications take and answer."""

from datetime import time
from functools import cache
from typing import Annotated, Final, Self
from uuid import UUID
from zoneinfo import available_timezones

import msgspec
from pydantic import AfterValidator, BaseModel, Field, model_validator

from forthwith.platform.http import JsonBody
from forthwith.platform.notify.preferences import DEFAULT, Preferences
from forthwith.platform.notify.quiet import QuietHours
from forthwith.platform.notify.receivers import Browser

_CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_KEY: Final = r"^[A-Za-z0-9_-]{16,128}={0,2}$"
_TYPE: Final = r"^[a-z0-9_]{1,80}\.[a-z0-9_.]{1,80}$"
_KIND: Final = r"^[a-z0-9_.]{1,80}(:[a-z0-9_.]{1,80})?$"


class WebhookRequest(JsonBody):
    """A webhook to register; `events` are the types that it is sent, none of them means all."""

    url: Annotated[str, Field(min_length=1, max_length=2048, examples=["https://example.org/hook"])]
    events: Annotated[
        list[Annotated[str, Field(pattern=_TYPE)]],
        Field(default_factory=list, max_length=100, examples=[["cards.read"]]),
    ]


class BrowserKeys(JsonBody):
    """The keys of a push subscription, base64url."""

    p256dh: Annotated[str, Field(pattern=_KEY)]
    auth: Annotated[str, Field(pattern=_KEY)]


class BrowserRequest(BaseModel):
    """A browser to register: its `PushSubscription` as JSON; other members are left out."""

    endpoint: Annotated[str, Field(min_length=1, max_length=2048)]
    keys: BrowserKeys

    def target(self) -> Browser:
        """As it is kept."""
        return Browser(self.endpoint, self.keys.p256dh, self.keys.auth)


class QuietHoursRequest(JsonBody):
    """When not to disturb, in local time; over midnight where `until` is the earlier one."""

    begin: Annotated[str, Field(pattern=_CLOCK, examples=["22:00"])]
    until: Annotated[str, Field(pattern=_CLOCK, examples=["07:00"])]

    @model_validator(mode="after")
    def _is_not_empty(self) -> Self:
        if self.begin == self.until:
            raise ValueError("begin and until must differ")
        return self


@cache
def _zones() -> set[str]:
    """Read from disk once."""
    return available_timezones()


def _zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("is no time zone, such as Asia/Taipei")
    return name


class PreferencesRequest(JsonBody):
    """How you want to be told; what is left out is as usual."""

    time_zone: Annotated[str, Field(max_length=64), AfterValidator(_zone)] = DEFAULT.time_zone
    quiet_hours: QuietHoursRequest | None = None
    digest_minutes: Annotated[int | None, Field(ge=0, le=1440)] = None
    muted: Annotated[
        list[Annotated[str, Field(pattern=_KIND)]], Field(default_factory=list, max_length=100)
    ]

    def preferences(self) -> Preferences:
        """As they are kept."""
        quiet = self.quiet_hours
        return Preferences(
            time_zone=self.time_zone,
            quiet_hours=QuietHours(_time(quiet.begin), _time(quiet.until)) if quiet else None,
            digest_minutes=self.digest_minutes,
            muted=tuple(dict.fromkeys(self.muted)),
        )


def _time(clock: str) -> time:
    return time.fromisoformat(clock)


class QuietHoursView(msgspec.Struct, frozen=True):
    """Quiet hours as people see them."""

    begin: str
    until: str


class PreferencesView(msgspec.Struct, frozen=True):
    """Preferences as people see them, and as they send them."""

    time_zone: str
    quiet_hours: QuietHoursView | None
    digest_minutes: int | None
    muted: tuple[str, ...]


class NotificationView(msgspec.Struct, frozen=True):
    """A message as its owner sees it; `reason` is a code, `sent_with` the message it went with."""

    id: UUID
    run_id: UUID
    channel: str
    target: str
    template: str
    subject: str
    language: str
    person: str | None
    urgent: bool
    status: str
    reason: str | None
    sent_with: UUID | None
    created_at: str
    sent_at: str | None


class WebhookView(msgspec.Struct, frozen=True):
    """A webhook without its secrets; `disabled_at` tells when it said that it is gone."""

    id: UUID
    url: str
    events: tuple[str, ...]
    disabled_at: str | None
    created_at: str


class BrowserView(msgspec.Struct, frozen=True):
    """A browser: only the host of its push service, since its URL lets anybody send."""

    id: UUID
    push_service: str
    disabled_at: str | None
    created_at: str
