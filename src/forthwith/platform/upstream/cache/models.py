"""What PostgreSQL keeps for the cache."""

from datetime import datetime

from sqlalchemy import Computed, Index
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from forthwith.platform.crypto import sealed
from forthwith.platform.db import Base


class CachedValue(Base, kw_only=True):
    """A value; without `blob` the mark of a deletion, which older loads must not undo."""

    __tablename__ = "cached_values"
    __table_args__ = (
        Index("ix_cached_values_tags", "tags", postgresql_using="gin"),
        Index("ix_cached_values_namespace", "namespace"),
        Index("ix_cached_values_expires_at", "expires_at"),
        {"schema": "platform"},
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    namespace: Mapped[str] = mapped_column(
        Computed("split_part(key, ':', 1)", persisted=True), init=False
    )
    tags: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    blob: Mapped[bytes | None] = mapped_column(info=sealed("key", table="platform.cache"))
    expires_at: Mapped[datetime]


class CacheFence(Base, kw_only=True):
    """An invalidated tag or namespace: nothing of it that was read before may be stored."""

    __tablename__ = "cache_fences"
    __table_args__ = {"schema": "platform"}

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    expires_at: Mapped[datetime]
