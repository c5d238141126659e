"""What was told to whom, where messages go, and how each owner wants them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from forthwith.platform.crypto import sealed, unsealed
from forthwith.platform.db import Base


class Notification(Base, kw_only=True):
    """One message: an event key told to one target. `content` goes through the codec.

    `digest` is the blind index of event key, channel and target, which makes the event one
    message; `recipient` that of the target, by which messages that `gathers` marks are found
    and sent together. `leader` is the message they went with, `run` what carries this one.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        Index("ix_notifications_owner_id", "owner", text("id desc")),
        Index(
            "ix_notifications_waiting",
            "recipient",
            postgresql_where=text("state = 'queued' and gathers"),
        ),
        {"schema": "platform"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID]
    person: Mapped[str | None]
    digest: Mapped[bytes] = mapped_column(unique=True, info=unsealed())
    recipient: Mapped[bytes] = mapped_column(info=unsealed())
    channel: Mapped[str]
    template: Mapped[str]
    urgent: Mapped[bool]
    gathers: Mapped[bool]
    leader: Mapped[UUID | None] = mapped_column(default=None, index=True)
    run: Mapped[UUID]
    state: Mapped[str]
    reason: Mapped[str | None] = mapped_column(default=None)
    content: Mapped[bytes] = mapped_column(info=sealed("id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)
    sent_at: Mapped[datetime | None] = mapped_column(default=None)


class Receiver(Base, kw_only=True):
    """Where an owner takes messages: a webhook or a browser. `content` goes through the codec."""

    __tablename__ = "notification_receivers"
    __table_args__ = (UniqueConstraint("owner", "digest"), {"schema": "platform"})

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID]
    channel: Mapped[str]
    digest: Mapped[bytes] = mapped_column(info=unsealed())
    content: Mapped[bytes] = mapped_column(info=sealed("id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)
    disabled_at: Mapped[datetime | None] = mapped_column(default=None)


class PreferenceRow(Base, kw_only=True):
    """How an owner wants to be told; `content` goes through the codec."""

    __tablename__ = "notification_preferences"
    __table_args__ = {"schema": "platform"}

    owner: Mapped[UUID] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(info=sealed("owner"))
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)
