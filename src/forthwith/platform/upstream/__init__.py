"""The one way out: cache, coalescing, budgets, key pool, breaker, cost ledger, for every call.

Declare a `Vendor`, open it as an `Upstream` over `Stores`, and `await upstream.call(...)`.
docs/howto/add-a-vendor.md shows how.

Names are imported when they are first asked for: who needs limits alone does not load the
clients of the database.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from forthwith.platform.upstream.attempt import Attempt
    from forthwith.platform.upstream.breaker import Tripping
    from forthwith.platform.upstream.budgets import Key, Limits, Priority, keys_from
    from forthwith.platform.upstream.cache import Policy, cached
    from forthwith.platform.upstream.classify import classified
    from forthwith.platform.upstream.costs import Price, Usage
    from forthwith.platform.upstream.errors import BudgetSpent, Throttled, Unanswered
    from forthwith.platform.upstream.fallback import Answered, first_of
    from forthwith.platform.upstream.spending import SpendingLimits
    from forthwith.platform.upstream.stores import Stores, in_memory
    from forthwith.platform.upstream.upstream import Upstream
    from forthwith.platform.upstream.vendor import Hedging, Vendor
else:

    def __getattr__(name: str) -> object:
        module = _MODULES.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{module}"), name)


__all__ = [
    "Answered",
    "Attempt",
    "BudgetSpent",
    "Hedging",
    "Key",
    "Limits",
    "Policy",
    "Price",
    "Priority",
    "SpendingLimits",
    "Stores",
    "Throttled",
    "Tripping",
    "Unanswered",
    "Upstream",
    "Usage",
    "Vendor",
    "cached",
    "classified",
    "first_of",
    "in_memory",
    "keys_from",
]

_MODULES: Final = {
    **dict.fromkeys(("Key", "Limits", "Priority", "keys_from"), "budgets"),
    **dict.fromkeys(("Policy", "cached"), "cache"),
    **dict.fromkeys(("Price", "Usage"), "costs"),
    **dict.fromkeys(("BudgetSpent", "Throttled", "Unanswered"), "errors"),
    **dict.fromkeys(("Answered", "first_of"), "fallback"),
    **dict.fromkeys(("Stores", "in_memory"), "stores"),
    **dict.fromkeys(("Hedging", "Vendor"), "vendor"),
    "Attempt": "attempt",
    "SpendingLimits": "spending",
    "Tripping": "breaker",
    "Upstream": "upstream",
    "classified": "classify",
}
