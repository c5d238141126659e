"""The cost ledger: one row per call that was made, and per kind of call that was saved."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from forthwith.platform.db import Base


class CostRow(Base, kw_only=True):
    """One call, or several saved ones; nothing here says what was asked.

    Money is in millionths of `currency`; of saved calls it is what they would have cost.
    `source` tells who answered: `vendor`, or the tier that saved the call. `key` is an alias.
    """

    __tablename__ = "costs"
    __table_args__ = (
        Index("ix_costs_owner_created_at", "owner", "created_at"),
        Index("ix_costs_created_at", "created_at"),
        {"schema": "platform"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID]
    app: Mapped[str]
    vendor: Mapped[str]
    operation: Mapped[str]
    source: Mapped[str]
    outcome: Mapped[str]
    calls: Mapped[int]
    tokens_in: Mapped[int] = mapped_column(BigInteger)
    tokens_out: Mapped[int] = mapped_column(BigInteger)
    micros: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    latency_ms: Mapped[int] = mapped_column(BigInteger)
    model: Mapped[str | None]
    key: Mapped[str | None]
    run: Mapped[UUID | None]
    prompt_version: Mapped[str | None]
    created_at: Mapped[datetime]
