"""The cache: memory bounded in bytes, shared tiers, one load per value, coherent copies.

The tier in Redis is imported from its own module, so that a process without Redis does not
load the client.
"""

from forthwith.platform.upstream.cache.cache import MISSING, Cache, Missing
from forthwith.platform.upstream.cache.decorator import cached, used
from forthwith.platform.upstream.cache.durable import DurableTier
from forthwith.platform.upstream.cache.memory import Memory
from forthwith.platform.upstream.cache.policy import Policy
from forthwith.platform.upstream.cache.tiers import SharedTier

__all__ = [
    "MISSING",
    "Cache",
    "DurableTier",
    "Memory",
    "Missing",
    "Policy",
    "SharedTier",
    "cached",
    "used",
]
