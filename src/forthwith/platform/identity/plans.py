"""Plans: how many requests a minute an account may send, and how much of each app it may use.

An application says `await plans.use(session, owner, "photos")` in the transaction that does the
work: what is rolled back was not used. Operators run the machine and are not limited.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select, text

from forthwith.platform import clock
from forthwith.platform.db import ReadSession, Session
from forthwith.platform.errors import TooMany
from forthwith.platform.identity.keys import OPERATOR
from forthwith.platform.identity.models import Account

BASIC: Final = "basic"
REQUESTS_PER_MINUTE: Final = {BASIC: 100, "premium": 500, "enterprise": 2_000}


@dataclass(frozen=True, slots=True)
class Quota:
    """What the plans allow of one thing: in a day of UTC, or standing at any time."""

    per: Literal["day", "standing"]
    amounts: dict[str, int]


QUOTAS: Final = {
    "products": Quota("standing", {BASIC: 20, "premium": 200, "enterprise": 2_000}),
    "photos": Quota("day", {BASIC: 100, "premium": 1_000, "enterprise": 10_000}),
    "documents": Quota("day", {BASIC: 100, "premium": 1_000, "enterprise": 10_000}),
}
_STANDING: Final = date(1970, 1, 1)

_USE: Final = text("""
insert into platform.quota_uses as u (owner, quota, period, used)
values (:owner, :quota, :period, :amount)
on conflict (owner, quota, period) do update set used = u.used + excluded.used
where u.used + excluded.used <= :most
returning used
""")
_RELEASE: Final = text("""
update platform.quota_uses set used = greatest(0, used - :amount)
where owner = :owner and quota = :quota and period = :period
""")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a quota (None: not limited), and when it is whole again (None: never)."""

    left: int | None
    resets_at: datetime | None


async def use(session: Session, owner: UUID, name: str, amount: int = 1) -> Allowance:
    """Take `amount` of a quota, all or nothing, exact however many take at once.

    Others of the same owner wait until this transaction ends. Raises `TooMany` with the seconds
    until the quota is whole again, KeyError for a quota that is none of `QUOTAS`.
    """
    quota = QUOTAS[name]
    period, resets_at = _period(quota)
    plan = await _plan(session, owner)
    if plan is None:
        return Allowance(None, resets_at)
    most = quota.amounts[plan]
    used = None
    if amount <= most:
        values = {"owner": owner, "quota": name, "period": period}
        used = await session.scalar(_USE, {**values, "amount": amount, "most": most})
    if used is None:
        raise _spent(name, plan, most, resets_at)
    return Allowance(most - used, resets_at)


async def release(session: Session, owner: UUID, name: str, amount: int = 1) -> None:
    """Give back what stands no longer, such as a product that is not tracked any more."""
    period, _ = _period(QUOTAS[name])
    values = {"owner": owner, "quota": name, "period": period, "amount": amount}
    await session.execute(_RELEASE, values)


async def _plan(session: ReadSession, owner: UUID) -> str | None:
    """The plan of an account, None for an operator; who has no account has the basic plan."""
    query = select(Account.role, Account.plan).where(Account.id == owner)
    found = (await session.execute(query)).one_or_none()
    if found is None:
        return BASIC
    role, plan = found
    return None if role == OPERATOR else plan


def _period(quota: Quota) -> tuple[date, datetime | None]:
    if quota.per == "standing":
        return _STANDING, None
    today = clock.now().date()
    return today, datetime.combine(today + timedelta(days=1), time(), UTC)


def _spent(name: str, plan: str, most: int, resets_at: datetime | None) -> TooMany:
    if resets_at is None:
        return TooMany(f"The {plan} plan has room for {most:,} {name}; remove some first.")
    seconds = (resets_at - clock.now()).total_seconds()
    return TooMany(
        f"The {plan} plan allows {most:,} {name} a day; there are new ones at midnight UTC.",
        retry_after=seconds,
    )
