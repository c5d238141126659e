"""Notion's API, by the one way out."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from forthwith.integrations.notion.errors import NotThere, SchemaMismatch
from forthwith.integrations.notion.properties import Json
from forthwith.integrations.notion.schema import Column, Schema
from forthwith.integrations.notion.settings import NotionSettings
from forthwith.platform import clock
from forthwith.platform.errors import Refused, Unavailable
from forthwith.platform.upstream import Attempt, Priority, Upstream

if TYPE_CHECKING:
    from forthwith.integrations.notion.sdk import Connection

T = TypeVar("T")

UPLOAD_BYTES: Final = 20 * 1024 * 1024
"""Of a file in one part; workspaces without a plan take 5 MiB."""
UPLOAD_LASTS_SECONDS: Final = 3_600.0
"""A file that no page shows by then is gone."""
_SDK: Final = "forthwith.integrations.notion.sdk"
_KEPT_SECONDS: Final = 3_600.0


class Page(msgspec.Struct, frozen=True):
    """A page: its id, and where people read it."""

    id: str
    url: str


class Source(msgspec.Struct, frozen=True):
    """A data source of a database."""

    id: str
    name: str = ""


class Notion:
    """One data source. Every method raises as `Upstream.call` does, beside what it names itself.

    `NotThere` is raised for what is gone, `Refused` for a request that Notion will not do.
    """

    def __init__(
        self,
        upstream: Upstream,
        settings: NotionSettings,
        *,
        priority: Priority = Priority.DEFAULT,
    ) -> None:
        """`priority` is what these calls have among all that share the budget."""
        self._upstream = upstream
        self._settings = settings
        self._priority = priority
        self._connections: dict[str, Connection] = {}
        self._source = settings.data_source_id
        self._schema: Schema | None = None
        self._seen_at = 0.0

    async def schema(self, *, is_fresh: bool = False) -> Schema:
        """The properties of the data source, as of at most an hour ago unless it is to be fresh.

        Raises `NotThere` when the connection does not see it, `SchemaMismatch` when it is not
        clear which data source is meant.
        """
        is_young = clock.monotonic() - self._seen_at < _KEPT_SECONDS
        if self._schema is not None and is_young and not is_fresh:
            return self._schema
        source = await self._source_id()

        async def send(api: Any) -> Schema:
            return _schema(await api.data_sources.retrieve(source))

        return self._seen(await self._call("schema", send))

    async def check(self, columns: Sequence[Column], *, is_fresh: bool = False) -> Schema:
        """The schema, if pages with these columns can be written.

        Raises `SchemaMismatch` that names each fault.
        """
        schema = await self.schema(is_fresh=is_fresh)
        faults = schema.faults(columns)
        if faults and not is_fresh:
            return await self.check(columns, is_fresh=True)
        if faults:
            raise SchemaMismatch(f"The data source {schema.name!r}: {'; '.join(faults)}.")
        return schema

    async def add(self, columns: Sequence[Column]) -> Schema:
        """Add properties to the data source."""
        source = await self._source_id()
        properties: Json = {each.name: {each.kind: {}} for each in columns}

        async def send(api: Any) -> Schema:
            return _schema(await api.data_sources.update(source, properties=properties))

        return self._seen(await self._call("add_columns", send))

    async def find(self, column: str, value: str) -> Page | None:
        """The oldest page that is not in the trash and has this text there."""
        source = await self._source_id()
        wanted = {"property": column, "rich_text": {"equals": value}}
        sorts = [{"timestamp": "created_time", "direction": "ascending"}]

        async def send(api: Any) -> Page | None:
            found = await api.data_sources.query(source, filter=wanted, sorts=sorts, page_size=1)
            return _page(found["results"][0]) if found["results"] else None

        return await self._call("find", send)

    async def create(self, properties: Json) -> Page:
        """A new page.

        Notion knows no key for repeating: after `Unanswered` it may be there, look by `find`.
        """
        parent = {"type": "data_source_id", "data_source_id": await self._source_id()}

        async def send(api: Any) -> Page:
            return _page(await api.pages.create(parent=parent, properties=properties))

        return await self._call("create", send)

    async def update(self, page: str, properties: Json) -> Page:
        """Set these properties of a page and leave the others.

        Raises `NotThere` when the page is in the trash or gone.
        """

        async def send(api: Any) -> Page:
            return _page(await api.pages.update(page, properties=properties))

        return await self._call("update", send)

    async def put_away(self, page: str) -> bool:
        """Put a page into the trash, where Notion keeps it for 30 days; whether it was there."""

        async def send(api: Any) -> None:
            await api.pages.update(page, archived=True)

        try:
            await self._call("put_away", send)
        except NotThere:
            return False
        return True

    async def upload(self, name: str, media_type: str, content: bytes) -> str:
        """Upload a file, to be shown by a page within the hour; its id.

        Raises `Refused` for one that is larger, or of another type, than the workspace takes.
        """
        if len(content) > UPLOAD_BYTES:
            raise Refused(f"Notion takes files of {UPLOAD_BYTES:,} bytes in one part.")

        async def begin(api: Any) -> str:
            begun = await api.file_uploads.create(
                mode="single_part", filename=name, content_type=media_type
            )
            return str(begun["id"])

        upload = await self._call("begin_upload", begin)

        async def send(api: Any) -> None:
            await api.file_uploads.send(upload, file=(name, content, media_type))

        await self._call("send_upload", send)
        return upload

    async def close(self) -> None:
        """Close the connections."""
        while self._connections:
            await self._connections.popitem()[1].close()

    async def _source_id(self) -> str:
        """The data source that the settings name, or the only one of the database."""
        if self._source is not None:
            return self._source
        database = self._settings.database_id
        if database is None:
            raise Unavailable("No database of Notion is set; set NOTION_DATABASE_ID.")

        async def send(api: Any) -> Source:
            return _only((await api.databases.retrieve(database))["data_sources"])

        self._source = (await self._call("discover", send)).id
        return self._source

    def _seen(self, schema: Schema) -> Schema:
        self._schema, self._seen_at = schema, clock.monotonic()
        return schema

    async def _call(self, operation: str, ask: Callable[[Any], Awaitable[T]]) -> T:
        async def send(attempt: Attempt) -> T:
            return await ask(self._connection(attempt).api)

        if not self._connections:
            await _load_sdk()
        return await self._upstream.call(operation, send, priority=self._priority)

    def _connection(self, attempt: Attempt) -> "Connection":
        """Connections that this secret shares."""
        known = self._connections.get(attempt.secret)
        if known is None:
            known = import_module(_SDK).Connection(
                attempt.secret,
                self._settings.base_url,
                is_local=self._settings.is_local,
                seconds=attempt.seconds,
                connect_seconds=attempt.connect_seconds,
            )
            self._connections[attempt.secret] = known
        return known


async def _load_sdk() -> None:
    """Import the SDK beside the loop, which would stand still meanwhile."""
    try:
        await asyncio.to_thread(import_module, _SDK)
    except ImportError as error:
        raise Unavailable("Notion cannot be called: pip install 'forthwith[notion]'") from error


def _page(answer: Json) -> Page:
    return Page(answer["id"], answer["url"])


def _schema(answer: Json) -> Schema:
    name = "".join(run["plain_text"] for run in answer["title"])
    columns = tuple((name, each["type"]) for name, each in answer["properties"].items())
    return Schema(answer["id"], name, answer["url"], columns)


def _only(sources: list[Json]) -> Source:
    found = msgspec.convert(sources, list[Source])
    if len(found) == 1:
        return found[0]
    named = ", ".join(f"{each.name!r} is {each.id}" for each in found) or "none"
    raise SchemaMismatch(
        f"The database has {len(found)} data sources; set NOTION_DATA_SOURCE_ID. There are: {named}"
    )
