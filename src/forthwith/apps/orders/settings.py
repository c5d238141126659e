"""Settings of orders."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from forthwith.platform.config import Settings


class OrderSettings(Settings):
    """Orders: whose those at unknown shops are, their money, the LIFF app of the page."""

    owner: Annotated[
        UUID | None,
        Field(
            default=None,
            validation_alias="ORDERS_OWNER",
            description="Account that owns orders by `store_name`, and whose shops such a name "
            "is looked for in. Unset: the first operator.",
        ),
    ]
    currency: Annotated[
        str,
        Field(
            default="TWD",
            pattern="^[A-Z]{3}$",
            validation_alias="ORDERS_CURRENCY",
            description="Currency of orders at shops that nobody knows.",
        ),
    ]
    timezone: Annotated[
        str,
        Field(
            default="Asia/Taipei",
            validation_alias="ORDERS_TIMEZONE",
            description="Time zone of such orders: their numbers begin anew at its midnight.",
        ),
    ]
    liff_id: Annotated[
        str | None,
        Field(
            default=None,
            validation_alias="LIFF_ID",
            description="The LIFF app of the ordering page; its channel may say who a guest is.",
        ),
    ]

    @property
    def login_channel(self) -> str | None:
        """The LINE Login channel of the page: a LIFF id begins with it."""
        return self.liff_id.partition("-")[0] if self.liff_id else None
