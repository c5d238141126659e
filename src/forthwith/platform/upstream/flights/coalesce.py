"""Leading a flight or waiting for its end, until the answer is there."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from forthwith.platform.upstream.flights.flight import Flight, Flights

R = TypeVar("R")

_AFTER_LEASE_SECONDS: Final = 0.02  # let the store see the end of the lease first


async def coalesced(
    flights: Flights,
    key: str,
    look: Callable[[], Awaitable[R | None]],
    call: Callable[[Flight], Awaitable[R]],
) -> R:
    """What `call` answers, made once by whichever process leads; the others find it by `look`.

    `call` lands its flight together with the answer. A leader that fails, leaves, dies or
    freezes is replaced: at once when it could still say so, else when its lease is over.
    Raises `FlightsAway`, and what `call` raises.
    """
    with flights.awaiting(key) as woken:
        while True:
            woken.clear()
            taken = await flights.take(key)
            if isinstance(taken, Flight):
                return await _lead(flights, taken, look, call)
            await _comes(woken, taken + _AFTER_LEASE_SECONDS)
            found = await look()
            if found is not None:
                return found


async def _lead(
    flights: Flights,
    flight: Flight,
    look: Callable[[], Awaitable[R | None]],
    call: Callable[[Flight], Awaitable[R]],
) -> R:
    """Look once more, since the answer may have landed just before the lease was taken."""
    try:
        found = await look()
        return await call(flight) if found is None else found
    finally:
        if not flight.has_landed:
            await _ended(flights, flight)


async def _ended(flights: Flights, flight: Flight) -> None:
    """Drop the lease, also when this task is cancelled meanwhile, which then takes its turn."""
    dropping = asyncio.ensure_future(flights.drop(flight))
    try:
        await asyncio.shield(dropping)
    except asyncio.CancelledError:
        await asyncio.wait({dropping})  # the loop reports its error, should it have one
        raise


async def _comes(woken: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(woken.wait(), seconds)
