"""Plain async functions keep their answers."""

import pytest

from forthwith.platform.upstream.cache import Cache, Memory, cached, used

calls: list[tuple[str, int]] = []


@cached(ttl=60, namespace="decorated", tags=("shop:{shop}",))
async def price(shop: str, item: int = 1) -> int:
    """A price."""
    calls.append((shop, item))
    return -len(calls)


@pytest.fixture
def cache() -> Cache:
    calls.clear()
    return Cache(Memory(1_000_000))


async def test_equal_arguments_are_one_call_however_they_are_passed(cache: Cache) -> None:
    with used(cache):
        answers = [await price("a"), await price("a", 1), await price(item=1, shop="a")]

    assert answers == [-1, -1, -1]


async def test_other_arguments_are_another_call(cache: Cache) -> None:
    with used(cache):
        assert [await price("a"), await price("b"), await price("a", 2)] == [-1, -2, -3]


async def test_arguments_that_python_holds_equal_are_told_apart(cache: Cache) -> None:
    with used(cache):
        assert [await price("a", each) for each in (1, True, 1, True)] == [-1, -2, -1, -2]


async def test_more_calls_than_are_remembered_are_found_again(cache: Cache) -> None:
    with used(cache):
        answers = [[await price("a", item) for item in range(1_100)] for _ in "ab"]

    assert answers[0] == answers[1]


async def test_a_call_with_wrong_arguments_fails_as_without_a_cache(cache: Cache) -> None:
    with used(cache), pytest.raises(TypeError, match="too many"):
        await price("a", 1, 2)  # type: ignore[call-arg]


async def test_a_tag_names_an_argument(cache: Cache) -> None:
    with used(cache):
        await price("a")
        await price("b")
        await cache.invalidate(tag="shop:a")
        await price("a")
        await price("b")

    assert calls == [("a", 1), ("b", 1), ("a", 1)]


async def test_without_a_cache_in_use_the_function_is_called(cache: Cache) -> None:
    assert [await price("a"), await price("a")] == [-1, -2]
