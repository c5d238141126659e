"""What LINE allows: developers.line.biz/en/reference/messaging-api/#rate-limits (2026-07)."""

from typing import Final

from forthwith.integrations.line.errors import classify
from forthwith.integrations.line.settings import LineSettings
from forthwith.platform.upstream import Limits, Vendor, keys_from

NAME: Final = "line"
LOGIN_NAME: Final = "line_login"

_PER_SECOND: Final = 1_000
"""Half of what each endpoint takes: the limit is of the channel, and counts all of them here."""


def vendor(settings: LineSettings) -> Vendor:
    """The Messaging API of the channel; without a token it is not configured.

    Calls at once are not counted: LINE sets no bound, and that would ask the budgets twice a call.
    """
    limits = Limits(per_second=_PER_SECOND, burst=100)
    return Vendor(
        name=NAME,
        keys=keys_from(settings.channel_access_token, limits=limits),
        wait_seconds=10,  # a reply token lives a minute
        timeout_seconds=20,
        classify=classify,
    )


def login_vendor() -> Vendor:
    """LINE Login, which says whom an ID token is of; needs no key."""
    return Vendor(
        name=LOGIN_NAME,
        keyless=True,
        limits=Limits(concurrency=20),
        wait_seconds=5,
        timeout_seconds=10,
    )
