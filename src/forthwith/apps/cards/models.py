"""The tables of the cards application."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, PrimaryKeyConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from forthwith.platform import crypto
from forthwith.platform.db import Base


class Identifier(Base, kw_only=True):
    """What a card's person may be recognised by on another card: blind indexes only."""

    __tablename__ = "identifiers"
    __table_args__ = (
        PrimaryKeyConstraint("owner", "digest", "card"),
        Index("ix_identifiers_card", "card"),
        {"schema": "cards"},
    )

    owner: Mapped[UUID]
    digest: Mapped[bytes] = mapped_column(info=crypto.unsealed())
    card: Mapped[UUID]


class Card(Base, kw_only=True):
    """A photo and what was read from it.

    `person` is the sender where that is not the owner (a LINE user); `run` the run that reads
    it; `photo` the SHA-256 of the blob; `reading` goes through the codec.
    """

    __tablename__ = "cards"
    __table_args__ = (
        Index("ix_cards_owner_id", "owner", text("id desc")),
        Index("ix_cards_owner_photo", "owner", "photo"),
        {"schema": "cards"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID]
    run: Mapped[UUID]
    photo: Mapped[str]
    media_type: Mapped[str]
    person: Mapped[str | None] = mapped_column(default=None)
    reading: Mapped[bytes | None] = mapped_column(default=None, info=crypto.sealed("id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)
