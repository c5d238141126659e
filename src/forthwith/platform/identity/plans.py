"""Plans: how many requests a minute an account may send, and how much of each app it may use.

An application says `await plans.use(session, owner, "photos")` in the transaction that does the
work: what is rolled back was not used. Where one statement does all, `plans.condition` goes into
it. Operators run the machine and are not limited.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select, text

from forthwith.platform import clock
from forthwith.platform.context import Principal
from forthwith.platform.db import ReadSession, Session
from forthwith.platform.errors import TooMany
from forthwith.platform.identity.keys import OPERATOR
from forthwith.platform.identity.models import Account
from forthwith.platform.jobs import Condition

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

_USE: Final = """
insert into platform.quota_uses as u (owner, quota, period, used)
values ({owner}, {quota}, {period}, {amount})
on conflict (owner, quota, period) do update set used = u.used + excluded.used
where u.used + excluded.used <= {most}
returning used
"""
_VALUES: Final = ("owner", "quota", "period", "amount", "most")
_USE_IN_SESSION: Final = text(_USE.format(**{name: f":{name}" for name in _VALUES}))
IS_NOT_LIMITED: Final = f"""
exists (select from platform.accounts where id = {{owner}} and role = '{OPERATOR}')
"""
"""For a statement that does without `use` where the owner is an operator."""
_RELEASE: Final = text("""
update platform.quota_uses set used = greatest(0, used - :amount)
where owner = :owner and quota = :quota and period = :period
""")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a quota (None: not limited), and when it is whole again (None: never)."""

    left: int | None
    resets_at: datetime | None


class QuotaSpent(TooMany):
    """Nothing is left of a quota; `retry_after` is None for one that stands."""

    code = "QUOTA_EXCEEDED"

    def __init__(self, name: str, plan: str, most: int, resets_at: datetime | None) -> None:
        """Keep which quota of which plan it is, and how much that allows."""
        self.name = name
        self.most = most
        if resets_at is None:
            super().__init__(f"The {plan} plan has room for {most:,} {name}; remove some first.")
            return
        super().__init__(
            f"The {plan} plan allows {most:,} {name} a day; there are new ones at midnight UTC.",
            retry_after=(resets_at - clock.now()).total_seconds(),
        )


async def use(session: Session, owner: UUID, name: str, amount: int = 1) -> Allowance:
    """Take `amount` of a quota, all or nothing, exact however many take at once.

    Others of the same owner wait until this transaction ends. Raises `QuotaSpent`, KeyError for a
    quota that is none of `QUOTAS`.
    """
    quota = QUOTAS[name]
    period, resets_at = _period(quota, clock.now())
    plan = await _plan(session, owner)
    if plan is None:
        return Allowance(None, resets_at)
    most = quota.amounts[plan]
    used = None
    if amount <= most:
        values = {"owner": owner, "quota": name, "period": period}
        used = await session.scalar(_USE_IN_SESSION, {**values, "amount": amount, "most": most})
    if used is None:
        raise QuotaSpent(name, plan, most, resets_at)
    return Allowance(most - used, resets_at)


def condition(principal: Principal, name: str) -> Condition | None:
    """`use` of one as a condition of `enqueue_with`; None for whoever is not limited.

    The plan is the one that the credential's account had a moment ago: no query asks for it.
    """
    if principal.role == OPERATOR:
        return None
    quota = QUOTAS[name]
    period, resets_at = _period(quota, clock.now())
    plan = principal.plan if principal.plan in quota.amounts else BASIC
    most = quota.amounts[plan]
    values = (principal.owner, name, period, 1, most)
    return Condition(
        _USE,
        dict(zip(_VALUES, values, strict=True)),
        lambda: QuotaSpent(name, plan, most, resets_at),
    )


async def release(
    session: Session, owner: UUID, name: str, amount: int = 1, *, used_at: datetime | None = None
) -> None:
    """Give back what stands no longer, such as a product that is not tracked any more.

    Of a quota of days, `used_at` says of which day; None: of today.
    """
    period, _ = _period(QUOTAS[name], used_at or clock.now())
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


def _period(quota: Quota, at: datetime) -> tuple[date, datetime | None]:
    """The period that a moment is in, and when the next one begins."""
    if quota.per == "standing":
        return _STANDING, None
    day = at.astimezone(UTC).date()
    return day, datetime.combine(day + timedelta(days=1), time(), UTC)
