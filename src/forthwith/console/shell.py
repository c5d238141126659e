"""What all pages share: the bar with the menu, letters and colours, light and dark."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from nicegui import ui

MOUNTED_AT: Final = "/console"

_STYLE: Final = """
body { font-family: system-ui, "Noto Sans TC", "Noto Sans CJK TC", sans-serif; }
.nicegui-content { padding: 0; }
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the menu; `icon` is a name of Material Icons."""

    path: str
    title: str
    icon: str


@contextmanager
def frame(here: Entry, menu: tuple[Entry, ...]) -> Iterator[None]:
    """The page around what the block draws."""
    ui.add_css(_STYLE)
    ui.page_title(f"{here.title} - Forthwith")
    dark = ui.dark_mode(None)
    ui.colors(primary="#0b6e4f")
    with ui.header().classes("items-center gap-3 px-4 py-2"):
        ui.label("Forthwith").classes("text-lg font-semibold")
        for entry in menu:
            look = "text-white no-underline opacity-80 hover:opacity-100"
            ui.link(entry.title, entry.path).classes(look)
        ui.space()
        toggle = ui.button(icon="contrast", on_click=lambda: _next(dark))
        toggle.props('flat round dense color=white aria-label="Light or dark"')
    yield


def _next(dark: ui.dark_mode) -> None:
    dark.value = not dark.value
