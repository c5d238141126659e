"""Settings of Notion."""

from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from forthwith.platform.config import Settings

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class NotionSettings(Settings):
    """Notion: which database the pages are in, and how often it may be asked."""

    api_key: Annotated[
        SecretStr | None,
        Field(
            default=None,
            validation_alias="NOTION_API_KEY",
            description="Secret of the connection; several with commas.",
        ),
    ]
    database_id: Annotated[
        str | None,
        Field(
            default=None,
            validation_alias="NOTION_DATABASE_ID",
            description="The database, shared with that connection.",
        ),
    ]
    data_source_id: Annotated[
        str | None,
        Field(
            default=None,
            validation_alias="NOTION_DATA_SOURCE_ID",
            description="The data source, where the database has more than one.",
        ),
    ]
    base_url: Annotated[
        str | None,
        Field(
            default=None,
            validation_alias="NOTION_BASE_URL",
            description="Stands for api.notion.com, such as a local sandbox.",
        ),
    ]
    requests_per_second: Annotated[
        float,
        Field(
            default=2.5,
            gt=0,
            validation_alias="NOTION_REQUESTS_PER_SECOND",
            description="Requests for each secret; Notion takes 3 on average.",
        ),
    ]
    timeout_seconds: Annotated[
        float,
        Field(
            default=65.0,
            gt=0,
            validation_alias="NOTION_TIMEOUT_SECONDS",
            description="How long a request may take; Notion itself gives up after 60.",
        ),
    ]

    @property
    def place(self) -> str | None:
        """Where the pages are: the data source if named, else the database; None if nowhere."""
        if self.api_key is None:
            return None
        return self.data_source_id or self.database_id

    @property
    def is_local(self) -> bool:
        """Whether a server of this machine stands for Notion."""
        return urlsplit(self.base_url or "").hostname in _LOOPBACK
