"""A direct way to routes that ask for little.

FastAPI asks one router after the other, and works out at each request where every parameter comes
from: a third of what a photo's request cost here, and of what a small JSON body's cost. For a route
without parameters in its path, which takes no more than one JSON body and whose dependencies take
nothing but the request, both are known once FastAPI has led a request there. All else goes
FastAPI's way, bodies that it refuses too, and the documentation knows no difference.
"""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, get_type_hints

from fastapi import Request, Response, params
from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from forthwith.platform.http.bodies import Replay

_JSON: Final = frozenset({"application/json", "application/json; charset=utf-8"})
"""What clients call a JSON body; FastAPI judges any other name."""

Ask: TypeAlias = Callable[[Request], Awaitable[Any]]
Key: TypeAlias = tuple[str, str]
"""A method and a path."""


class _NotDirectlyError(Exception):
    """The body of a request is not as it should be, which FastAPI explains."""


@dataclass(frozen=True, slots=True)
class _Way:
    """A route, and how it is called."""

    route: APIRoute
    ask: Ask


class DirectWays:
    """Calls what it knows by method and path; any other request goes to `app`, and is learnt of.

    It learns from requests, since to look at all routes at start takes a quarter of a second.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._routes = routes
        self._ways: dict[Key, _Way] = {}
        self._judged: set[Key] = set()

    @property
    def known(self) -> frozenset[Key]:
        """Methods and paths that are called directly by now."""
        return frozenset(self._ways)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or scope.get("root_path"):
            await self._app(scope, receive, send)
            return
        key = (scope["method"], scope["path"])
        way = self._ways.get(key)
        if way is None:
            await self._app(scope, receive, send)
            self._learn(key, scope)
            return
        scope["route"], scope["endpoint"], scope["path_params"] = way.route, way.route.endpoint, {}
        request = Request(scope, receive, send)
        try:
            response: Response = await way.ask(request)
        except _NotDirectlyError:
            await self._app(scope, Replay(await request.body(), receive), send)
        else:
            await response(scope, receive, send)

    def _learn(self, key: Key, scope: Scope) -> None:
        """Remember where FastAPI has led a request, if the next one can go there directly."""
        route = scope.get("route")
        if not isinstance(route, APIRoute) or "{" in route.path or key in self._judged:
            return
        context = _included(self._routes, route, scope)
        if context is None:
            return
        self._judged.add(key)
        asked = key[0] in (context.methods or ()) and _answers_itself(route)
        ask = _ask_with_body(context.dependant) if asked else None
        if ask is not None:
            self._ways[key] = _Way(route, ask)


def _included(routes: Sequence[BaseRoute], route: APIRoute, scope: Scope) -> RouteContext | None:
    """The route as the router includes it that takes the request; None where a path differs."""
    for each in routes:
        match, _ = each.matches(dict(scope))
        if match is Match.FULL:
            contexts = iter_route_contexts([each])
            same = (one for one in contexts if one.original_route is route)
            return next((one for one in same if one.path == scope["path"]), None)
    return None


def _answers_itself(route: APIRoute) -> bool:
    """Whether the function makes its response, of a body that nobody measures for it."""
    made = get_type_hints(route.endpoint).get("return")
    return inspect.isclass(made) and issubclass(made, Response) and route.max_body_size is None


def _ask_with_body(asked: Dependant) -> Ask | None:
    """What calls a function with what it asks for; None where that is more than the way takes."""
    if not asked.body_params:
        return _ask(asked)
    body, *others = asked.body_params
    return None if others or not _is_whole_json(body) else _ask(asked, body)


def _is_whole_json(field: ModelField) -> bool:
    """Whether a parameter is the body itself, not a member of it or of a form."""
    info = field.field_info
    return isinstance(info, params.Body) and not (isinstance(info, params.Form) or info.embed)


def _ask(asked: Dependant, body: ModelField | None = None) -> Ask | None:
    function = asked.call
    inner: dict[str, Ask] = {}
    for each in asked.dependencies:
        if each.name is None or each.body_params or (ask_inner := _ask(each)) is None:
            return None
        inner[each.name] = ask_inner
    if function is None or not _asks_little(asked):
        return None
    headers = [(field.name, field.alias) for field in asked.header_params]
    request_name = asked.request_param_name or asked.http_connection_param_name

    async def ask(request: Request) -> Any:
        sent = await _json(request) if body is not None else None
        given: dict[str, Any] = {name: await each(request) for name, each in inner.items()}
        if body is not None:
            given[body.name] = _valid(body, sent)
        for name, header in headers:
            given[name] = request.headers.get(header)
        if request_name is not None:
            given[request_name] = request
        return await function(**given)

    return ask


async def _json(request: Request) -> Any:
    """The body, before anybody is asked who sends it, as FastAPI does."""
    if request.headers.get("content-type") not in _JSON:
        raise _NotDirectlyError
    try:
        return await request.json()
    except (ValueError, RecursionError):
        raise _NotDirectlyError from None


def _valid(field: ModelField, sent: Any) -> Any:
    """What is sent as the parameter's type, after those were asked who may refuse."""
    value, faults = field.validate(sent, loc=("body",))
    if faults:
        raise _NotDirectlyError
    return value


def _asks_little(asked: Dependant) -> bool:
    other = (
        *(asked.path_params, asked.query_params, asked.cookie_params),
        *(asked.websocket_param_name, asked.response_param_name),
        *(asked.background_tasks_param_name, asked.security_scopes_param_name),
    )
    is_awaited = inspect.iscoroutinefunction(asked.call) or inspect.iscoroutinefunction(
        getattr(asked.call, "__call__", None)  # noqa: B004 - of FastAPI's security schemes
    )
    plain = all(
        field.field_info.annotation == (str | None) and not field.field_info.metadata
        for field in asked.header_params
    )
    return is_awaited and plain and not any(other)
