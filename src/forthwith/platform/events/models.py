"""Streams and their events, partitioned by stream id; a run's stream bears the run's id."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import PrimaryKeyConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from forthwith.platform.crypto import sealed
from forthwith.platform.db import Base


class Stream(Base, kw_only=True):
    """The counter of one stream: numbers are given out under its row lock, so none is lost."""

    __tablename__ = "streams"
    __table_args__ = {"schema": "platform", "postgresql_partition_by": "range (id)"}

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID]
    last_seq: Mapped[int] = mapped_column(server_default="0", default=0)


class Event(Base, kw_only=True):
    """One thing that happened; `data` goes through the codec."""

    __tablename__ = "events"
    __table_args__ = (
        PrimaryKeyConstraint("stream", "seq"),
        {"schema": "platform", "postgresql_partition_by": "range (stream)"},
    )

    stream: Mapped[UUID]
    seq: Mapped[int]
    kind: Mapped[str]
    data: Mapped[bytes] = mapped_column(info=sealed("stream"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)
