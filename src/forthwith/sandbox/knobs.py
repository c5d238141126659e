"""How a sandbox vendor behaves: how slow, how often wrong, how much each key may ask."""

import math
import random
from typing import Annotated, Literal

import msgspec

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=600)]

_P95_SIGMAS = 1.6449  # of a standard normal distribution


class Latency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Log-normal, as vendors are: half of the answers within `p50`, 19 of 20 within `p95`."""

    p50: Seconds = 0.0
    p95: Seconds = 0.0

    def draw(self, chance: random.Random) -> float:
        """Seconds for one answer."""
        if self.p50 <= 0:
            return 0.0
        sigma = math.log(max(self.p95, self.p50) / self.p50) / _P95_SIGMAS
        return chance.lognormvariate(math.log(self.p50), sigma)


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to go wrong.

    `status` answers with it; `hang` waits this long first; `disconnect` drops the connection
    before an answer, `cut` in the middle of its body. `after` does it once the vendor has done
    its work: the caller cannot know, which is the case that doubles things. `at` is the only
    request it strikes: its method and path, "POST /v1/pages".
    """

    kind: Literal["status", "hang", "disconnect", "cut"]
    status: Annotated[int, msgspec.Meta(ge=400, le=599)] = 500
    seconds: Seconds = 0.0
    retry_after: Seconds | None = None
    after: bool = False
    at: str | None = None

    def strikes(self, request: str) -> bool:
        """Whether it may go wrong with this request, a method and a path."""
        return self.at in (None, request)


class Quota(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What each key may ask; None is unbounded. A refused key is answered 401 for ever.

    `spent_keys` have used up their day already. A test shortens the minute.
    """

    per_minute: Annotated[int, msgspec.Meta(ge=0)] | None = None
    per_day: Annotated[int, msgspec.Meta(ge=0)] | None = None
    concurrent: Annotated[int, msgspec.Meta(ge=0)] | None = None
    refused_keys: tuple[str, ...] = ()
    spent_keys: tuple[str, ...] = ()
    minute_seconds: Annotated[float, msgspec.Meta(gt=0, le=60)] = 60.0


class Knobs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings of a vendor.

    `next_faults` are used up one a request that they strike, then `fault_rate` draws from
    `faults`; `seed` makes it repeatable.
    """

    latency: Latency = Latency()
    quota: Quota = Quota()
    next_faults: tuple[Fault, ...] = ()
    faults: tuple[Fault, ...] = ()
    fault_rate: Share = 0.0
    seed: int = 1


def parse_header(value: str) -> Fault | None:
    """The fault that one request asks for by `X-Sandbox-Fault`, as JSON; None if unreadable."""
    try:
        return msgspec.json.decode(value, type=Fault)
    except msgspec.MsgspecError:
        return None
