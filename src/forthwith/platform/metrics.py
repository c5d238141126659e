"""Prometheus metrics of one process; names as docs/metrics.md lists them."""

from typing import Final

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

_SECONDS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)

http_requests = Counter("http_requests_total", "Answered requests.", ("method", "route", "status"))
http_seconds = Histogram(
    "http_request_duration_seconds",
    "From the first byte in to the last byte out.",
    ("method", "route"),
    buckets=_SECONDS,
)
runs = Counter("runs_total", "Runs that reached a state.", ("app", "name", "state"))
run_seconds = Histogram(
    "run_duration_seconds", "From start to outcome.", ("app", "name"), buckets=_SECONDS
)
run_wait_seconds = Histogram(
    "run_wait_seconds", "From due to started.", ("app", "name"), buckets=_SECONDS
)
takeovers = Counter("runs_taken_over_total", "Runs taken from a dead or frozen worker.", ("name",))
leases_lost = Counter("run_leases_lost_total", "Runs that this worker had to drop.", ("name",))
queue_waiting = Gauge("queue_waiting_jobs", "Runs that are due and not started.", ("queue",))
ocr_requests = Counter("ocr_requests_total", "Pictures given to the local reader.", ("kind",))
ocr_errors = Counter("ocr_errors_total", "Pictures the local reader failed on.", ("kind",))
ocr_seconds = Histogram(
    "ocr_latency_seconds", "Seconds per picture, queueing included.", ("kind",), buckets=_SECONDS
)
notifications = Counter(
    "notifications_total", "Messages that reached a state.", ("channel", "state")
)
inbox_events = Counter(
    "inbox_events_total",
    "Events of vendors, by what became of them.",
    ("channel", "kind", "outcome"),
)
answers = Counter("answers_total", "Messages to people, by how they went.", ("channel", "outcome"))
sse_streams = Gauge("sse_open_streams", "Event streams open to browsers.")


def exposition() -> tuple[bytes, str]:
    """All metrics as text, and its content type."""
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
