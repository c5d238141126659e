from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.platform.jobs import Job, Retry, Run, Weight, job
from forthwith.platform.jobs.declare import by_name
from forthwith.platform.runtime import Runtime

RETRIES = st.builds(
    Retry,
    tries=st.integers(1, 100),
    first_seconds=st.floats(0, 1e6),
    factor=st.floats(1, 1e6),
    longest_seconds=st.floats(0, 1e6),
)


@given(RETRIES, st.integers(1, 10_000))
def test_a_wait_is_never_longer_than_the_longest_and_a_quarter(retry: Retry, tries: int) -> None:
    assert 0 <= retry.delay(tries) <= retry.longest_seconds * 1.25


@given(RETRIES, st.integers(1, 500))
def test_a_wait_lies_within_a_quarter_above_its_formula(retry: Retry, tries: int) -> None:
    try:
        formula = min(retry.first_seconds * retry.factor ** (tries - 1), retry.longest_seconds)
    except OverflowError:
        formula = retry.longest_seconds

    assert formula <= retry.delay(tries) <= formula * 1.25


def test_a_factor_of_one_is_a_fixed_wait() -> None:
    retry = Retry(first_seconds=5, factor=1)

    assert all(5 <= retry.delay(tries) <= 6.25 for tries in range(1, 20))


@pytest.mark.parametrize("wrong", [{"tries": 0}, {"factor": 0.5}, {"first_seconds": -1}])
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="retries never"):
        Retry(**wrong)  # type: ignore[arg-type]


def _job(name: str, queue: str | None = None, cap: int = 0, weight: Weight = Weight.LOW) -> Job:
    @job(name, queue=queue, cap=cap, weight=weight)
    async def function(_: Run, __: Runtime, *, card: UUID, size: int = 3) -> None: ...

    return function


def test_stored_arguments_become_the_types_of_the_function() -> None:
    card = uuid4()

    assert _job("test.args").parse({"card": str(card)}) == {"card": card, "size": 3}


@pytest.mark.parametrize("args", [{}, {"card": "no uuid"}, {"card": str(uuid4()), "more": 1}])
def test_arguments_that_do_not_fit_are_refused(args: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        _job("test.args").parse(args)


def test_the_queue_is_the_name_unless_it_is_given() -> None:
    assert (_job("a.b").queue, _job("a.b", queue="slow").queue) == ("a.b", "slow")
    assert _job("a.b").app == "a"


def test_two_jobs_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="the same name"):
        by_name([_job("a.b"), _job("a.b")])


@pytest.mark.parametrize("other", [{"cap": 2}, {"weight": Weight.CRITICAL}])
def test_two_opinions_on_one_queue_are_refused(other: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="differ in cap or weight"):
        by_name([_job("a.b", "q"), _job("a.c", "q", **other)])  # type: ignore[arg-type]
