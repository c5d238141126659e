"""What a caller asks of a vendor, and how far that has come."""

from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from forthwith.platform.upstream.attempt import Send
from forthwith.platform.upstream.budgets import Cost, Priority
from forthwith.platform.upstream.costs import Price, Usage

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Request(Generic[T]):
    """One question, whoever asks it and for whom. `deadline` is a monotonic moment."""

    operation: str
    send: Send[T]
    owner: UUID
    app: str
    estimate: Usage
    price: Price
    model: str | None
    prompt_version: str | None
    deadline: float
    priority: Priority
    has_begun: bool = False
    """Whether this caller's own call, not another's or a cache, is to answer."""
    is_sent: bool = False
    """Whether it may cost money by now."""

    @property
    def cost(self) -> Cost:
        """What it is expected to take from limits and budgets."""
        return expected_cost(self.price, self.estimate)

    def cache_key(self, key: str) -> str:
        """The key, and what else an answer depends on."""
        if not key:
            raise ValueError("an answer that is kept needs a key")
        return "|".join(part for part in (self.model, self.prompt_version, key) if part)


def expected_cost(price: Price, estimate: Usage) -> Cost:
    """An estimate as limits count it; what is not free is never nothing."""
    money = price.of(estimate)
    return Cost(1, estimate.tokens, money if price.is_free else max(1, money))
