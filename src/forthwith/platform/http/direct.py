"""A direct way to routes that ask for little.

FastAPI asks one router after the other, and works out at each request where every parameter comes
from: a third of what a photo's request cost here. For a route without parameters in its path,
whose dependencies take nothing but the request, both are known at start. All else goes FastAPI's
way, and the documentation knows no difference.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, get_type_hints

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

Ask: TypeAlias = Callable[[Request], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class _Way:
    """A route, and how it is called."""

    route: APIRoute
    ask: Ask


class DirectWays:
    """Calls what it knows by method and path; any other request goes to `app`."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._ways = dict(_ways(routes))

    @property
    def known(self) -> frozenset[tuple[str, str]]:
        """Methods and paths that are called directly."""
        return frozenset(self._ways)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        way = None
        if scope["type"] == "http" and not scope.get("root_path"):
            way = self._ways.get((scope["method"], scope["path"]))
        if way is None:
            await self._app(scope, receive, send)
            return
        scope["route"], scope["endpoint"], scope["path_params"] = way.route, way.route.endpoint, {}
        response: Response = await way.ask(Request(scope, receive, send))
        await response(scope, receive, send)


def _ways(routes: Sequence[BaseRoute]) -> Iterator[tuple[tuple[str, str], _Way]]:
    """The routes that ask for little, as each router includes them, but for those never reached."""
    before: list[RouteContext] = []
    for each in iter_route_contexts(routes):
        route, path, methods = each.original_route, each.path or "", each.methods or set()
        reached = not any(_takes(earlier, path, methods) for earlier in before)
        before.append(each)
        if isinstance(route, APIRoute) and reached and "{" not in path and _answers_itself(route):
            ask = _ask(each.dependant)
            yield from (((method, path), _Way(route, ask)) for method in methods if ask)


def _takes(route: RouteContext, path: str, methods: set[str]) -> bool:
    """Whether a route that is asked first takes requests of a path."""
    regex, own = getattr(route, "path_regex", None), getattr(route, "methods", None)
    return regex is not None and regex.match(path) is not None and bool(methods & (own or methods))


def _answers_itself(route: APIRoute) -> bool:
    """Whether the function makes its response, of a body that nobody reads for it."""
    made = get_type_hints(route.endpoint).get("return")
    return inspect.isclass(made) and issubclass(made, Response) and route.max_body_size is None


def _ask(asked: Dependant) -> Ask | None:
    """What calls a function with what it asks for; None where that is not only the request."""
    function = asked.call
    inner: dict[str, Ask] = {}
    for each in asked.dependencies:
        if each.name is None or (ask_inner := _ask(each)) is None:
            return None
        inner[each.name] = ask_inner
    if function is None or not _asks_little(asked):
        return None
    headers = [(field.name, field.alias) for field in asked.header_params]
    request_name = asked.request_param_name or asked.http_connection_param_name

    async def ask(request: Request) -> Any:
        given: dict[str, Any] = {name: await each(request) for name, each in inner.items()}
        for name, header in headers:
            given[name] = request.headers.get(header)
        if request_name is not None:
            given[request_name] = request
        return await function(**given)

    return ask


def _asks_little(asked: Dependant) -> bool:
    other = (
        *(asked.path_params, asked.query_params, asked.cookie_params, asked.body_params),
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
