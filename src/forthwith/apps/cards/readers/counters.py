"""Metrics of who reads."""

from prometheus_client import Counter

readings = Counter("cards_readings_total", "Photos read, by who answered.", ("provider",))
fallbacks = Counter(
    "cards_reader_fallbacks_total",
    "Photos that a model was to read and could not, by why.",
    ("error",),
)
