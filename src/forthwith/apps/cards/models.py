"""The tables of the cards application.

`person` is everywhere the keyed digest of a LINE user (in a group: of group and user).
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, PrimaryKeyConstraint, SmallInteger, false, func, text
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

    `person` is the keyed digest of the sender where that is not the owner (a LINE user);
    `run` the run that reads it; `photo` the SHA-256 of the blob; `reading` goes through the
    codec. What was merged into an older card of the same person keeps its photo only.
    """

    __tablename__ = "cards"
    __table_args__ = (
        Index("ix_cards_owner_id", "owner", text("id desc")),
        Index("ix_cards_owner_photo", "owner", "photo"),
        Index(
            "ux_cards_owner_person_photo",
            *("owner", "person", "photo"),
            unique=True,
            postgresql_where=text("person is not null"),
        ),
        Index(
            "ix_cards_merged_into",
            "merged_into",
            postgresql_where=text("merged_into is not null"),
        ),
        {"schema": "cards"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID]
    run: Mapped[UUID]
    photo: Mapped[str]
    media_type: Mapped[str]
    person: Mapped[str | None] = mapped_column(default=None)
    reading: Mapped[bytes | None] = mapped_column(default=None, info=crypto.sealed("id"))
    merged_into: Mapped[UUID | None] = mapped_column(default=None)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)


class Chat(Base, kw_only=True):
    """What the bot knows of a chat: its language, and what it has asked for (sealed)."""

    __tablename__ = "chats"
    __table_args__ = (PrimaryKeyConstraint("owner", "person"), {"schema": "cards"})

    owner: Mapped[UUID]
    person: Mapped[str]
    state: Mapped[bytes] = mapped_column(info=crypto.sealed("owner", "person"))


