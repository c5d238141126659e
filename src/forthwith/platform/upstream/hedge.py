"""A second call beside one that takes too long: the first answer wins."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from forthwith.platform.upstream.lasting import Lasting
from forthwith.platform.upstream.sending import Sending

T = TypeVar("T")


async def hedged(
    first: Sending[T],
    second: Callable[[], Awaitable[Sending[T] | None]],
    after_seconds: float,
    lasting: Lasting,
) -> T:
    """The answer that comes first; the other call is cut off. Raises when both fail.

    `second` gives the other call, or None when there is no room for one now.
    """
    calls = {lasting.begin(first.run()): first}
    try:
        await asyncio.wait(calls, timeout=after_seconds)
        if not any(task.done() for task in calls) and (other := await second()) is not None:
            calls[lasting.begin(other.run())] = other
        answer = await _first_answer(set(calls))
    except BaseException:
        _cut_off(calls, are_beaten=False)
        raise
    _cut_off(calls, are_beaten=True)
    return answer


async def _first_answer(waiting: "set[asyncio.Task[T]]") -> T:
    errors: list[BaseException] = []
    while waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            error = task.exception()
            if error is None:
                return task.result()
            errors.append(error)
    raise errors[0]


def _cut_off(calls: "dict[asyncio.Task[T], Sending[T]]", *, are_beaten: bool) -> None:
    for task, call in calls.items():
        if not task.done():
            call.is_beaten = are_beaten
            task.cancel()
