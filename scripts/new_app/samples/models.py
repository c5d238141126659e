"""The tables of the samples application."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from forthwith.platform.crypto import sealed
from forthwith.platform.db import Base


class Sample(Base, kw_only=True):
    """A sample; `content` goes through the codec, `run` is the run that works on it."""

    __tablename__ = "samples"
    __table_args__ = (
        Index("ix_samples_owner_id", "owner", text("id desc")),
        {"schema": "samples"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID]
    run: Mapped[UUID]
    content: Mapped[bytes] = mapped_column(info=sealed("id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)
