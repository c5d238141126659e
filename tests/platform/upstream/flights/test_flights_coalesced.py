"""A flight ends with its leader, whatever befalls either of them."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest

from forthwith.platform import ids
from forthwith.platform.upstream.flights import Flight
from forthwith.platform.upstream.flights.coalesce import coalesced


class Leases:
    """A store of one process; `error` is what dropping a lease stumbles over."""

    def __init__(self, error: Exception | None = None) -> None:
        self.dropped: list[str] = []
        self._error = error

    async def take(self, key: str) -> Flight | float:
        """Always the lease."""
        return Flight(key, ids.new())

    async def drop(self, flight: Flight) -> None:
        """Slowly, as over a network."""
        await asyncio.sleep(0.01)
        if self._error is not None:
            raise self._error
        self.dropped.append(flight.key)

    def landed(self, flight: Flight) -> None:
        """Nothing to renew."""

    @contextlib.contextmanager
    def awaiting(self, key: str) -> Iterator[asyncio.Event]:
        """Nobody else ends a flight."""
        yield asyncio.Event()


async def _nothing() -> None:
    return None


async def _for_ever(_: Flight) -> NoReturn:
    await asyncio.Event().wait()
    raise AssertionError


async def _cancelled(leases: Leases, times: int = 1) -> BaseException | None:
    leading = asyncio.ensure_future(coalesced(leases, "k", _nothing, _for_ever))
    for _ in range(times):
        await asyncio.sleep(0.002)
        leading.cancel()
    await asyncio.wait({leading})
    return None if leading.cancelled() else leading.exception()


@pytest.mark.parametrize("times", [1, 2])
async def test_a_cancelled_leader_ends_its_flight_first(times: int) -> None:
    leases = Leases()

    assert await _cancelled(leases, times) is None
    assert leases.dropped == ["k"]


async def test_what_goes_wrong_while_a_leader_is_cancelled_again_is_reported() -> None:
    """The cancellation goes on; the error is not lost, since the loop's handler gets it."""
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, about: told.append(about))

    assert await _cancelled(Leases(ZeroDivisionError("a mistake")), times=2) is None
    assert [type(each["exception"]) for each in told] == [ZeroDivisionError]


async def test_what_goes_wrong_while_a_leader_lands_is_raised() -> None:
    async def answer(_: Flight) -> int:
        return 1

    with pytest.raises(ZeroDivisionError):
        await coalesced(Leases(ZeroDivisionError("a mistake")), "k", _nothing, answer)
