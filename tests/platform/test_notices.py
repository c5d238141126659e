"""What one process tells the others: soon, together, and again where it could not."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from forthwith.platform import notices
from forthwith.platform.notices import Notices

Told = list[tuple[str, str]]


class Wire:
    """Takes notices; `errors` are raised first, and nothing is taken while it is not `free`."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.sent: list[Told] = []
        self.free = asyncio.Event()
        self.free.set()

    async def send(self, channels: Sequence[str], payloads: Sequence[str]) -> None:
        """What `Notices` sends with."""
        await self.free.wait()
        if self.errors:
            raise self.errors.pop()
        self.sent.append(list(zip(channels, payloads, strict=True)))


def _over(wire: Wire) -> Notices:
    return Notices(wire.send, (ConnectionError,))


async def test_what_comes_while_a_statement_is_under_way_goes_with_the_next_one() -> None:
    wire = Wire()
    notices = _over(wire)
    wire.free.clear()
    notices.tell("a", "1")
    await asyncio.sleep(0)
    for payload in ("2", "3", "2"):
        notices.tell("a", payload)
    wire.free.set()
    await notices.close()

    assert wire.sent == [[("a", "1")], [("a", "2"), ("a", "3")]]


async def test_what_could_not_be_told_is_told_again_in_its_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(notices, "_AGAIN_SECONDS", 0.0)
    wire = Wire(ConnectionResetError())
    telling = _over(wire)
    telling.tell("a", "1")
    telling.tell("a", "2")
    await telling.close()

    assert wire.sent == [[("a", "1"), ("a", "2")]]


async def test_what_the_database_refuses_keeps_nothing_else_from_being_told() -> None:
    wire = Wire(asyncpg.InvalidParameterValueError("payload string too long"))
    telling = _over(wire)
    telling.tell("a", "x" * 9000)
    await asyncio.sleep(0.01)
    telling.tell("a", "2")
    await telling.close()

    assert wire.sent == [[("a", "2")]]


async def test_closing_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "_CLOSING_SECONDS", 0.01)
    wire = Wire()
    wire.free.clear()
    telling = _over(wire)
    telling.tell("a", "1")
    await asyncio.wait_for(telling.close(), 5)

    assert wire.sent == []
