"""Routes that ask for little are called directly, and answer as FastAPI lets them answer."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request, Response, Security
from fastapi.security import APIKeyHeader

from forthwith.platform.errors import Forbidden
from forthwith.platform.http import DirectWays, install_problems, plain

KEY = APIKeyHeader(name="x-key", auto_error=False)


async def _asking(request: Request, key: Annotated[str | None, Security(KEY)]) -> str:
    if key is None:
        raise Forbidden(f"{request.url.path} needs a key.")
    return key


async def _refuse(request: Request) -> None:
    if "x-refused" in request.headers:
        raise Forbidden("Not here.")


Asking = Annotated[str, Depends(_asking)]
router = APIRouter(prefix="/things")


@router.post("", status_code=202)
async def make(
    request: Request,
    key: Asking,
    word: Annotated[str | None, Header(alias="X-Word")] = None,
) -> Response:
    """Tell what was handed in."""
    return plain({"key": key, "word": word, "route": request.scope["route"].path})


@router.get("")
async def look(key: Asking, most: Annotated[int, Query(le=3)] = 1) -> Response:
    """One parameter in the query."""
    return plain({"key": key, "most": most})


@router.get("/{name}")
async def one(name: str) -> Response:
    """One parameter in the path."""
    return plain({"name": name})


@router.get("/never")
async def never() -> Response:
    """Behind a route that takes its path."""
    return plain({"name": "reached"})


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI()
    install_problems(made)
    made.include_router(router, prefix="/open")
    made.include_router(router, prefix="/guarded", dependencies=[Depends(_refuse)])
    return made


@pytest.fixture
def ways(app: FastAPI) -> DirectWays:
    found = DirectWays(app.router.middleware_stack, app.routes)
    app.router.middleware_stack = found
    return found


@pytest.fixture
async def newcomer(app: FastAPI, ways: DirectWays) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


@pytest.fixture
async def client(newcomer: httpx.AsyncClient) -> httpx.AsyncClient:
    """One whose ways are known from earlier requests."""
    for place in ("open", "guarded"):
        for method in ("POST", "GET"):
            await newcomer.request(method, f"/{place}/things", headers={"X-Key": "k"})
    return newcomer


async def test_only_routes_that_ask_for_the_request_alone_are_called_directly(
    client: httpx.AsyncClient, ways: DirectWays
) -> None:
    """Not what has parameters of its own, and not what its inclusion guards."""
    for path in ("/open/things/a", "/open/things/never", "/elsewhere"):
        await client.get(path)
    await client.delete("/open/things")

    assert ways.known == {("POST", "/open/things")}


async def test_a_way_is_learnt_from_the_first_request(
    newcomer: httpx.AsyncClient, ways: DirectWays
) -> None:
    before = ways.known
    answers = [await newcomer.post("/open/things", headers={"X-Key": "k"}) for _ in range(2)]

    assert (before, ways.known) == (frozenset(), {("POST", "/open/things")})
    assert answers[0].json() == answers[1].json()


async def test_dependencies_and_headers_are_handed_in(client: httpx.AsyncClient) -> None:
    headers = {"X-Key": "k", "X-Word": "w"}
    answer = await client.post("/open/things", headers=headers)

    assert answer.json() == {"key": "k", "word": "w", "route": "/things"}


async def test_a_dependency_that_refuses_is_answered_as_a_problem(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/open/things")

    assert answer.status_code == 403
    assert answer.json()["detail"] == "/open/things needs a key."


async def test_what_guards_an_included_router_is_not_passed_by(
    client: httpx.AsyncClient,
) -> None:
    headers = {"X-Key": "k", "X-Refused": "1"}
    answers = [
        await client.post(f"/{place}/things", headers=headers) for place in ("open", "guarded")
    ]

    assert [each.status_code for each in answers] == [200, 403]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/open/things?most=3", 200),
        ("GET", "/open/things?most=4", 422),
        ("GET", "/open/things/a", 200),
        ("DELETE", "/open/things", 405),
        ("POST", "/open/things/", 307),
        ("POST", "/elsewhere", 404),
    ],
)
async def test_every_other_request_goes_the_way_of_fastapi(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path, headers={"X-Key": "k"})

    assert answer.status_code == status


async def test_a_route_behind_another_is_not_reached_here_either(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/open/things/never")).json() == {"name": "never"}
