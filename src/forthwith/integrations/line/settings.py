"""Settings of LINE."""

from typing import Annotated

from pydantic import Field, SecretStr

from forthwith.platform.config import Settings


class LineSettings(Settings):
    """LINE: the channel of the bot, and the LIFF apps whose identity is believed."""

    channel_access_token: Annotated[
        SecretStr | None,
        Field(
            default=None,
            validation_alias="LINE_CHANNEL_ACCESS_TOKEN",
            description="Long-lived token of the Messaging API channel.",
        ),
    ]
    channel_secret: Annotated[
        SecretStr | None,
        Field(
            default=None,
            validation_alias="LINE_CHANNEL_SECRET",
            description="Secret of the same channel; webhooks are signed with it.",
        ),
    ]
    base_url: Annotated[
        str | None,
        Field(
            default=None,
            validation_alias="LINE_BASE_URL",
            description="Stands for api.line.me and api-data.line.me, such as a local sandbox.",
        ),
    ]
    liff_ids: Annotated[
        str,
        Field(
            default="",
            validation_alias="LINE_LIFF_IDS",
            description="LIFF apps whose ID tokens are accepted, with commas.",
        ),
    ]

    @property
    def login_channels(self) -> frozenset[str]:
        """Channels that may be the audience of an ID token: a LIFF id begins with its channel."""
        ids = (each.strip() for each in self.liff_ids.split(","))
        return frozenset(each.partition("-")[0] for each in ids if each)
