"""What one call cost: what the ledger is told.

Money is counted in millionths of a currency, as integers: sums are exact, and a token's price
still has digits.
"""

from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from forthwith.platform import context, ids

NOBODY: Final = UUID(int=0)
"""Owner of calls that nobody asked for: schedules, the command line."""
PLATFORM: Final = "platform"
"""The application of calls outside every run, where none is named."""


class Outcome(StrEnum):
    """How a call ended. All but a refused one may have cost money."""

    ANSWERED = "answered"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    HEDGED = "hedged"
    """A second call was quicker."""


class Source(StrEnum):
    """Who answered: the vendor, or what saved the call."""

    VENDOR = "vendor"
    MEMORY = "memory"
    REDIS = "redis"
    POSTGRES = "postgres"
    COALESCED = "coalesced"
    """An equal call was in the air already."""


class Usage(msgspec.Struct, frozen=True):
    """What a call uses, estimated before it and told after it."""

    tokens_in: int = 0
    tokens_out: int = 0
    calls: int = 1

    @property
    def tokens(self) -> int:
        """All tokens, as limits count them."""
        return self.tokens_in + self.tokens_out


ONE_CALL: Final = Usage()


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What a vendor asks for, in millionths of `currency`: 0.15 USD are 150,000."""

    per_call: int = 0
    per_million_tokens_in: int = 0
    per_million_tokens_out: int = 0
    currency: str = "USD"

    @property
    def is_free(self) -> bool:
        """Whether nothing is ever asked for."""
        return not (self.per_call or self.per_million_tokens_in or self.per_million_tokens_out)

    def of(self, usage: Usage) -> int:
        """Millionths for what was used, rounded up: never told too little."""
        tokens = (
            self.per_million_tokens_in * usage.tokens_in
            + self.per_million_tokens_out * usage.tokens_out
        )
        return self.per_call * usage.calls - (-tokens // 1_000_000)


FREE: Final = Price()


def present_owner() -> UUID:
    """Whose run or request this is."""
    if (run := context.run.get()) is not None:
        return run.owner
    principal = context.principal.get()
    return principal.owner if principal is not None else NOBODY


def present_app() -> str:
    """The application of the present run: the part of its job's name before the dot."""
    run = context.run.get()
    return run.name.partition(".")[0] if run is not None else PLATFORM


def _present_run() -> UUID | None:
    run = context.run.get()
    return run.id if run is not None else None


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the ledger; owner, app and run are those of the present context.

    A line of saved calls stands for `usage.calls` of them, with what they would have cost.
    """

    vendor: str
    operation: str
    outcome: Outcome
    source: Source = Source.VENDOR
    usage: Usage = ONE_CALL
    micros: int = 0
    currency: str = "USD"
    latency_ms: int = 0
    model: str | None = None
    key: str | None = None
    """The alias of the key, never the key."""
    prompt_version: str | None = None
    id: UUID = msgspec.field(default_factory=ids.new)
    owner: UUID = msgspec.field(default_factory=present_owner)
    app: str = msgspec.field(default_factory=present_app)
    run: UUID | None = msgspec.field(default_factory=_present_run)
