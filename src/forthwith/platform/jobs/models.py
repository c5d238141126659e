"""The ledger: one row per run, one per finished step. Partitioned by run id (UUIDv7)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, PrimaryKeyConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from forthwith.platform.crypto import sealed
from forthwith.platform.db import Base


class RunRow(Base, kw_only=True):
    """A run. `args`, `progress`, `result` and `error` go through the codec.

    `ticket` is the pgqueuer row that may wake a worker for it; `holder` the lease token of
    the worker that has it; `attempt` counts tries that failed by themselves, `takeovers`
    workers that died or froze.
    """

    __tablename__ = "runs"
    __table_args__ = (
        Index("ix_runs_owner_id", "owner", text("id desc")),
        Index("ix_runs_due", "run_at", postgresql_where=text("state = 'queued'")),
        Index("ix_runs_lease", "lease_until", postgresql_where=text("state = 'running'")),
        {"schema": "platform", "postgresql_partition_by": "range (id)"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID]
    app: Mapped[str]
    name: Mapped[str]
    queue: Mapped[str]
    state: Mapped[str]
    args: Mapped[bytes] = mapped_column(info=sealed("id"))
    run_at: Mapped[datetime]
    attempt: Mapped[int] = mapped_column(server_default="0", default=0)
    takeovers: Mapped[int] = mapped_column(server_default="0", default=0)
    ticket: Mapped[int | None] = mapped_column(BigInteger, default=None)
    holder: Mapped[UUID | None] = mapped_column(default=None)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    unique_key: Mapped[str | None] = mapped_column(default=None)
    progress: Mapped[bytes | None] = mapped_column(default=None, info=sealed("id"))
    result: Mapped[bytes | None] = mapped_column(default=None, info=sealed("id"))
    error: Mapped[bytes | None] = mapped_column(default=None, info=sealed("id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)


class StepRow(Base, kw_only=True):
    """The result of a finished step: whoever has it never pays for the step again."""

    __tablename__ = "steps"
    __table_args__ = (
        PrimaryKeyConstraint("run", "name"),
        {"schema": "platform", "postgresql_partition_by": "range (run)"},
    )

    run: Mapped[UUID]
    name: Mapped[str]
    result: Mapped[bytes] = mapped_column(info=sealed("run", "name"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)


class UniqueJob(Base, kw_only=True):
    """At most one unfinished run per key; here because partitioned tables refuse the index."""

    __tablename__ = "unique_jobs"
    __table_args__ = {"schema": "platform"}

    key: Mapped[str] = mapped_column(primary_key=True)
    run: Mapped[UUID]


class Tick(Base, kw_only=True):
    """A due moment of a schedule that some worker has taken."""

    __tablename__ = "ticks"
    __table_args__ = (PrimaryKeyConstraint("name", "due"), {"schema": "platform"})

    name: Mapped[str]
    due: Mapped[datetime]
