"""Metrics of the calls themselves."""

from prometheus_client import Counter, Histogram

calls = Counter("upstream_calls_total", "Calls that were sent.", ("vendor", "operation", "outcome"))
call_seconds = Histogram(
    "upstream_call_seconds",
    "From sent to answered.",
    ("vendor", "operation"),
    buckets=(0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120),
)
spent = Counter(
    "upstream_spent_micros_total", "Money in millionths.", ("vendor", "operation", "currency")
)
saved_calls = Counter(
    "upstream_saved_calls_total",
    "Calls that a cache or coalescing saved.",
    ("vendor", "operation", "source"),
)
hedged = Counter("upstream_hedged_total", "Second calls beside slow ones.", ("vendor", "operation"))
budgets_spent = Counter(
    "upstream_budgets_spent_total", "Calls that a spent budget of money refused.", ("app", "whose")
)
fallbacks = Counter(
    "upstream_fallbacks_total", "Calls that went on to the next provider.", ("provider", "error")
)
