"""How the sandbox's LINE behaves beyond latency, rate and faults: limits, deliveries, contents."""

from typing import Annotated

import msgspec

from forthwith.sandbox.knobs import Seconds

Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class LineKnobs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings of the channel.

    A webhook that is not answered with 2xx in time is delivered again, `redeliveries` times at
    most, after `redelivery_seconds` that double; `copies` are delivered on top, as if an answer
    had been lost. Events are held for `hold_seconds`, shuffled if `is_shuffled`, and come
    `batch` to a webhook.
    """

    monthly_limit: Count | None = None
    reply_seconds: Seconds = 60.0
    """How long a reply token lives after its webhook."""
    content_seconds: Seconds = 0.0
    """How long contents are being prepared: 202."""
    redeliveries: Count = 5
    redelivery_seconds: Seconds = 1.0
    copies: Count = 0
    batch: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    hold_seconds: Seconds = 0.0
    is_shuffled: bool = False
    is_standby: bool = False
    """Another bot is to answer: mode `standby`, no reply tokens."""
    webhook_timeout_seconds: Seconds = 2.0
    seed: int = 1
