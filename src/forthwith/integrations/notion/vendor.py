"""What Notion allows: developers.notion.com/reference/request-limits (2026-07)."""

from typing import Final

from forthwith.integrations.notion.errors import classify
from forthwith.integrations.notion.settings import NotionSettings
from forthwith.platform.upstream import Limits, Tripping, Vendor, keys_from

NAME: Final = "notion"

_BURST: Final = 10
"""At once: two cards. Notion counts over a minute, and takes 180."""
_ILL_SECONDS: Final = 10.0
"""Between two probes of a Notion that is down; nobody waits for an answer meanwhile."""


def vendor(settings: NotionSettings) -> Vendor:
    """The connection; without a secret it is not configured."""
    limits = Limits(
        per_second=settings.requests_per_second,
        burst=max(_BURST, settings.requests_per_second),
        concurrency=20,
    )
    return Vendor(
        name=NAME,
        keys=keys_from(settings.api_key, limits=limits),
        wait_seconds=10,
        timeout_seconds=settings.timeout_seconds,
        tripping=Tripping(open_seconds=_ILL_SECONDS),
        classify=classify,
    )
