"""Following orders live: a guest one order, a counter all of its shop's."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from datetime import timedelta
from typing import Final
from uuid import UUID

from forthwith.apps.orders import queries, service, views
from forthwith.apps.orders.errors import OrderNotFound
from forthwith.apps.orders.queries import OrderRow, Wanted
from forthwith.platform import clock
from forthwith.platform.db import is_away
from forthwith.platform.http import ServerSentEvent
from forthwith.platform.jobs import ENDED
from forthwith.platform.runtime import Runtime

LONGEST_WAIT_SECONDS: Final = 30
_BELLS: Final = "orders.bells"
_LOOK_AGAIN_SECONDS: Final = 10.0
"""Counters look this often also without a bell: a run may be cancelled elsewhere."""
_SHIFT: Final = timedelta(hours=18)
_MOST_SHOWN: Final = 200


async def follow(runtime: Runtime, row: OrderRow) -> AsyncIterator[ServerSentEvent | None]:
    """The order's status now and at each change, until it has ended or was deleted.

    None is a quiet while. What changed before is not told again: a status is complete.
    """
    while True:
        yield ServerSentEvent(row.seq, "status", views.status(runtime.codec, row))
        if views.state_of(row) not in views.WORKED_ON:
            return
        async with aclosing(_quiet_until_changed(runtime, row)) as quiet:
            async for _ in quiet:
                yield None
        try:
            row = await queries.find(runtime.db, row.id)
        except OrderNotFound:
            return


async def changed(runtime: Runtime, row: OrderRow, seconds: float) -> OrderRow:
    """The order as it is after its next change, or after so many seconds."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds), aclosing(_quiet_until_changed(runtime, row)) as quiet:
            async for _ in quiet:
                pass
    return await queries.find(runtime.db, row.id)


async def _quiet_until_changed(runtime: Runtime, row: OrderRow) -> AsyncGenerator[None]:
    """A quiet while, again and again, until the order's run has told something new."""
    events = runtime.feed.follow(row.run, row.seq, until=ENDED)
    try:
        async for event in events:
            if event is not None:
                return
            yield None
    finally:
        await events.aclose()  # type: ignore[attr-defined]  # an async generator


async def counter(
    runtime: Runtime, owner: UUID, shop: UUID
) -> AsyncIterator[ServerSentEvent | None]:
    """The shop's open orders of this shift, then each one that is new or has changed."""
    bells = runtime.upstreams.client(_BELLS, Bells)
    await bells.listen(runtime)
    told: dict[UUID, str] = {}
    number = 0
    with bells.heard(owner) as rung:
        while True:
            rung.clear()
            news = [row for row in await _of_shift(runtime, owner, shop) if _is_news(row, told)]
            for row in reversed(news):
                number += 1
                told[row.id] = views.tag(row)
                yield ServerSentEvent(number, "order", views.counter_order(runtime.codec, row))
            if not news:
                yield None
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(rung.wait(), _LOOK_AGAIN_SECONDS)


async def _of_shift(runtime: Runtime, owner: UUID, shop: UUID) -> list[OrderRow]:
    wanted = Wanted(limit=_MOST_SHOWN, since=clock.now() - _SHIFT, shop=shop)
    try:
        return await queries.listed(runtime.db, owner, wanted)
    except Exception as error:
        if is_away(error):  # the next look finds what has changed
            return []
        raise


def _is_news(row: OrderRow, told: dict[UUID, str]) -> bool:
    """Whether the counter does not know this; what was over before it looked is of no interest."""
    if row.id not in told:
        return row.done_at is None
    return told[row.id] != views.tag(row)


class Bells:
    """Wakes the counters of this process when an order of their owner changes."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._is_listening = False

    async def listen(self, runtime: Runtime) -> None:
        """Hear the bells of all processes from now on."""
        if not self._is_listening:
            self._is_listening = True
            await runtime.listener.listen(service.BELL, self._ring, self._ring_all)

    @contextlib.contextmanager
    def heard(self, owner: UUID) -> Iterator[asyncio.Event]:
        """An event that each bell of the owner sets."""
        rung = asyncio.Event()
        self._waiting[str(owner)].add(rung)
        try:
            yield rung
        finally:
            self._waiting[str(owner)].discard(rung)
            if not self._waiting[str(owner)]:
                del self._waiting[str(owner)]

    async def close(self) -> None:
        """Nothing is held open: the listener is the process's own."""

    def _ring(self, owner: str) -> None:
        for rung in self._waiting.get(owner, ()):
            rung.set()

    def _ring_all(self) -> None:
        for owner in list(self._waiting):
            self._ring(owner)
