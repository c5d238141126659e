"""The leases of calls in the air."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from forthwith.platform.db import Base


class FlightRow(Base, kw_only=True):
    """Who makes a call, and until when the others wait for it."""

    __tablename__ = "flights"
    __table_args__ = {"schema": "platform", "prefixes": ["UNLOGGED"]}

    key: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[UUID]
    lease_until: Mapped[datetime]
    is_awaited: Mapped[bool] = mapped_column(server_default=text("false"))
