"""What every answer looks like: the envelope, and problems with the same members."""

import asyncio
from datetime import datetime

import httpx
import pytest
from fastapi import FastAPI
from support import API_KEY, send_photo

from forthwith.platform.config import PlatformSettings
from forthwith.platform.errors import TooMany
from forthwith.platform.http.problems import from_error
from forthwith.platform.runtime import Runtime
from forthwith.server import create_app

SOME_ID = "01890000-0000-7000-8000-000000000000"
LOGIN = "/api/v1/auth/login"
JSON = {"Content-Type": "application/json"}
MEMBERS = {
    *("type", "title", "status", "detail", "instance", "request_id", "success", "data"),
    *("message", "timestamp", "error", "errors"),
}


def check_problem(answer: httpx.Response, status: int) -> None:
    """The answer is a problem with all members of the contract, and shows no insides."""
    body = answer.json()
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert body.keys() == MEMBERS
    assert body["status"] == status
    assert body["success"] is False
    assert body["data"] is None
    assert body["message"] == body["detail"] == body["error"]["message"]
    assert body["type"] == f"/problems/{body['error']['code'].lower().replace('_', '-')}"
    assert body["request_id"] == answer.headers["x-request-id"]
    assert datetime.fromisoformat(body["timestamp"]).utcoffset() is not None
    assert all(fault.keys() == {"pointer", "detail"} for fault in body["errors"])
    assert "Traceback" not in answer.text


UNSERVED = [
    ("GET", "/", 404),
    ("GET", "/nowhere", 404),
    ("GET", "/api/v1/nowhere", 404),
    ("GET", "/api/v1/cards/../../etc/passwd", 404),
    ("GET", "/%00", 404),
    ("GET", "/%ff%fe", 404),
    ("GET", f"/api/v1/cards/{SOME_ID}", 404),
    ("GET", f"/api/v1/cards/{SOME_ID}/events", 404),
    ("GET", f"/api/v1/cards/{SOME_ID}/photo", 404),
    ("DELETE", f"/api/v1/cards/{SOME_ID}", 404),
    ("GET", f"/api/v1/runs/{SOME_ID}", 404),
    ("GET", f"/api/v1/runs/{SOME_ID}/events", 404),
    ("POST", f"/api/v1/runs/{SOME_ID}/cancel", 404),
    ("POST", f"/api/v1/runs/{SOME_ID}/retry", 404),
    ("GET", "/api/v1/cards/not-a-uuid", 422),
    ("GET", "/api/v1/cards/%00", 422),
    ("GET", "/api/v1/cards/%ED%A0%80", 422),
    ("GET", f"/api/v1/cards/{SOME_ID}0", 422),
    ("DELETE", "/api/v1/cards/1", 422),
    ("POST", "/api/v1/runs/1/cancel", 422),
    ("PUT", "/api/v1/cards", 405),
    ("PATCH", f"/api/v1/cards/{SOME_ID}", 405),
    ("POST", "/health", 405),
    ("TRACE", "/health/live", 405),
    ("POST", "/api/v1/cards", 415),
]


async def test_what_cannot_be_served_is_a_problem(api: httpx.AsyncClient) -> None:
    for method, path, status in UNSERVED:
        check_problem(await api.request(method, path), status)


async def test_a_wrong_method_is_told_the_right_ones(api: httpx.AsyncClient) -> None:
    answer = await api.put(f"/api/v1/cards/{SOME_ID}")

    check_problem(answer, 405)
    assert answer.headers["allow"] == "DELETE, GET"


WRONG_QUERIES = [
    ("limit=0", "query/limit"),
    ("limit=101", "query/limit"),
    ("limit=99999999999999999999", "query/limit"),
    ("limit=-1", "query/limit"),
    ("limit=ten", "query/limit"),
    ("limit=1e3", "query/limit"),
    ("limit=NaN", "query/limit"),
    ("cursor=", "query/cursor"),
    ("cursor=AAAA", "query/cursor"),
    ("cursor=!!!!", "query/cursor"),
    ("cursor=%F0%9F%98%80", "query/cursor"),
    ("cursor=%ED%A0%80", "query/cursor"),
    ("cursor=%ff", "query/cursor"),
    (f"cursor={'A' * 65}", "query/cursor"),
    (f"cursor={'A' * 10_000}", "query/cursor"),
    ("cursor='%20or%201=1--", "query/cursor"),
    ("status=lost", "query/status"),
    ("status=", "query/status"),
    ("status=queued'%20or%20'1'='1", "query/status"),
]


