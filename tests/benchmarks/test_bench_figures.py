import math

from benchmarks.figures import COLUMNS, Latencies, pooled, spread


def _latencies(*milliseconds: float, failed: int = 0) -> Latencies:
    return Latencies([each / 1000 for each in milliseconds], failed, 2.0)


def test_percentiles_are_latencies_that_were_measured() -> None:
    """Nearest rank: no value between two answers is made up."""
    hundred = _latencies(*range(1, 101))

    assert [round(hundred.percentile(p)) for p in (50, 95, 99, 100)] == [50, 95, 99, 100]
    assert round(_latencies(7.0).percentile(50)) == 7


def test_mean_and_rate_are_of_the_answers() -> None:
    latencies = _latencies(1.0, 3.0, failed=5)

    assert math.isclose(latencies.mean, 2.0)
    assert latencies.rate == 1.0


def test_nothing_answered_is_no_number() -> None:
    nothing = _latencies(failed=3)

    assert math.isnan(nothing.mean)
    assert math.isnan(nothing.percentile(95))


def test_rounds_are_pooled_before_percentiles_are_taken() -> None:
    together = pooled([_latencies(1.0, 1.0), _latencies(9.0, failed=1)])

    assert len(together.seconds) == 3
    assert (together.failed, together.elapsed_seconds) == (1, 4.0)


def test_a_row_has_a_cell_for_every_column() -> None:
    assert len(_latencies(1.0).row()) == len(COLUMNS)


def test_a_spread_is_the_median_and_the_range() -> None:
    assert spread([3.0, 1.0, 2.0]) == "2.00 (1.00-3.00)"
    assert spread([]) == "-"
