"""Routes that ask for little are called directly, and answer as FastAPI lets them answer."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Body, Depends, FastAPI, Header, Query, Request, Response, Security
from fastapi.security import APIKeyHeader
from pydantic import BaseModel, Field

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


class Thing(BaseModel):
    """What is sent."""

    weight: Annotated[int, Field(strict=True, ge=1)]


@router.put("")
async def replace(key: Asking, thing: Thing) -> Response:
    """One JSON body."""
    return plain({"key": key, "weight": thing.weight})


@router.patch("")
async def change(key: Asking, weight: Annotated[int, Body(embed=True)]) -> Response:
    """One member of a JSON body."""
    return plain({"key": key, "weight": weight})


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
    for method in ("PUT", "PATCH"):
        sent = {"weight": 2}
        await newcomer.request(method, "/open/things", headers={"X-Key": "k"}, json=sent)
    return newcomer


async def test_only_routes_that_ask_for_the_request_alone_are_called_directly(
    client: httpx.AsyncClient, ways: DirectWays
) -> None:
    """Or for a whole JSON body; not what has other parameters, or what its inclusion guards."""
    for path in ("/open/things/a", "/open/things/never", "/elsewhere"):
        await client.get(path)
    await client.delete("/open/things")

    assert ways.known == {("POST", "/open/things"), ("PUT", "/open/things")}


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


async def test_a_json_body_is_handed_in(client: httpx.AsyncClient) -> None:
    answer = await client.put("/open/things", headers={"X-Key": "k"}, json={"weight": 3})

    assert answer.json() == {"key": "k", "weight": 3}


@pytest.mark.parametrize("headers", [{"X-Key": "k"}, {}])
@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/json", b'{"weight": 0}'),
        ("application/json", b'{"weight": "2"}'),
        ("application/json", b'{"weight": '),
        ("application/json", b"\xff"),
        ("application/json", b"[" * 20_000),
        ("application/json", b""),
        ("text/plain", b'{"weight": 2}'),
        ("application/vnd.thing+json", b'{"weight": 2}'),
        ("", b'{"weight": 2}'),
    ],
)
async def test_any_other_body_is_answered_as_fastapi_answers_it(
    app: FastAPI, ways: DirectWays, headers: dict[str, str], media_type: str, body: bytes
) -> None:
    """Whoever has no key is told so first where FastAPI tells so first."""
    sent = {**headers, **({"Content-Type": media_type} if media_type else {})}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        by_fastapi = await client.put("/open/things", headers=sent, content=body)
        await client.put("/open/things", headers={"X-Key": "k"}, json={"weight": 2})
        known = ways.known
        directly = await client.put("/open/things", headers=sent, content=body)

    assert ("PUT", "/open/things") in known
    assert _told(directly) == _told(by_fastapi)


def _told(answer: httpx.Response) -> tuple[int, dict[str, object]]:
    """Status and body, but for the moment it was made at."""
    return answer.status_code, {**answer.json(), "timestamp": None}
