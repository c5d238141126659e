"""Databases, data sources, pages and uploads as Notion tells them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from forthwith.sandbox.notion import answers
from forthwith.sandbox.notion.answers import Json
from forthwith.sandbox.notion.workspace import DataSource, Page, Upload

PAGES: Final = "/_sandbox/p"
"""Where the sandbox shows pages to people."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Objects for one who called the server at `base_url`."""

    base_url: str
    database_id: str

    def database(self, sources: Sequence[DataSource]) -> Json:
        """The database, with what it contains."""
        return {
            "object": "database",
            "id": self.database_id,
            "title": [answers.text(sources[0].name)],
            "description": [],
            "parent": {"type": "page_id", "page_id": answers.BOT},
            "is_inline": False,
            "in_trash": False,
            "is_locked": False,
            "created_time": sources[0].created,
            "last_edited_time": sources[0].created,
            "data_sources": [{"id": each.id, "name": each.name} for each in sources],
            "icon": None,
            "cover": None,
            "url": self._address(),
            "public_url": None,
            "archived": False,
        }

    def source(self, source: DataSource) -> Json:
        """A data source with its properties."""
        return {
            "object": "data_source",
            "id": source.id,
            "cover": None,
            "icon": None,
            "created_time": source.created,
            "created_by": answers.by_bot(),
            "last_edited_by": answers.by_bot(),
            "last_edited_time": source.created,
            "title": [answers.text(source.name)],
            "description": [],
            "is_inline": False,
            "properties": source.columns,
            "parent": {"type": "database_id", "database_id": self.database_id},
            "database_parent": {"type": "page_id", "page_id": answers.BOT},
            "url": self._address(),
            "public_url": None,
            "in_trash": False,
            "archived": False,
        }

    def page(self, page: Page) -> Json:
        """A page with its values."""
        parent = {"data_source_id": page.source.id, "database_id": self.database_id}
        return {
            "object": "page",
            "id": page.id,
            "created_time": page.created,
            "last_edited_time": page.edited,
            "created_by": answers.by_bot(),
            "last_edited_by": answers.by_bot(),
            "cover": None,
            "icon": None,
            "parent": {"type": "data_source_id", **parent},
            "in_trash": page.is_in_trash,
            "is_archived": page.is_in_trash,
            "is_locked": False,
            "properties": page.properties(),
            "url": self._address(page.slug),
            "public_url": None,
            "archived": page.is_in_trash,
        }

    def _address(self, slug: str = "") -> str:
        return f"{self.base_url}{PAGES}/{slug}"


def told_upload(upload: Upload) -> Json:
    """A file that was or will be sent."""
    begun = answers.moment()
    return {
        "object": "file_upload",
        "id": upload.id,
        "created_time": begun,
        "created_by": {"id": answers.BOT, "type": "bot"},
        "last_edited_time": begun,
        "expiry_time": None if upload.is_shown else upload.expires_at.isoformat(),
        "in_trash": False,
        "status": "pending" if upload.size is None else "uploaded",
        "filename": upload.name,
        "content_type": upload.media_type,
        "content_length": upload.size,
        "archived": False,
    }
