"""One statement for all runs that ask the ledger for the same thing at the same time.

A statement and its commit cost the worker and the database as much for one run as for ten.
Who asks while nothing is under way is asked for at once, so an idle worker answers as fast as
before; who asks meanwhile goes with the next statement.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine, Sequence
from typing import Any, Final, TypeAlias

import asyncpg

from forthwith.platform.db import FAILURES, Database
from forthwith.platform.jobs.statements import ArrayStatement

_AT_ONCE: Final = 2  # statements under way, so that a slow commit does not hold up the next
_MOST: Final = 50

Row: TypeAlias = "asyncpg.Record | None"
_Asked: TypeAlias = "tuple[tuple[object, ...], asyncio.Future[Row]]"


class Batched:
    """Asks a statement over arrays, one row of values and at most one row of answer for each."""

    def __init__(
        self, db: Database, statement: ArrayStatement, constants: Sequence[object] = ()
    ) -> None:
        self._db = db
        self._statement = statement
        self._constants = constants
        self._waiting: deque[_Asked] = deque()
        self._under_way = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, *values: object) -> Row:
        """The answer to these values; raises as the database does."""
        answer: asyncio.Future[Row] = asyncio.get_running_loop().create_future()
        self._waiting.append((values, answer))
        if self._under_way < _AT_ONCE:
            self._under_way += 1
            self._begin(self._serve())
        return await answer

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self) -> None:
        """Ask for all who wait until nobody does."""
        try:
            while self._waiting:
                taken = [self._waiting.popleft() for _ in range(min(_MOST, len(self._waiting)))]
                asked = [each for each in taken if not each[1].done()]  # but who has left
                for each in await self._together(asked):
                    self._begin(self._alone(each))
        finally:
            self._under_way -= 1

    async def _together(self, asked: list[_Asked]) -> list[_Asked]:
        """Answer them with one statement; those for whom it said nothing are left."""
        if not asked:
            return []
        try:
            rows = await self._fetch(self._statement.together, [values for values, _ in asked])
        except FAILURES as error:
            for _, answer in asked:
                _settle(answer, error)
            return []
        except Exception:  # noqa: BLE001 - of one of them, perhaps: each is asked for alone
            return asked
        answered = {row["number"] - 1: row for row in rows}
        for number, row in answered.items():
            _settle(asked[number][1], row)
        return [each for number, each in enumerate(asked) if number not in answered]

    async def _alone(self, asked: _Asked) -> None:
        values, answer = asked
        try:
            rows = await self._fetch(self._statement.alone, [values])
        except Exception as error:  # noqa: BLE001 - whoever asked gets it
            _settle(answer, error)
        else:
            _settle(answer, rows[0] if rows else None)

    async def _fetch(self, sql: str, asked: Sequence[tuple[object, ...]]) -> list[asyncpg.Record]:
        columns = map(list, zip(*asked, strict=True))
        return await self._db.fetch(sql, *columns, *self._constants)


def _settle(answer: "asyncio.Future[Row]", outcome: "Row | BaseException") -> None:
    """Answer whoever still waits."""
    if answer.done():
        return
    if isinstance(outcome, BaseException):
        answer.set_exception(outcome)
    else:
        answer.set_result(outcome)
