"""Who is asking and what is running, carried by context variables.

Set by the ASGI middleware (request, principal) and by the worker (run); read by
logging and by whoever must know the owner of what it does.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking: `owner` is the id in every table, `scopes` what the credential may do."""

    owner: UUID
    credential: str
    scopes: frozenset[str]
    role: str = "member"
    plan: str = "basic"
    requests_per_minute: int | None = None
    """The credential's own limit, below that of the plan."""

    def may(self, scope: str) -> bool:
        """Whether the credential carries this scope; `*` carries all."""
        return "*" in self.scopes or scope in self.scopes


@dataclass(frozen=True, slots=True)
class RunContext:
    """The run that is being worked on in this task."""

    id: UUID
    name: str
    owner: UUID
    ensure_held: Callable[[], None]
    """Raises `LeaseLost` once the lease is over; asked before each outward call."""


principal: ContextVar[Principal | None] = ContextVar("principal", default=None)
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
run: ContextVar[RunContext | None] = ContextVar("run", default=None)
