"""Slowing down who guesses: per account and per address, counted in PostgreSQL.

An attempt is counted before it is judged, so that a thousand at once are a thousand. Beyond
the free ones each attempt locks for twice as long as the one before; success takes its own
count back. What is counted is what was typed, whether or not there is such an account, so
that a lock tells nothing. Keys are blind indexes.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from forthwith.platform import logging
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.errors import TooMany

log = logging.get(__name__)

_CHARGE: Final = """
insert into platform.attempts as a (key, count, until, changed_at) values ($1, 1, now(), now())
on conflict (key) do update set (count, until, changed_at) = (
  select n, now() + case when n < $2 then interval '0' else
    least($4::interval, $3::interval * power(2, least(n - $2, 20))) end, now()
  from (select case when a.changed_at < now() - $5::interval then 1 else a.count + 1 end) as t(n)
)
where a.until <= now()
returning count
"""
"""Twenty doublings keep the power of two inside an interval; the longest lock comes long before."""
_LOCKED: Final = """
select extract(epoch from until - now())::float8 as seconds from platform.attempts where key = $1
"""
_TAKE_BACK: Final = """
update platform.attempts set count = greatest(count - 1, 0), until = now() where key = $1
"""
_FORGET: Final = "delete from platform.attempts where key = $1"
_FORGET_OLD: Final = "delete from platform.attempts where changed_at < now() - $1::interval"


@dataclass(frozen=True, slots=True)
class Rule:
    """How many attempts are free, and how long the first and the longest locks last.

    `forgotten_seconds` without any attempt begin the count anew. `kind` is in every key.
    """

    kind: str
    free: int
    first_seconds: float
    longest_seconds: float
    forgotten_seconds: float


PER_ACCOUNT: Final = Rule("sign-in account", 5, 30, 15 * 60, 6 * 3600)
"""The longest lock is short: whoever knows an address must not shut its holder out for long."""
PER_ADDRESS: Final = Rule("sign-in address", 30, 60, 3600, 24 * 3600)
MAILS_PER_ACCOUNT: Final = Rule("mail account", 3, 10 * 60, 3600, 24 * 3600)
MAILS_PER_ADDRESS: Final = Rule("mail address", 20, 60, 3600, 24 * 3600)
_KEPT: Final = timedelta(days=2)


class Throttle:
    """Counts attempts in the database that all processes share."""

    def __init__(self, db: Database, codec: Codec) -> None:
        self._db = db
        self._codec = codec

    async def charge(self, *counted: tuple[Rule, str]) -> bool:
        """Count one attempt of each subject, in this order; stop at the first that is locked.

        The wider one comes first: an address that is locked must not lock accounts on and on.
        True when this attempt, unless taken back, locks what comes next. Raises `TooMany` with
        the time that is left.
        """
        locks = False
        for rule, subject in counted:
            key = self._key(rule, subject)
            durations = (rule.first_seconds, rule.longest_seconds, rule.forgotten_seconds)
            intervals = [timedelta(seconds=seconds) for seconds in durations]
            row = await self._db.fetchrow(_CHARGE, key, rule.free, *intervals)
            if row is None:
                await self._refuse(rule, key)
            else:
                locks |= row["count"] >= rule.free
        return locks

    async def take_back(self, rule: Rule, subject: str) -> None:
        """The attempt succeeded: it does not count, and those before it still do."""
        await self._db.execute(_TAKE_BACK, self._key(rule, subject))

    async def forget(self, rule: Rule, subject: str) -> None:
        """The subject has proved itself: nothing counts any more."""
        await self._db.execute(_FORGET, self._key(rule, subject))

    async def _refuse(self, rule: Rule, key: bytes) -> None:
        row = await self._db.fetchrow(_LOCKED, key)
        seconds = 1.0 if row is None else max(1.0, row["seconds"])
        log.warning("attempts_locked", kind=rule.kind, seconds=round(seconds))
        raise TooMany("Too many attempts; wait before the next one.", retry_after=seconds)

    def _key(self, rule: Rule, subject: str) -> bytes:
        return self._codec.blind_index(subject, f"attempts|{rule.kind}")


async def forget_old(db: Database) -> None:
    """Drop the counts that no rule looks at any more."""
    await db.execute(_FORGET_OLD, _KEPT)
