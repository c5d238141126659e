"""Budgets: limits kept in order of arrival, keys with standings, stores that a fleet shares.

The shared stores are imported from their own modules (`redis_store`, `postgres_store`,
`stand_in`), so that a process without them does not load their drivers.
"""

from forthwith.platform.upstream.budgets.accounts import Standing
from forthwith.platform.upstream.budgets.keys import Key, KeyLease, KeyPool, KeyStatus, keys_from
from forthwith.platform.upstream.budgets.lease import Lease
from forthwith.platform.upstream.budgets.limiter import Limiter
from forthwith.platform.upstream.budgets.limits import Limits
from forthwith.platform.upstream.budgets.line import Priority
from forthwith.platform.upstream.budgets.parts import Cost, Dimension
from forthwith.platform.upstream.budgets.store import BudgetStore, MemoryStore

__all__ = [
    "BudgetStore",
    "Cost",
    "Dimension",
    "Key",
    "KeyLease",
    "KeyPool",
    "KeyStatus",
    "Lease",
    "Limiter",
    "Limits",
    "MemoryStore",
    "Priority",
    "Standing",
    "keys_from",
]
