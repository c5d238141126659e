import math

from benchmarks import cache, hit_ratio, venvs
from benchmarks.hit_ratio import Ratios


def test_ratios_to_lru_are_of_the_same_stream() -> None:
    found = Ratios({"ours, a": 0.6, "LRU, a": 0.5, "ours, b": 0.2, "LRU, b": 0.4})

    assert [round(each, 3) for each in found.to_lru] == [1.2, 0.5]


def test_a_round_without_a_figure_has_no_median() -> None:
    """An update that was never seen has no time."""
    assert math.isnan(cache._median([{"p50": 1.0}, {"p50": None}], "p50"))


def test_other_caches_are_compared_by_their_ratios_to_a_dict() -> None:
    """Each process has a dict of its own, so that a busier moment is no one's fault."""
    found = {"cashews get": [{"ratio": 30.0}, {"ratio": 50.0}]}

    assert cache._over(found, "cashews get", 2.0) == 20.0


def test_a_peer_is_named_with_the_version_that_its_lock_pins() -> None:
    assert venvs.version_of("cashews", "cache").startswith("cashews 7.")


def test_the_stream_of_the_hit_ratio_is_the_same_each_time() -> None:
    assert list(hit_ratio._stream(0.2))[:50] == list(hit_ratio._stream(0.2))[:50]
