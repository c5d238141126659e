"""What the sandbox's Notion holds, for people: a table, and each page by its own address."""

from html import escape
from typing import Final

from forthwith.sandbox.notion import values
from forthwith.sandbox.notion.workspace import Page, Workspace

_HEAD: Final = """<!doctype html><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Played Notion</title>
<style>body{font:15px system-ui;margin:2rem;max-width:70rem}td,th{padding:.3rem .6rem;
text-align:left;border-bottom:1px solid #ddd;vertical-align:top}</style>
"""
_SHOWN: Final = ("Company", "Job title", "Email", "Mobile", "Phone")


def table(workspace: Workspace) -> str:
    """All pages that are not in the trash, the newest first."""
    pages = [page for page in reversed(workspace.pages.values()) if not page.is_in_trash]
    head = "".join(f"<th>{escape(name)}" for name in ("Name", *_SHOWN))
    rows = "".join(_row(page) for page in pages)
    return f"{_HEAD}<h1>Played Notion: {len(pages)} pages</h1><table><tr>{head}{rows}</table>"


def page(shown: Page) -> str:
    """One page with all its values."""
    told = {name: values.plain(value) for name, value in shown.properties().items()}
    rows = "".join(
        f"<tr><th>{escape(name)}<td>{escape(said)}" for name, said in told.items() if said
    )
    where = " (in the trash)" if shown.is_in_trash else ""
    title = escape(shown.title or "Untitled")
    return f'{_HEAD}<p><a href="./">All pages</a><h1>{title}{where}</h1><table>{rows}</table>'


def _row(shown: Page) -> str:
    told = {name: values.plain(value) for name, value in shown.properties().items()}
    cells = "".join(f"<td>{escape(told.get(name, ''))}" for name in _SHOWN)
    name = escape(shown.title or "Untitled")
    return f'<tr><td><a href="./{escape(shown.slug)}">{name}</a>{cells}'
