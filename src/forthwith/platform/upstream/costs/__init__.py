"""What calls to vendors cost, to the millionth, and what was saved."""

from forthwith.platform.upstream.costs.charge import (
    FREE,
    ONE_CALL,
    Charge,
    Outcome,
    Price,
    Source,
    Usage,
    present_app,
    present_owner,
)
from forthwith.platform.upstream.costs.ledger import CostLedger, DatabaseLedger, MemoryLedger

__all__ = [
    "FREE",
    "ONE_CALL",
    "Charge",
    "CostLedger",
    "DatabaseLedger",
    "MemoryLedger",
    "Outcome",
    "Price",
    "Source",
    "Usage",
    "present_app",
    "present_owner",
]
