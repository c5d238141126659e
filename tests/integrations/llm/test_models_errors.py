"""What pydantic-ai's exceptions become."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic_ai import exceptions as told

from forthwith.integrations.llm.errors import GOOGLE_DAY, classify, next_midnight
from forthwith.platform import clock
from forthwith.platform.errors import Exhausted, KeyRejected, NotFound, Refused, Transient
from forthwith.platform.upstream import Throttled, Unanswered

ECHO = {"error": {"message": "the photo of Ada Lovelace"}}


def _http(kind: type[told.ModelAPIError] | None, status: int, **more: object) -> Exception:
    return told.ModelHTTPError.for_category(  # type: ignore[arg-type] - any category
        kind, status_code=status, model_name="m", body=ECHO, **more
    )


@pytest.mark.parametrize(
    ("error", "means"),
    [
        (_http(told.ModelRateLimitError, 429, retry_after=7.0), Throttled),
        (_http(told.ModelRateLimitError, 429, retry_after=4_000.0), Exhausted),
        (_http(told.ModelQuotaExceededError, 429), Exhausted),
        (_http(told.ModelAuthenticationError, 401), KeyRejected),
        (_http(told.ModelNotFoundError, 404), Refused),
        (_http(told.ModelContextWindowExceededError, 400), Refused),
        (_http(told.ModelOverloadedError, 503), Transient),
        (_http(told.ModelServerError, 500), Transient),
        (_http(None, 408), Transient),
        (told.ModelTimeoutError("m", "slow", phase="read"), Unanswered),
        (told.ModelConnectionError("m", "refused", phase="connect"), Transient),
        (told.UnexpectedModelBehavior("no JSON"), Unanswered),
        (told.ModelAPIError("m", "Failed to decode response as JSON"), Unanswered),
        (TimeoutError(), Unanswered),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_each_kind_has_one_meaning_and_repeats_nothing_of_a_body(
    error: Exception, means: type[Exception]
) -> None:
    found = classify("gemini", error)

    assert type(found) is means
    assert "Ada" not in str(found)


def test_the_wait_that_a_vendor_tells_is_kept() -> None:
    found = classify("gemini", _http(told.ModelRateLimitError, 429, retry_after=7.0))

    assert isinstance(found, Throttled)
    assert found.retry_after == 7.0


def test_errors_of_our_own_are_not_the_vendors() -> None:
    assert classify("gemini", NotFound("There is no card.")) is None


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 7, 1, 6, 30, tzinfo=UTC), 0.5),
        (datetime(2026, 7, 1, 7, 30, tzinfo=UTC), 23.5),
        (datetime(2026, 12, 1, 7, 30, tzinfo=UTC), 0.5),
        (datetime(2026, 3, 8, 8, 30, tzinfo=UTC), 22.5),  # clocks go forward
    ],
    ids=["summer, before", "summer, after", "winter", "the short day"],
)
def test_a_day_of_gemini_ends_at_midnight_in_california(
    now: datetime, hours: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)
    ends = next_midnight(GOOGLE_DAY)

    assert ends.astimezone(UTC) - now == timedelta(hours=hours)
    assert ends.tzinfo == ZoneInfo("America/Los_Angeles")
