"""What was spent, and what was saved."""

from datetime import datetime
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

import msgspec
from sqlalchemy import case, func, select

from forthwith.platform.db import ReadSession
from forthwith.platform.upstream.costs.charge import Outcome, Source
from forthwith.platform.upstream.costs.models import CostRow

GroupBy: TypeAlias = Literal[
    "app", "vendor", "operation", "model", "key", "prompt_version", "owner", "run", "day"
]


class CostLine(msgspec.Struct, frozen=True):
    """A sum of charges. Money is in millionths of `currency`."""

    group: str | None
    currency: str
    calls: int
    failed_calls: int
    saved_calls: int
    tokens_in: int
    tokens_out: int
    micros: int
    saved_micros: int
    mean_latency_ms: int


_COLUMNS: Final[dict[str, Any]] = {
    "app": CostRow.app,
    "vendor": CostRow.vendor,
    "operation": CostRow.operation,
    "model": CostRow.model,
    "key": CostRow.key,
    "prompt_version": CostRow.prompt_version,
    "owner": CostRow.owner,
    "run": CostRow.run,
    "day": func.to_char(func.timezone("UTC", CostRow.created_at), "YYYY-MM-DD"),
}
_MADE: Final = CostRow.source == Source.VENDOR
_FAILED: Final = CostRow.outcome != Outcome.ANSWERED


async def summed(
    session: ReadSession, owner: UUID | None, *, by: GroupBy, since: datetime
) -> list[CostLine]:
    """Charges of this owner (None: of all, for the command line) since a moment, dearest first."""
    group = _COLUMNS[by].label("group")
    money = _sum(CostRow.micros, made=True).label("money")
    query = (
        select(
            group,
            CostRow.currency,
            _sum(CostRow.calls, made=True),
            func.coalesce(func.sum(CostRow.calls).filter(_MADE, _FAILED), 0),
            _sum(CostRow.calls, made=False),
            _sum(CostRow.tokens_in, made=True),
            _sum(CostRow.tokens_out, made=True),
            money,
            _sum(CostRow.micros, made=False),
            func.coalesce(func.avg(CostRow.latency_ms).filter(_MADE), 0),
        )
        .where(CostRow.created_at >= since)
        .group_by(group, CostRow.currency)
        .order_by(money.desc(), group)
    )
    if owner is not None:
        query = query.where(CostRow.owner == owner)
    return [_line(*row) for row in await session.execute(query)]


def _sum(column: Any, *, made: bool) -> Any:
    """Of calls that were made, or of those that were saved."""
    return func.sum(case((_MADE if made else ~_MADE, column), else_=0))


def _line(group: object, currency: str, *sums: Any) -> CostLine:
    """A row; PostgreSQL's sums and means are Decimals."""
    name = None if group is None else str(group)
    return CostLine(name, currency, *(int(each) for each in sums))
