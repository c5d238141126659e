"""Metrics of the budgets."""

from prometheus_client import Counter, Gauge, Histogram

waiting = Gauge("upstream_waiting_calls", "Calls in line for a vendor.", ("vendor",))
wait_seconds = Histogram(
    "upstream_wait_seconds",
    "In line until granted; calls that did not wait are not counted.",
    ("vendor",),
    buckets=(0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120),
)
turned_away = Counter(
    "upstream_turned_away_total",
    "Calls that got no budget: deadline, queue, quota or keys.",
    ("vendor", "reason"),
)
key_standings = Counter(
    "upstream_key_standings_total",
    "Times a key began to cool, ran out of quota, or was retired.",
    ("vendor", "key", "standing"),
)
store_failures = Counter(
    "upstream_budget_store_failures_total",
    "Times the shared store of budgets was away; in-process limits stood in.",
)
stood_in = Counter(
    "upstream_budget_stand_ins_total", "Calls granted or refused by in-process limits meanwhile."
)
