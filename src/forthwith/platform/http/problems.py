"""Errors as `application/problem+json` (RFC 9457) with the envelope's members as extensions."""

import http as standard
import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import Scope

from forthwith.platform import clock, context, logging
from forthwith.platform.db import is_away
from forthwith.platform.errors import Fault, ForthwithError, Unavailable, UnsupportedMedia

log = logging.get(__name__)

_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    408: "REQUEST_TIMEOUT",
    413: "TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "VALIDATION_FAILED",
    431: "HEADERS_TOO_LARGE",
}

_SAID = {
    "missing": "is required",
    "extra_forbidden": "is not known here; mend its name, or leave it out",
    "model_attributes_type": "must be a JSON object",
}
"""What pydantic's kinds of errors mean to whoever sent the request."""
_UNREADABLE = (
    "The body cannot be read: it is no UTF-8, nested too deeply, or a number in it is too long."
)
_WRONG_METHOD = standard.HTTPStatus.METHOD_NOT_ALLOWED
_TEXT: dict[str, Any] = {"type": "string"}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("type", "title", "detail", "instance", "message"), _TEXT),
        "status": {"type": "integer"},
        "request_id": _TEXT,
        "success": {"const": False},
        "data": {"type": "null"},
        "timestamp": {"type": "string", "format": "date-time"},
        "error": {
            "type": "object",
            "properties": {"code": _TEXT, "message": _TEXT},
            "required": ["code", "message"],
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": _TEXT, "detail": _TEXT},
                "required": ["pointer", "detail"],
            },
        },
    },
}
_SCHEMA["required"] = list(_SCHEMA["properties"])
_RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem (RFC 9457); `error.code` is stable, `detail` is for people.",
        "content": {"application/problem+json": {"schema": _SCHEMA}},
    }
}


class Problem(Response):
    """One error answer; `code` is stable, `detail` is for people."""

    media_type = "application/problem+json"

    def __init__(
        self,
        *,
        status: int,
        code: str,
        title: str,
        detail: str,
        instance: str,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        kind: str | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        """`kind` is the type where another than ours is registered, `members` are its own."""
        body = {
            "type": kind or f"/problems/{code.lower().replace('_', '-')}",
            "title": title,
            "status": status,
            "detail": detail,
            "instance": instance,
            "request_id": context.request_id.get(),
            "success": False,
            "data": None,
            "message": detail,
            "timestamp": clock.now().isoformat(),
            "error": {"code": code, "message": detail},
            "errors": [{"pointer": fault.pointer, "detail": fault.detail} for fault in faults],
            **(members or {}),
        }
        super().__init__(msgspec.json.encode(body), status_code=status, headers=headers)


def from_error(error: ForthwithError, instance: str) -> Problem:
    """The answer to an error of the tree, with Retry-After where it says so."""
    headers = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    if error.status == standard.HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="forthwith"'
    return Problem(
        status=error.status,
        code=error.code,
        title=error.title,
        detail=error.message,
        instance=instance,
        faults=error.faults,
        headers=headers,
    )


def from_http(error: HTTPException, instance: str) -> Problem:
    """The answer to an error of the framework's own."""
    title = standard.HTTPStatus(error.status_code).phrase
    return Problem(
        status=error.status_code,
        code=_CODES.get(error.status_code, "HTTP_ERROR"),
        title=title,
        detail=error.detail or title,
        instance=instance,
        headers=error.headers,
    )


def logged_path(scope: Scope) -> str:
    """The path of a request as logs may keep it.

    Where no credentials are asked for, what stands in the path is what lets in (the id of an
    order, a signed link), and the log keeps the route's own pattern.
    """
    route = scope.get("route")
    is_open = (getattr(route, "openapi_extra", None) or {}).get("security") == []
    return str(getattr(route, "path", "")) if is_open else str(scope["path"])


def unexpected(error: Exception, scope: Scope) -> Problem:
    """The answer to what no handler knew: 503 while the database is away, else 500."""
    instance = scope["path"]
    if is_away(error):
        log.warning("database_away", error=type(error).__name__, path=logged_path(scope))
        away = Unavailable("The database is away; try again shortly.", retry_after=2)
        return from_error(away, instance)
    log.error("request_failed", exc_info=error, path=logged_path(scope))
    return Problem(
        status=500,
        code="INTERNAL",
        title="Internal error",
        detail="Something went wrong here; it was logged under the request id.",
        instance=instance,
    )


def install(app: FastAPI) -> None:
    """Answer every error that a route raises as a problem, and say so in /openapi.json."""
    app.router.responses.update(_RESPONSES)
    app.add_exception_handler(ForthwithError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)


async def _on_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ForthwithError)  # noqa: S101 - the handler is registered for it
    return from_error(error, request.scope["path"])


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - the handler is registered for it
    if isinstance(error.body, bytes):  # FastAPI reads it only where the type says JSON
        wrong = UnsupportedMedia("Send the body with `Content-Type: application/json`.")
        return from_error(wrong, request.scope["path"])
    faults = [_fault(each) for each in error.errors()]
    return Problem(
        status=422,
        code="VALIDATION_FAILED",
        title="Validation failed",
        detail="The request has wrong or missing values; see errors.",
        instance=request.scope["path"],
        faults=faults,
    )


def _fault(found: Mapping[str, Any]) -> Fault:
    """One finding of pydantic's, for people."""
    if found["type"] == "json_invalid":
        place = "".join(f" from character {at} on" for at in found["loc"][1:])
        return Fault("#", f"is no JSON{place}: {found['ctx']['error']}")
    detail = _SAID.get(found["type"]) or found["msg"].removeprefix("Value error, ")
    return Fault(_pointer(found["loc"]), detail)


def _pointer(location: Sequence[Any]) -> str:
    """`#/items/0/price` for a body (`#` for all of it), `query/limit` and alike for the rest."""
    where, *rest = location
    steps = [str(step).replace("~", "~0").replace("/", "~1") for step in rest]
    return "/".join(["#" if where == "body" else str(where), *steps])


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - the handler is registered for it
    if error.status_code == _WRONG_METHOD:
        error.headers = _allowing(request)
    if isinstance(error.__cause__, RecursionError | ValueError):  # FastAPI, while reading JSON
        error.detail = _UNREADABLE
    return from_http(error, request.scope["path"])


def _allowing(request: Request) -> dict[str, str]:
    """All methods of the path (RFC 9110, 10.2.1); the router names those of one route only."""
    path = request.scope["route"].path
    routes = [each.original_route for each in iter_route_contexts(request.app.routes)]
    same = [route for route in routes if isinstance(route, Route) and route.path == path]
    methods = {method for route in same for method in route.methods or ()}
    return {"Allow": ", ".join(sorted(methods))}
