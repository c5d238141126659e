"""Shared budgets: one row per pool."""

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from forthwith.platform.crypto import unsealed
from forthwith.platform.db import Base


class BudgetRow(Base, kw_only=True):
    """A pool's document: aliases, keyed fingerprints and numbers; no secret, nothing personal."""

    __tablename__ = "budgets"
    __table_args__ = {"schema": "platform"}

    pool: Mapped[str] = mapped_column(primary_key=True)
    document: Mapped[bytes] = mapped_column(info=unsealed())
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)