class Batch(Base, kw_only=True):
    """Photos that are answered by one summary.

    Opened by a command, or by photos that LINE sent as one set (`image_set`, a keyed digest,
    and `total`). `event` is the one that opened it, sealed.
    """

    __tablename__ = "batches"
    __table_args__ = (
        Index(
            "ux_batches_open",
            *("owner", "person"),
            unique=True,
            postgresql_where=text("closed_at is null and image_set is null"),
        ),
        Index(
            "ux_batches_image_set",
            *("owner", "person", "image_set"),
            unique=True,
            postgresql_where=text("image_set is not null"),
        ),
        {"schema": "cards"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID]
    person: Mapped[str]
    event: Mapped[bytes] = mapped_column(info=crypto.sealed("id"))
    opened_at: Mapped[datetime]
    image_set: Mapped[str | None] = mapped_column(default=None)
    total: Mapped[int | None] = mapped_column(default=None)
    last_photo_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    is_forgotten: Mapped[bool] = mapped_column(server_default=false(), default=False)
    summed_up_at: Mapped[datetime | None] = mapped_column(default=None)


class LinePhoto(Base, kw_only=True):
    """A photo that came by LINE, from its event to its end.

    `state` goes from `waiting` to `done`, or to `failed` with the code `failure`. Without
    `run` it waits for its person's turn. `card` is what was read from it, of an earlier photo
    where that was the same (`was_cached`).
    """

    __tablename__ = "line_photos"
    __table_args__ = (
        Index(
            "ix_line_photos_waiting",
            *("owner", "person", "sent_at"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_line_photos_batch", "batch", postgresql_where=text("batch is not null")),
        Index("ix_line_photos_received_at", "received_at"),
        Index("ix_line_photos_card", "card", postgresql_where=text("card is not null")),
        {"schema": "cards"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID]
    person: Mapped[str]
    event: Mapped[bytes] = mapped_column(info=crypto.sealed("id"))
    sent_at: Mapped[datetime]
    token: Mapped[UUID | None] = mapped_column(default=None)
    batch: Mapped[UUID | None] = mapped_column(default=None)
    run: Mapped[UUID | None] = mapped_column(default=None)
    card: Mapped[UUID | None] = mapped_column(default=None)
    state: Mapped[str] = mapped_column(server_default="waiting", default="waiting")
    failure: Mapped[str | None] = mapped_column(default=None)
    was_cached: Mapped[bool] = mapped_column(server_default=false(), default=False)
    received_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class ReplyToken(Base, kw_only=True):
    """A way to answer that costs nothing: good once, and not for long.

    `is_free`: its own event gets no answer, so any message to the person may take it.
    """

    __tablename__ = "reply_tokens"
    __table_args__ = (
        Index(
            "ix_reply_tokens_unused",
            *("owner", "person", "expires_at"),
            postgresql_where=text("not is_used"),
        ),
        Index("ix_reply_tokens_expires_at", "expires_at"),
        {"schema": "cards"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID]
    person: Mapped[str]
    token: Mapped[bytes] = mapped_column(info=crypto.sealed("id"))
    is_free: Mapped[bool]
    expires_at: Mapped[datetime]
    is_used: Mapped[bool] = mapped_column(server_default=false(), default=False)


class Outgoing(Base, kw_only=True):
    """Messages to a person; the id is also the retry key of a push.

    `state` goes from `pending` to `replying` (the intent, with the token in `reply`), and ends
    as `replied`, `pushed` or `dropped`; `held` ones wait for the person's next reply token.
    `is_unknown`: a reply went out and nobody heard what became of it. When LINE refuses its
    token later, too old to tell why, it ends as `presumed` to have arrived.
    """

    __tablename__ = "outgoing"
    __table_args__ = (
        Index(
            "ix_outgoing_held",
            *("owner", "person", "created_at"),
            postgresql_where=text("state = 'held'"),
        ),
        Index("ix_outgoing_reply", "reply", postgresql_where=text("reply is not null")),
        Index("ix_outgoing_created_at", "created_at"),
        {"schema": "cards"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID]
    person: Mapped[str]
    content: Mapped[bytes] = mapped_column(info=crypto.sealed("id"))
    messages: Mapped[int] = mapped_column(SmallInteger)
    token: Mapped[UUID | None] = mapped_column(default=None)
    reply: Mapped[UUID | None] = mapped_column(default=None)
    is_unknown: Mapped[bool] = mapped_column(server_default=false(), default=False)
    state: Mapped[str] = mapped_column(server_default="pending", default="pending")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class PushPause(Base, kw_only=True):
    """Until when a channel's pushes are refused: its messages of the month are spent."""

    __tablename__ = "push_pauses"
    __table_args__ = ({"schema": "cards"},)

    owner: Mapped[UUID] = mapped_column(primary_key=True)
    until: Mapped[datetime]


class Gram(Base, kw_only=True):
    """Two neighbouring characters of what a card says, as a keyed digest, for searching."""

    __tablename__ = "grams"
    __table_args__ = (
        PrimaryKeyConstraint("owner", "person", "digest", "card"),
        Index("ix_grams_card", "card"),
        {"schema": "cards"},
    )

    owner: Mapped[UUID]
    person: Mapped[str]
    digest: Mapped[bytes] = mapped_column(info=crypto.unsealed())
    card: Mapped[UUID]


class NotionCard(Base, kw_only=True):
    """A card on its way to Notion, until its pages are put away again.

    `version` counts what was asked, `tried` is the one that the newest try has seen. `run`
    works on it, and no other. `state` goes from `waiting` to `done`, or to `failed`; `failure`
    is the code of why, also while it waits. `place` is the database of its `pages`, which are
    sealed: their addresses bear names.
    """

    __tablename__ = "notion_cards"
    __table_args__ = (Index("ix_notion_cards_owner", "owner"), {"schema": "cards"})

    card: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID]
    place: Mapped[str]
    version: Mapped[int] = mapped_column(server_default="1", default=1)
    tried: Mapped[int] = mapped_column(server_default="0", default=0)
    run: Mapped[UUID | None] = mapped_column(default=None)
    state: Mapped[str] = mapped_column(server_default="waiting", default="waiting")
    failure: Mapped[str | None] = mapped_column(default=None)
    failures: Mapped[int] = mapped_column(SmallInteger, server_default="0", default=0)
    pages: Mapped[bytes | None] = mapped_column(default=None, info=crypto.sealed("card"))
