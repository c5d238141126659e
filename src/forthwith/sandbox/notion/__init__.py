"""Notion on this machine: one database, its pages, and files that are uploaded to it."""

from forthwith.sandbox.notion.knobs import NotionKnobs
from forthwith.sandbox.notion.server import NotionSandbox, notion_sandbox

__all__ = ["NotionKnobs", "NotionSandbox", "notion_sandbox"]