@pytest.mark.parametrize("path", ["/api/v1/cards", "/api/v1/runs"])
async def test_a_wrong_filter_or_cursor_is_pointed_at(api: httpx.AsyncClient, path: str) -> None:
    for query, pointer in WRONG_QUERIES:
        answer = await api.get(f"{path}?{query}")

        check_problem(answer, 422)
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


UNREADABLE = [
    (b"", "is required"),
    (b"null", "must be a JSON object"),
    (b"[]", "must be a JSON object"),
    (b'"x"', "must be a JSON object"),
    (b'{"email": ', "is no JSON from character 10 on"),
    (b"\xff\xfe", "is no JSON"),
]


async def test_a_body_that_is_no_object_is_pointed_at_as_a_whole(api: httpx.AsyncClient) -> None:
    """`#` is all of a document; `#/` would be its member without a name (RFC 6901)."""
    for content, detail in UNREADABLE:
        answer = await api.post(LOGIN, content=content, headers=JSON)

        check_problem(answer, 422)
        (fault,) = answer.json()["errors"]
        assert fault["pointer"] == "#"
        assert detail in fault["detail"], content


async def test_a_body_that_a_route_reads_itself_is_pointed_at_in_the_same_way(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.post("/api/v1/orders/quick", content=b"\x00", headers=JSON)

    check_problem(answer, 422)
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == "#"
    assert fault["detail"].startswith("is no JSON: ")


async def test_a_body_that_nobody_could_read_is_told_why(api: httpx.AsyncClient) -> None:
    for content in (b"[" * 200_000, b'{"email": ' + b"9" * 5000 + b"}", b'{"email": "\xff"}'):
        answer = await api.post(LOGIN, content=content, headers=JSON)

        check_problem(answer, 400)
        assert "cannot be read: it is no UTF-8, nested too deeply" in answer.json()["detail"]


async def test_a_body_of_another_type_is_told_which_one_to_send(api: httpx.AsyncClient) -> None:
    """As `curl -d` sends it, whose default type is a form's."""
    for media_type in ("application/x-www-form-urlencoded", "text/plain", ""):
        headers = {"Content-Type": media_type}
        answer = await api.post(LOGIN, content=b'{"email": "a@example.com"}', headers=headers)

        check_problem(answer, 415)
        assert "application/json" in answer.json()["detail"]


def test_nobody_is_told_to_come_back_too_early() -> None:
    problem = from_error(TooMany("Wait.", retry_after=30.2), "/")

    assert problem.headers["retry-after"] == "31"


async def test_a_nul_byte_in_a_query_is_a_bad_request(api: httpx.AsyncClient) -> None:
    for query in ("name=a%00b", "%00=1", "status=%00", "cursor=%00"):
        check_problem(await api.get(f"/api/v1/runs?{query}"), 400)


async def test_strange_but_harmless_queries_find_nothing(api: httpx.AsyncClient) -> None:
    names = ("%ED%A0%80", "%ff", "%F0%9F%98%80", "'%22;--")
    for query in (*(f"name={name}" for name in names), "name=x&unknown=1", "&name=x&="):
        answer = await api.get(f"/api/v1/runs?{query}")

        assert answer.status_code == 200
        assert answer.json()["data"]["items"] == []


async def _raw(api: httpx.AsyncClient, head: bytes) -> bytes:
    """Everything the server answers to these bytes, until it closes the connection."""
    reader, writer = await asyncio.open_connection(api.base_url.host, api.base_url.port)
    writer.write(head)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer


MALFORMED = [
    (b"GET /api/v1/cards?limit=\xff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400),
    (b"GET /\xff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400),
    (b"GET /nowhere HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n", 404),
    (b"GET /nowhere HTTP/1.1\r\nHost: \xff:x\r\nConnection: close\r\n\r\n", 404),
    (b"GET /nowhere HTTP/1.0\r\n\r\n", 404),
    (b"GET http://[/nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400),
    (b"POST /api/v1/cards HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400),
    (b"POST /api/v1/cards HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
    (b"nonsense\r\n\r\n", 400),
]


async def test_a_malformed_request_line_or_host_never_breaks_the_server(
    api: httpx.AsyncClient,
) -> None:
    answers = {head: await _raw(api, head) for head, _ in MALFORMED}

    assert {head: int(answer.split(b" ")[1]) for head, answer in answers.items()} == dict(MALFORMED)
    assert not any(b"Traceback" in answer for answer in answers.values())


async def test_ten_thousand_characters_in_a_header_are_answered(api: httpx.AsyncClient) -> None:
    harmless = ("X-Whatever", "X-Request-Id", "Cookie", "If-None-Match", "Accept", "Prefer")
    expected = {**dict.fromkeys(harmless, 200), "X-API-Key": 401, "Authorization": 401}
    found = {}
    async with httpx.AsyncClient(base_url=api.base_url) as client:
        for name in expected:
            headers = [(name, "x" * 10_000), ("X-API-Key", API_KEY)]
            if name == "Authorization":
                headers = [(name, "Bearer " + "x" * 10_000)]
            found[name] = (await client.get("/api/v1/cards", headers=headers)).status_code

    assert found == expected


async def test_more_than_32_kib_of_headers_are_too_many(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/v1/cards", headers={"X-Whatever": "x" * 33_000})

    check_problem(answer, 431)


async def test_a_header_beyond_ascii_is_no_failure(api: httpx.AsyncClient) -> None:
    headers = [("X-Whatever", "王小明".encode()), ("X-Request-Id", b"\xff\xfe")]

    answer = await api.get("/api/v1/cards", headers=headers)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("given", "kept"), [("abc-1.2_3", True), ("x" * 65, False), ("a b", False), ("<b>", False)]
)
async def test_a_plain_request_id_of_the_caller_is_kept(
    api: httpx.AsyncClient, given: str, *, kept: bool
) -> None:
    answer = await api.get("/health/live", headers={"X-Request-Id": given})

    assert (answer.headers["x-request-id"] == given) is kept


async def test_every_success_has_the_envelope(api: httpx.AsyncClient) -> None:
    sent = await send_photo(api, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01")
    submitted = sent.json()["data"]
    answers = [
        sent,
        await api.get("/api/v1/cards"),
        await api.get(submitted["polling_url"]),
        await api.get("/api/v1/runs"),
        await api.get(submitted["run_url"]),
        await api.post(f"{submitted['run_url']}/cancel"),
        await api.post(f"{submitted['run_url']}/retry"),
        await api.delete(submitted["polling_url"]),
    ]

    for answer in answers:
        body = answer.json()
        assert answer.is_success, answer.text
        assert body.keys() == {"success", "data", "message", "timestamp"}
        assert body["success"] is True
        assert datetime.fromisoformat(body["timestamp"]).utcoffset() is not None


async def test_a_defect_is_a_problem_under_the_request_id_and_shows_no_insides(
    runtime: Runtime, settings: PlatformSettings, capfd: pytest.CaptureFixture[str]
) -> None:
    app = _with_a_defect(create_app(settings, runtime))
    transport = httpx.ASGITransport(app=_with_state(app, runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/defect", headers={"X-Request-Id": "mine"})

    check_problem(answer, 500)
    assert answer.headers["x-request-id"] == "mine"
    assert "secret insides" not in answer.text
    assert "secret insides" in capfd.readouterr().out


def _with_a_defect(app: FastAPI) -> FastAPI:
    @app.get("/defect")
    async def defect() -> None:
        raise RuntimeError("secret insides")

    return app


def _with_state(app: FastAPI, runtime: Runtime) -> FastAPI:
    """What the server's lifespan does: hand the runtime to each request."""

    async def stateful(scope: dict[str, object], receive: object, send: object) -> None:
        await app({**scope, "state": runtime.state()}, receive, send)  # type: ignore[arg-type]

    return stateful  # type: ignore[return-value]
