"""What answers and exceptions of vendors mean."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import httpx
import msgspec
import pytest

from forthwith.platform import clock
from forthwith.platform.errors import (
    Exhausted,
    KeyRejected,
    LeaseLost,
    Refused,
    Transient,
    UpstreamError,
)
from forthwith.platform.upstream import Attempt, Throttled, Unanswered, classified
from forthwith.platform.upstream.budgets import Dimension
from forthwith.platform.upstream.classify import PAUSE_SECONDS, error_of
from forthwith.platform.upstream.rate_headers import Left, left_of, retry_after

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (401, KeyRejected),
        (402, Exhausted),
        (403, KeyRejected),
        (404, Refused),
        (408, Transient),
        (422, Refused),
        (425, Transient),
        (429, Throttled),
        (500, Transient),
        (503, Transient),
        (529, Transient),
    ],
)
def test_a_status_means_one_error(status: int, kind: type[UpstreamError]) -> None:
    assert type(error_of("v", status, {})) is kind


@pytest.mark.parametrize("status", [200, 204, 302])
def test_an_answer_is_no_error(status: int) -> None:
    assert error_of("v", status, {}) is None


def test_a_429_without_a_time_pauses_the_key_a_little() -> None:
    error = error_of("v", 429, {})

    assert isinstance(error, Throttled)
    assert error.retry_after == PAUSE_SECONDS


def test_a_429_for_more_than_an_hour_is_about_the_day() -> None:
    error = error_of("v", 429, {"retry-after": "7200"})

    assert isinstance(error, Exhausted)
    assert error.resets_at == NOON + timedelta(hours=2)


def test_a_429_that_asks_for_no_wait_waits_a_little_all_the_same() -> None:
    error = error_of("v", 429, {"retry-after": "0"})

    assert isinstance(error, Throttled)
    assert error.retry_after is not None
    assert error.retry_after > 0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:30 GMT"}, 0),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "-3"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        (
            {"x-ratelimit-remaining-tokens": "90", "x-ratelimit-reset-tokens": "6m0s"},
            Left(Dimension.TOKENS, 90, 360),
        ),
        (
            {"x-ratelimit-remaining-requests": "9", "x-ratelimit-reset-requests": "120ms"},
            Left(Dimension.REQUESTS, 9, 0.12),
        ),
        (
            {"x-ratelimit-remaining-requests": "9", "x-ratelimit-reset-requests": "1d2h3m4.5s"},
            Left(Dimension.REQUESTS, 9, 93_784.5),
        ),
        (
            {
                "anthropic-ratelimit-requests-remaining": "4",
                "anthropic-ratelimit-requests-reset": "2026-11-22T12:01:00Z",
            },
            Left(Dimension.REQUESTS, 4, 60),
        ),
        (
            {"ratelimit-remaining": "0", "ratelimit-reset": "30"},
            Left(Dimension.REQUESTS, 0, 30),
        ),
        (
            {
                "x-ratelimit-remaining": "5",
                "x-ratelimit-reset": str((NOON + timedelta(seconds=90)).timestamp()),
            },
            Left(Dimension.REQUESTS, 5, 90),
        ),
    ],
)
def test_rate_limit_headers_are_read_as_vendors_write_them(
    headers: dict[str, str], left: Left
) -> None:
    (read,) = left_of(headers)

    assert read == pytest.approx(left)


@pytest.mark.parametrize(
    "headers",
    [
        {"ratelimit-remaining": "5"},
        {"ratelimit-remaining": "many", "ratelimit-reset": "30"},
        {"ratelimit-remaining": "5", "ratelimit-reset": "tomorrow"},
        {"ratelimit-remaining": "5", "ratelimit-reset": ""},
    ],
)
def test_headers_that_cannot_be_read_tell_nothing(headers: dict[str, str]) -> None:
    assert list(left_of(headers)) == []


def _status_error(status: int, **headers: str) -> httpx.HTTPStatusError:
    request = httpx.Request("POST", "http://vendor")
    response = httpx.Response(status, headers=headers, request=request)
    return httpx.HTTPStatusError("no", request=request, response=response)


def test_an_error_of_httpx_means_what_its_answer_means() -> None:
    error = classified("v", _status_error(429, **{"Retry-After": "9"}))

    assert isinstance(error, Throttled)
    assert error.retry_after == 9


class SdkError(Exception):
    """As SDKs have it: the status under one of several names."""

    def __init__(self, **members: object) -> None:
        super().__init__("no")
        self.__dict__.update(members)


@pytest.mark.parametrize(
    "members",
    [
        {"status_code": 401},
        {"status": 401},
        {"code": 401},
        {"response": SimpleNamespace(status_code=401, headers={"A": "b"})},
    ],
)
def test_an_sdks_error_is_known_by_its_status(members: dict[str, object]) -> None:
    assert isinstance(classified("v", SdkError(**members)), KeyRejected)


def test_the_headers_of_an_sdks_error_are_read() -> None:
    error = classified("v", SdkError(status=503, headers={"Retry-After": "4"}))

    assert isinstance(error, Transient)
    assert error.retry_after == 4


def test_what_an_sdk_wraps_is_found() -> None:
    error = SdkError()
    error.__cause__ = httpx.ReadTimeout("slow")

    assert isinstance(classified("v", error), Unanswered)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("refused"), Transient),
        (httpx.ConnectTimeout("slow"), Transient),
        (httpx.PoolTimeout("busy"), Transient),
        (ConnectionRefusedError(), Transient),
        (httpx.ReadTimeout("slow"), Unanswered),
        (httpx.RemoteProtocolError("cut"), Unanswered),
        (TimeoutError(), Unanswered),
        (ConnectionResetError(), Unanswered),
        (msgspec.DecodeError("no JSON"), Unanswered),
        (msgspec.ValidationError("another shape"), Unanswered),
    ],
)
def test_a_missing_answer_says_whether_it_may_have_been_paid(
    error: Exception, kind: type[UpstreamError]
) -> None:
    assert type(classified("v", error)) is kind


def test_an_unreadable_answer_of_httpx_is_the_vendors_failure() -> None:
    with pytest.raises(ValueError, match="Expecting") as unreadable:
        httpx.Response(200, text="<html>").json()

    assert isinstance(classified("v", unreadable.value), Unanswered)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("ours"),
        KeyError("ours"),
        LeaseLost("ours"),
        FileNotFoundError(2, "ours", "photo.jpg"),
        httpx.UnsupportedProtocol("ours"),
        SdkError(status="odd", code=None),
    ],
)
def test_what_is_not_the_vendors_doing_is_nobodys_error(error: Exception) -> None:
    assert classified("v", error) is None


def test_an_error_of_the_tree_stays_itself() -> None:
    error = Refused("no")

    assert classified("v", error) is error


def test_a_refusal_is_told_in_one_short_line_without_the_key() -> None:
    attempt = Attempt("v", "key-1", "s3cret", seconds=1.0, connect_seconds=1.0)
    response = httpx.Response(400, text="wrong key: s3cret\n" + "x" * 500)
    with pytest.raises(Refused) as refused:
        attempt.check(response)

    assert "s3cret" not in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 250


def test_an_attempt_never_shows_its_key() -> None:
    assert "s3cret" not in repr(Attempt("v", "key-1", "s3cret", seconds=1.0, connect_seconds=1.0))
