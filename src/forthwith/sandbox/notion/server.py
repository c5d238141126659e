"""The sandbox's Notion as a server on this machine."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from forthwith.sandbox.notion import answers, values, view
from forthwith.sandbox.notion.answers import Wrong
from forthwith.sandbox.notion.api import NotionApi
from forthwith.sandbox.notion.contract import Contract
from forthwith.sandbox.notion.knobs import NotionKnobs
from forthwith.sandbox.notion.objects import PAGES
from forthwith.sandbox.notion.workspace import Page, Workspace
from forthwith.sandbox.vendor import CONTROL, Vendor, serving

_ID_LENGTH: Final = 32  # hexadecimal, at the end of a page's address


@dataclass(frozen=True, slots=True)
class NotionSandbox:
    """A Notion that runs: where, and what a program needs to know of it."""

    url: str
    workspace: Workspace
    contract: Contract | None = None

    @property
    def page(self) -> str:
        """Where people see what it holds."""
        return f"{self.url}{PAGES}/"

    def environment(self) -> dict[str, str]:
        """The settings of a program that writes into its database."""
        return {
            "NOTION_BASE_URL": self.url,
            "NOTION_API_KEY": self.workspace.token,
            "NOTION_DATABASE_ID": self.workspace.database,
        }


@asynccontextmanager
async def notion_sandbox(
    *, port: int = 0, recordings: Path | None = None
) -> AsyncGenerator[NotionSandbox]:
    """Run a Notion on loopback while the block lasts; port 0 takes a free one.

    With a folder of `recordings` everything said is held against them.
    """
    workspace = Workspace()
    contract = None if recordings is None else Contract(recordings)
    vendor = Vendor(
        name="notion",
        routes=NotionApi(workspace, contract).routes(),
        refuse=answers.refuse,
        control=_Control(workspace).routes(),
        fault_body=answers.error,
    )
    async with serving(vendor.app(), port=port) as url:
        yield NotionSandbox(url, workspace, contract)


class _Control:
    """What is held, and how the workspace behaves."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def routes(self) -> list[Route]:
        """Below `/_sandbox`."""
        here = PAGES.removeprefix(CONTROL)
        return [
            Route(f"{here}/", self._table, methods=["GET"]),
            Route(f"{here}/{{slug}}", self._page, methods=["GET"]),
            Route("/pages", self._pages, methods=["GET"]),
            Route("/workspace", self._set_knobs, methods=["PUT"]),
        ]

    async def _table(self, _: Request) -> Response:
        return HTMLResponse(view.table(self._workspace))

    async def _page(self, request: Request) -> Response:
        try:
            found = self._workspace.page(request.path_params["slug"][-_ID_LENGTH:])
        except Wrong as wrong:
            return JSONResponse(wrong.body, wrong.status)
        return HTMLResponse(view.page(found))

    async def _pages(self, _: Request) -> Response:
        held = [_told(page) for page in self._workspace.pages.values()]
        return Response(msgspec.json.encode(held), media_type="application/json")

    async def _set_knobs(self, request: Request) -> Response:
        try:
            knobs = msgspec.json.decode(await request.body(), type=NotionKnobs)
        except msgspec.MsgspecError as error:
            return JSONResponse({"error": str(error)}, status_code=422)
        self._workspace.knobs = knobs
        return Response(status_code=204)


def _told(page: Page) -> dict[str, Any]:
    """A page for tests: its values as people read them, how often it was written."""
    said = {name: values.plain(value) for name, value in page.properties().items()}
    return {"id": page.id, "in_trash": page.is_in_trash, "writes": page.writes, "values": said}
