"""The vendor's own library, imported only by whoever calls LINE: it takes a second and 70 MB."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import aiohttp
from linebot.v3.messaging import (
    AsyncApiClient,
    AsyncMessagingApi,
    Configuration,
    ShowLoadingAnimationRequest,
    ValidateMessageRequest,
)
from linebot.v3.messaging.exceptions import ApiException

from forthwith.integrations.line.messages import Json

CONTENT_HOST: Final = "https://api-data.line.me"
_CONNECT_SECONDS: Final = 3.0
_CONNECTIONS: Final = 100
_CHUNK: Final = 64 * 1024
_JSON: Final = {"Accept": "application/json", "Content-Type": "application/json"}
_REFUSALS: Final = dict.fromkeys(("400", "403", "409", "429"), "ErrorResponse")

__all__ = ["ApiException", "Channel", "Fetched"]


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer with bytes; `data` is None when they are more than was asked for."""

    status: int
    headers: dict[str, str]
    data: bytes | None


class Channel:
    """One channel's calls. Opened inside the running loop, closed at its end."""

    def __init__(self, token: str, base_url: str | None, seconds: float) -> None:
        configuration = Configuration(access_token=token, host=base_url)
        configuration.connection_pool_maxsize = _CONNECTIONS
        self._content_host = base_url or CONTENT_HOST
        self._http = AsyncApiClient(configuration)
        if base_url is not None and _is_local(base_url):
            _leave_proxies(self._http.rest_client)
        self._api = AsyncMessagingApi(self._http)
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=_CONNECT_SECONDS)
        self._options = {"_request_timeout": timeout}

    async def reply(self, token: str, messages: Sequence[Json]) -> Any:
        """Reply; the SDK's answer."""
        body = {"replyToken": token, "messages": messages}
        return await self._post("reply", body, "ReplyMessageResponse")

    async def push(self, to: str, messages: Sequence[Json], retry_key: UUID) -> Any:
        """Push; the SDK's answer."""
        body = {"to": to, "messages": messages}
        headers = {"X-Line-Retry-Key": str(retry_key)}
        return await self._post("push", body, "PushMessageResponse", headers)

    async def validate_reply(self, messages: Sequence[Json]) -> None:
        """Have messages looked at."""
        request = ValidateMessageRequest.from_dict({"messages": messages})
        await self._api.validate_reply(request, **self._options)

    async def show_loading(self, user: str, seconds: int) -> None:
        """Show the animation."""
        request = ShowLoadingAnimationRequest(chatId=user, loadingSeconds=seconds)
        await self._api.show_loading_animation(request, **self._options)

    async def quota(self) -> tuple[int | None, int]:
        """Messages a month, None without a limit, and how many of them were used."""
        quota = await self._api.get_message_quota(**self._options)
        used = await self._api.get_message_quota_consumption(**self._options)
        return quota.value if quota.type == "limited" else None, used.total_usage

    async def content(self, message_id: str, most_bytes: int) -> Fetched:
        """Bytes of a message, whatever the status is.

        Past the SDK's own method, which answers None to a 202 and buffers without bound.
        """
        response = await self._http.rest_client.get_request(
            f"{self._content_host}/v2/bot/message/{message_id}/content",
            headers=dict(self._http.default_headers),
            _preload_content=False,
            **self._options,
        )
        async with response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Fetched(response.status, headers, await _read(response, most_bytes))

    async def _post(
        self, way: str, body: Json, returns: str, headers: Mapping[str, str] | None = None
    ) -> Any:
        """As the SDK's own method, which first makes objects of the messages and then JSON of them.

        That was 5 ms of 50 that a worker needs to answer a known photo.
        """
        return await self._http.call_api(
            f"/v2/bot/message/{way}",
            "POST",
            header_params={**_JSON, **(headers or {})},
            body=body,
            response_types_map={"200": returns, **_REFUSALS},
            auth_settings=["Bearer"],
            _return_http_data_only=True,
            **self._options,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def _is_local(url: str) -> bool:
    return urlsplit(url).hostname in {"127.0.0.1", "::1", "localhost"}


def _leave_proxies(client: Any) -> None:
    """Let calls to this machine not go by the proxy of the environment, as the SDK's would."""
    session = client.pool_manager
    client.pool_manager = aiohttp.ClientSession(connector=session.connector, trust_env=False)
    session.detach()


async def _read(response: aiohttp.ClientResponse, most_bytes: int) -> bytes | None:
    parts, size = [], 0
    async for part in response.content.iter_chunked(_CHUNK):
        size += len(part)
        if size > most_bytes:
            return None
        parts.append(part)
    return b"".join(parts)
