"""The exports that were asked for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from forthwith.platform.db import Base


class Export(Base, kw_only=True):
    """An archive of what is kept of somebody; `file` is the SHA-256 of its blob, once made."""

    __tablename__ = "exports"
    __table_args__ = {"schema": "platform"}

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID] = mapped_column(index=True)
    run: Mapped[UUID]
    file: Mapped[str | None] = mapped_column(default=None)
    size: Mapped[int | None] = mapped_column(BigInteger, default=None)
    expires_at: Mapped[datetime] = mapped_column(index=True)
