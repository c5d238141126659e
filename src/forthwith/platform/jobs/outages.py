"""Database errors that pass by themselves, and insisting until they have passed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import asyncpg
from sqlalchemy.exc import DBAPIError

from forthwith.platform import logging
from forthwith.platform.db import Database
from forthwith.platform.events import FAILURES

log = logging.get(__name__)
T = TypeVar("T")

_AGAIN_SECONDS: Final = 0.5
_PROBE_SECONDS: Final = 2.0
_PASSING: Final = (
    *FAILURES,
    asyncpg.exceptions.TransactionRollbackError,
    asyncpg.exceptions.LockNotAvailableError,
)


class Interrupted(Exception):
    """A statement of the platform itself failed because the database was away."""


def passes(error: BaseException) -> bool:
    """Whether a statement failed because the database was away or gave way to another."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(_driver_error(error), _PASSING)
    return isinstance(error, _PASSING)


async def was_outage(db: Database, error: BaseException) -> bool:
    """Whether the work failed because of the database.

    OSError and TimeoutError may come from anywhere: they are blamed on the database only
    when it does not answer now.
    """
    if isinstance(error, OSError | TimeoutError):
        return not await _answers(db)
    return isinstance(error, Interrupted) or passes(error)


async def insist(record: Callable[[], Awaitable[T]]) -> T:
    """Repeat a recording until the database takes it: the work behind it is done and paid."""
    while True:
        try:
            return await record()
        except Exception as error:
            if not passes(error):
                raise
            log.warning("outcome_not_recorded_yet", error=type(error).__name__)
        await asyncio.sleep(_AGAIN_SECONDS)


def _driver_error(error: DBAPIError) -> BaseException | None:
    """The error of asyncpg below the two layers of SQLAlchemy."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, _PASSING):
        cause = cause.__cause__
    return cause


async def _answers(db: Database) -> bool:
    try:
        await asyncio.wait_for(db.execute("select 1"), _PROBE_SECONDS)
    except FAILURES:
        return False
    return True
