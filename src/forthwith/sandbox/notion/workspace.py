"""What the sandbox's Notion holds: a database with its data sources, pages, uploaded files."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID, uuid4

from forthwith.platform import clock
from forthwith.sandbox.notion import answers, values
from forthwith.sandbox.notion.answers import Json, invalid, not_found
from forthwith.sandbox.notion.knobs import NotionKnobs

T = TypeVar("T")

_TITLE: Final = "Contacts"
_UPLOAD_LASTS: Final = timedelta(hours=1)
_NOT_IN_NAME: Final = re.compile(r"[^0-9A-Za-z]+")


@dataclass(slots=True)
class Upload:
    """A file; its bytes are counted and not kept."""

    id: str
    name: str
    media_type: str
    expires_at: datetime
    size: int | None = None
    is_shown: bool = False


@dataclass(slots=True)
class DataSource:
    """A table: its properties by name, as answers tell them."""

    id: str
    name: str
    columns: dict[str, Json]
    created: str = field(default_factory=answers.moment)


@dataclass(slots=True)
class Page:
    """A page of a data source; `values` are kept by the names of properties."""

    id: str
    source: DataSource
    values: dict[str, Any]
    order: int
    created: str = field(default_factory=answers.moment)
    found_from: float = 0.0
    """When a query sees it, on the monotonic clock."""
    edited: str = field(default_factory=answers.moment)
    is_in_trash: bool = False
    writes: int = 1

    def properties(self) -> dict[str, Json]:
        """All values as answers tell them."""
        columns = self.source.columns
        return {
            name: values.given(column, self.values.get(name, values.empty(column["type"])))
            for name, column in columns.items()
        }

    @property
    def title(self) -> str:
        """What it is called."""
        return next(values.plain(v) for v in self.properties().values() if v["type"] == "title")

    @property
    def slug(self) -> str:
        """The end of its address."""
        name = _NOT_IN_NAME.sub("-", self.title).strip("-")
        return "-".join(filter(None, (name, UUID(self.id).hex)))


def column(name: str, kind: str) -> Json:
    """A property of a data source as answers tell it."""
    number = "title" if kind == "title" else secrets.token_urlsafe(3)
    shape: Json = {"id": number, "name": name, "description": None, "type": kind}
    return shape | {kind: {}}


@dataclass(slots=True)
class Workspace:
    """One workspace with one database, shared with one connection."""

    token: str = field(default_factory=lambda: f"ntn_{secrets.token_hex(16)}")
    database: str = field(default_factory=lambda: str(uuid4()))
    knobs: NotionKnobs = field(default_factory=NotionKnobs)
    sources: dict[str, DataSource] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    made: int = 0
    """Pages made so far, also those that are gone."""

    def __post_init__(self) -> None:
        self.add_source(_TITLE)

    def add_source(self, name: str) -> DataSource:
        """Another table of the database, with a title and nothing else."""
        source = DataSource(str(uuid4()), name, {"Name": column("Name", "title")})
        self.sources[source.id] = source
        return source

    def source(self, name: str) -> DataSource:
        """A data source by its id. Raises `Wrong`."""
        return _found(self.sources, name, "data_source")

    def page(self, name: str) -> Page:
        """A page by its id. Raises `Wrong`."""
        return _found(self.pages, name, "page")

    def upload(self, name: str) -> Upload:
        """An upload by its id. Raises `Wrong`, also for one that no page showed in time."""
        found = _found(self.uploads, name, "file_upload")
        if not found.is_shown and found.expires_at < datetime.now(UTC):
            raise not_found("file_upload", name)
        return found

    def make_page(self, source: DataSource, given: Json) -> Page:
        """A new page with these values."""
        held = self._taken(source, given)
        self.made += 1
        page = Page(str(uuid4()), source, held, self.made)
        page.found_from = clock.monotonic() + self.knobs.index_seconds
        self.pages[page.id] = page
        return page

    def change_page(self, page: Page, body: Json) -> None:
        """Set values, or move it into the trash and out of it."""
        wants = body.get("in_trash", body.get("archived"))
        if page.is_in_trash and wants is not False:
            raise invalid(
                "Can't edit block that is archived. You must unarchive the block before editing."
            )
        page.values |= self._taken(page.source, body.get("properties", {}))
        page.is_in_trash = bool(wants)
        page.writes += 1
        page.edited = answers.moment()

    def begin_upload(self, name: str, media_type: str) -> Upload:
        """A file that is about to be sent."""
        begun = Upload(str(uuid4()), name, media_type, datetime.now(UTC) + _UPLOAD_LASTS)
        self.uploads[begun.id] = begun
        return begun

    def listed(self, source: DataSource) -> Iterator[Page]:
        """Pages that a query sees, in the order of their making."""
        now = clock.monotonic()
        for page in self.pages.values():
            if page.source is source and not page.is_in_trash and page.found_from <= now:
                yield page

    def _taken(self, source: DataSource, given: Json) -> dict[str, Any]:
        held = {}
        for key, value in given.items():
            name = _name_of(source, key)
            kind = source.columns[name]["type"]
            held[name] = values.taken(name, kind, value)
            if kind == "files":
                self._show_files(held[name])
        return held

    def _show_files(self, files: list[Json]) -> None:
        for each in files:
            upload = self.upload(each["upload"])
            if upload.size is None:
                raise invalid("The file upload has not been sent.")
            upload.is_shown = True


def _name_of(source: DataSource, key: str) -> str:
    """Properties are named by name or id."""
    if key in source.columns:
        return key
    for name, each in source.columns.items():
        if each["id"] == key:
            return name
    raise invalid(f"{key} is not a property that exists.")


def _found(known: dict[str, T], name: str, kind: str) -> T:
    """By id, with or without dashes."""
    try:
        return known[str(UUID(name))]
    except (KeyError, ValueError):
        raise not_found(kind, name) from None
