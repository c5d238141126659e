"""The vendor's own library, imported only by whoever calls Notion."""

import logging
from typing import Any, Final

import httpx
from notion_client import AsyncClient
from notion_client.client import ClientOptions

_CONNECTIONS: Final = 20
_NOTION: Final = "https://api.notion.com"


class Connection:
    """One secret's calls. Opened inside the running loop, closed at its end."""

    def __init__(
        self,
        secret: str,
        base_url: str | None,
        *,
        is_local: bool,
        seconds: float,
        connect_seconds: float,
    ) -> None:
        """`is_local`: not by the proxy of the environment."""
        limits = httpx.Limits(max_connections=_CONNECTIONS)
        self._http = httpx.AsyncClient(limits=limits, trust_env=not is_local)
        options = ClientOptions(
            auth=secret,
            base_url=base_url or _NOTION,
            retry=False,
            logger=_silent(),
            log_level=logging.CRITICAL,
        )
        self.api: Any = AsyncClient(options, client=self._http)
        self._http.timeout = httpx.Timeout(seconds, connect=connect_seconds)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


def _silent() -> logging.Logger:
    """The SDK's own logger prints what Notion said of a value, which may be a person's."""
    logger = logging.getLogger("forthwith.notion_client")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return logger
