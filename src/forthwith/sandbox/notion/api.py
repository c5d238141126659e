"""Notion's API, as the product and the SDK call it. Version 2025-09-03."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

import msgspec
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from forthwith.sandbox.notion import answers, values
from forthwith.sandbox.notion.answers import Json, Wrong, invalid, not_found, out_of_bounds
from forthwith.sandbox.notion.contract import Contract
from forthwith.sandbox.notion.objects import Telling, told_upload
from forthwith.sandbox.notion.workspace import Page, Workspace, column

VERSION: Final = "2025-09-03"
_MOST_BYTES: Final = 500_000
_PAGE_SIZE: Final = 100

Handler = Callable[[Request, Json], Awaitable[Json]]


class NotionApi:
    """The routes of api.notion.com."""

    def __init__(self, workspace: Workspace, contract: Contract | None) -> None:
        self._workspace = workspace
        self._contract = contract

    def routes(self) -> list[Route]:
        """All of them."""
        source, page = "/v1/data_sources/{id}", "/v1/pages/{id}"
        upload = "/v1/file_uploads/{id}"
        return [
            self._route("GET", "/v1/users/me", self._me),
            self._route("GET", "/v1/databases/{id}", self._database),
            self._route("GET", source, self._source),
            self._route("PATCH", source, self._change_source),
            self._route("POST", f"{source}/query", self._query),
            self._route("POST", "/v1/pages", self._make_page),
            self._route("GET", page, self._page),
            self._route("PATCH", page, self._change_page),
            self._route("POST", "/v1/file_uploads", self._begin_upload),
            self._route("POST", f"{upload}/send", self._send_upload),
            self._route("GET", upload, self._upload),
        ]

    def _route(self, method: str, path: str, handler: Handler) -> Route:
        async def answer(request: Request) -> Response:
            try:
                body = await self._checked(request)
                said, status = await handler(request, body), HTTPStatus.OK.value
                said["request_id"] = answers.error(status)["request_id"]
            except Wrong as wrong:
                said, status = wrong.body, wrong.status
            if self._contract is not None:
                self._contract.look_at_answer(method, path, status, said)
            return JSONResponse(said, status)

        return Route(path, answer, methods=[method])

    async def _checked(self, request: Request) -> Json:
        """The JSON body, of whoever may ask."""
        if request.headers.get("authorization") != f"Bearer {self._workspace.token}":
            raise Wrong(HTTPStatus.UNAUTHORIZED, "API token is invalid.")
        if request.headers.get("notion-version") != VERSION:
            raise Wrong(
                HTTPStatus.BAD_REQUEST,
                "Notion-Version header failed validation: it should be a known version.",
                "missing_version",
            )
        media_type = request.headers.get("content-type", "").partition(";")[0] or None
        body = await _json_body(request) if media_type == "application/json" else {}
        if self._contract is not None:
            self._contract.look_at_request(request.method, request.url.path, media_type, body)
        return body

    def _telling(self, request: Request) -> Telling:
        return Telling(str(request.base_url).rstrip("/"), self._workspace.database)

    async def _me(self, _: Request, __: Json) -> Json:
        limits = {"max_file_upload_size_in_bytes": self._workspace.knobs.upload_bytes}
        owner = {"type": "workspace", "workspace": True}
        bot = {"owner": owner, "workspace_name": "sandbox", "workspace_id": answers.BOT}
        return {
            "object": "user",
            "id": answers.BOT,
            "name": "sandbox",
            "avatar_url": None,
            "type": "bot",
            "bot": bot | {"workspace_limits": limits},
        }

    async def _database(self, request: Request, _: Json) -> Json:
        name = request.path_params["id"]
        if name.replace("-", "") != self._workspace.database.replace("-", ""):
            raise not_found("database", name)
        return self._telling(request).database(list(self._workspace.sources.values()))

    async def _source(self, request: Request, _: Json) -> Json:
        return self._telling(request).source(self._workspace.source(request.path_params["id"]))

    async def _change_source(self, request: Request, body: Json) -> Json:
        source = self._workspace.source(request.path_params["id"])
        for name, shape in body.get("properties", {}).items():
            kinds = [kind for kind in shape if kind in values.KINDS]
            if not kinds:
                raise invalid(f"body failed validation: body.properties.{name} should be a type.")
            source.columns[name] = column(name, kinds[0])
        return self._telling(request).source(source)

    async def _query(self, request: Request, body: Json) -> Json:
        source, telling = self._workspace.source(request.path_params["id"]), self._telling(request)
        found = [page for page in self._workspace.listed(source) if _fits(page, body)]
        first = int(body.get("start_cursor") or 0)
        size = min(int(body.get("page_size", _PAGE_SIZE)), _PAGE_SIZE)
        last = first + size
        more = last < len(found)
        return {
            "object": "list",
            "results": [telling.page(each) for each in found[first:last]],
            "next_cursor": str(last) if more else None,
            "has_more": more,
            "type": "page_or_data_source",
            "page_or_data_source": {},
        }

    async def _make_page(self, request: Request, body: Json) -> Json:
        parent = body.get("parent")
        source = parent.get("data_source_id") if isinstance(parent, dict) else None
        if not isinstance(source, str):
            raise invalid("body failed validation: body.parent.data_source_id should be defined.")
        given = body.get("properties", {})
        page = self._workspace.make_page(self._workspace.source(source), given)
        return self._telling(request).page(page)

    async def _page(self, request: Request, _: Json) -> Json:
        return self._telling(request).page(self._workspace.page(request.path_params["id"]))

    async def _change_page(self, request: Request, body: Json) -> Json:
        page = self._workspace.page(request.path_params["id"])
        self._workspace.change_page(page, body)
        return self._telling(request).page(page)

    async def _begin_upload(self, request: Request, body: Json) -> Json:
        name, media_type = body.get("filename"), body.get("content_type")
        if body.get("mode") != "single_part" or not name or not media_type:
            raise invalid("body failed validation: body.filename should be defined.")
        begun = self._workspace.begin_upload(name, media_type)
        sends_to = f"{request.base_url}v1/file_uploads/{begun.id}/send"
        return told_upload(begun) | {"upload_url": sends_to}

    async def _send_upload(self, request: Request, _: Json) -> Json:
        upload = self._workspace.upload(request.path_params["id"])
        async with request.form() as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise invalid("body failed validation: body.file should be defined.")
            size = len(await file.read())
        most = self._workspace.knobs.upload_bytes
        if size > most:
            raise out_of_bounds("file.size", most, size)
        upload.size = size
        return told_upload(upload)

    async def _upload(self, request: Request, _: Json) -> Json:
        return told_upload(self._workspace.upload(request.path_params["id"]))


def _fits(page: Page, body: Json) -> bool:
    """Whether a page passes the filter: a text that equals or contains, or none at all."""
    wanted: Any = body.get("filter")
    if not wanted:
        return True
    condition = wanted.get("rich_text") or wanted.get("title") or {}
    properties = page.properties()
    if wanted.get("property") not in properties:
        raise invalid(f"Could not find property with name or id: {wanted.get('property')}")
    said = values.plain(properties[wanted["property"]])
    if "equals" in condition:
        return bool(said == condition["equals"])
    return "contains" in condition and condition["contains"] in said


async def _json_body(request: Request) -> Json:
    raw = await request.body()
    if len(raw) > _MOST_BYTES:
        raise out_of_bounds("length", _MOST_BYTES, len(raw))
    try:
        return msgspec.json.decode(raw, type=Json)
    except msgspec.MsgspecError:
        raise Wrong(HTTPStatus.BAD_REQUEST, "Error parsing JSON body.", "invalid_json") from None
