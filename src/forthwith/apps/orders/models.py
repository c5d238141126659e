"""The tables of the orders application.

`person` is the keyed digest of a guest's LINE user, once LINE has confirmed who it is.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, PrimaryKeyConstraint, false, func, text
from sqlalchemy.orm import Mapped, mapped_column

from forthwith.platform import crypto
from forthwith.platform.db import Base


class Shop(Base, kw_only=True):
    """A shop with its menu. `version` grows with every edit: orders are checked against it."""

    __tablename__ = "shops"
    __table_args__ = (
        Index("ux_shops_slug", "slug", unique=True),
        Index("ix_shops_owner_id", "owner", "id"),
        {"schema": "orders"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID]
    slug: Mapped[str]
    menu: Mapped[bytes] = mapped_column(info=crypto.sealed("id"))
    is_open: Mapped[bool]
    version: Mapped[int] = mapped_column(server_default="1", default=1)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)


class ShopName(Base, kw_only=True):
    """What a shop may be called in an order: a name is one shop's, of those of an owner."""

    __tablename__ = "shop_names"
    __table_args__ = (
        PrimaryKeyConstraint("owner", "name"),
        Index("ix_shop_names_shop", "shop"),
        {"schema": "orders"},
    )

    owner: Mapped[UUID]
    name: Mapped[str]
    shop: Mapped[UUID]


class Counter(Base, kw_only=True):
    """The last number that a shop gave on a day; `shop` is zero for shops nobody knows."""

    __tablename__ = "counters"
    __table_args__ = (PrimaryKeyConstraint("owner", "shop"), {"schema": "orders"})

    owner: Mapped[UUID]
    shop: Mapped[UUID]
    day: Mapped[date]
    last: Mapped[int]


class Order(Base, kw_only=True):
    """An order. Its id is 128 random bits: who has it may follow and cancel the order.

    `run` is the run that works on it, and sorts orders by the time they came; `content` is
    what was ordered, `outcome` the summaries and voices; `number` counts the shop's day.
    """

    __tablename__ = "orders"
    __table_args__ = (
        Index("ix_orders_owner_run", "owner", text("run desc")),
        Index("ix_orders_shop_run", "shop", text("run desc")),
        Index("ix_orders_person", "person", postgresql_where=text("person is not null")),
        {"schema": "orders"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[UUID]
    run: Mapped[UUID]
    content: Mapped[bytes] = mapped_column(info=crypto.sealed("id"))
    shop: Mapped[UUID | None] = mapped_column(default=None)
    person: Mapped[str | None] = mapped_column(default=None)
    number: Mapped[int | None] = mapped_column(default=None)
    outcome: Mapped[bytes | None] = mapped_column(default=None, info=crypto.sealed("id"))
    is_told: Mapped[bool] = mapped_column(server_default=false(), init=False)
    completed_at: Mapped[datetime | None] = mapped_column(default=None)
    accepted_at: Mapped[datetime | None] = mapped_column(default=None)
    done_at: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), init=False)


class Recording(Base, kw_only=True):
    """That an order has a voice in this blob: equal orders of an owner share one."""

    __tablename__ = "recordings"
    __table_args__ = (
        PrimaryKeyConstraint("owner", "blob", "order_id"),
        Index("ix_recordings_order_id", "order_id"),
        {"schema": "orders"},
    )

    owner: Mapped[UUID]
    blob: Mapped[str]
    order_id: Mapped[UUID]
