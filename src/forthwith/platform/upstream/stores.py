"""What the calls of a process share: cache, budgets, ledger. Handed in, never global."""

from dataclasses import dataclass, field

from forthwith.platform.crypto import Codec
from forthwith.platform.upstream.budgets import BudgetStore, MemoryStore
from forthwith.platform.upstream.cache import Cache, Memory
from forthwith.platform.upstream.costs import CostLedger, MemoryLedger
from forthwith.platform.upstream.spending import Spending, SpendingLimits

MEMORY_BYTES = 64_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDefaults:
    """What holds for calls to a vendor, and for kinds of kept answers, that say nothing else."""

    connect_seconds: float = 30.0
    timeout_seconds: float = 60.0
    kept_seconds: float = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Where things are kept. A codec lets personal values leave the process, sealed."""

    cache: Cache
    budgets: BudgetStore
    ledger: CostLedger
    spending: Spending
    codec: Codec | None = None
    defaults: CallDefaults = field(default_factory=CallDefaults)


def in_memory(spending: SpendingLimits | None = None, *, cache_bytes: int = MEMORY_BYTES) -> Stores:
    """Stores of this process alone: no database, no Redis, nothing kept when it ends."""
    budgets = MemoryStore()
    return Stores(
        cache=Cache(Memory(cache_bytes)),
        budgets=budgets,
        ledger=MemoryLedger(),
        spending=Spending(spending or SpendingLimits(), budgets),
    )
