"""What Notion's answers look like: objects with their ids and times, and errors."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final, TypeAlias
from uuid import UUID, uuid4

from starlette.responses import JSONResponse, Response

from forthwith.sandbox.quotas import Refusal

Json: TypeAlias = dict[str, Any]

BOT: Final = str(UUID(int=0xB07))
OVERLOADED: Final = 529
_CODES: Final[Mapping[int, tuple[str, str]]] = MappingProxyType(
    {
        400: ("validation_error", "The request body does not match the schema."),
        401: ("unauthorized", "API token is invalid."),
        403: ("restricted_resource", "Insufficient permissions for this endpoint."),
        404: ("object_not_found", "Could not find the object."),
        409: ("conflict_error", "Conflict occurred while saving. Please try again."),
        429: ("rate_limited", "You have been rate limited. Please try again in a few minutes."),
        500: ("internal_server_error", "Unexpected error occurred."),
        503: ("service_unavailable", "Notion is unavailable. Please try again later."),
        504: ("gateway_timeout", "Gateway timed out."),
        OVERLOADED: ("service_overload", "The service is overloaded. Please try again later."),
    }
)
_WINDOWS: Final = {"minute": "connection", "day": "connection", "concurrent": "workspace"}


class Wrong(Exception):
    """A request that Notion refuses."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = error(status) | {"message": message}
        if code is not None:
            self.body["code"] = code


def invalid(message: str) -> Wrong:
    """A body with something wrong in it."""
    return Wrong(HTTPStatus.BAD_REQUEST, message)


def out_of_bounds(place: str, most: int, found: int) -> Wrong:
    """A value too long, in Notion's words."""
    return invalid(
        f"body failed validation: body.{place} should be ≤ `{most}`, instead was `{found}`."
    )


def not_found(kind: str, name: str) -> Wrong:
    """An object that is not there, or not shared."""
    return Wrong(
        HTTPStatus.NOT_FOUND,
        f"Could not find {kind} with ID: {name}. Make sure the relevant pages and databases are "
        "shared with your connection.",
    )


def error(status: int) -> Json:
    """The body that goes with a status."""
    code, message = _CODES.get(status, ("internal_server_error", "Unexpected error occurred."))
    said: Json = {"object": "error", "status": status, "code": code, "message": message}
    return said | {"request_id": str(uuid4())}


def refuse(refusal: Refusal) -> Response:
    """How Notion says no: to a secret it does not know, or that asks too often."""
    if refusal.reason == "key":
        return JSONResponse(error(HTTPStatus.UNAUTHORIZED), HTTPStatus.UNAUTHORIZED)
    headers = {"retry-after": f"{max(1, round(refusal.retry_after))}"}
    why = {"additional_data": {"rate_limit_reason": _WINDOWS[refusal.reason]}}
    status = HTTPStatus.TOO_MANY_REQUESTS
    return JSONResponse(error(status) | why, status, headers=headers)


def moment() -> str:
    """The present time as Notion writes it: to the minute."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M}:00.000Z"


def by_bot() -> Json:
    """Who does everything here."""
    return {"object": "user", "id": BOT}


def text(content: str) -> Json:
    """One run of text as it is answered."""
    plain = {"bold": False, "italic": False, "strikethrough": False, "underline": False}
    return {
        "type": "text",
        "text": {"content": content, "link": None},
        "annotations": plain | {"code": False, "color": "default"},
        "plain_text": content,
        "href": None,
    }
