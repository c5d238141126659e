"""The one way out: cache, coalescing, budgets, key pool, breaker, cost ledger, for every call.

Declare a `Vendor`, open it as an `Upstream` over `Stores`, and `await upstream.call(...)`.
docs/howto/add-a-vendor.md shows how.
"""

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
