"""The console's pages, mounted in an application or served alone."""

import secrets
from typing import Final

from fastapi import FastAPI, Response
from nicegui import app as pages
from nicegui import ui

from forthwith.console import chat
from forthwith.console.access import LoopbackOnly
from forthwith.console.shell import MOUNTED_AT, Entry, frame
from forthwith.sandbox.line.client import LinePhone, Unanswered

CHAT: Final = Entry("/chat", "Chat", "chat")
MENU: Final = (CHAT,)


def mount(application: FastAPI, phone: LinePhone) -> str:
    """Put the pages under `/console` of an application; the path of the chat."""

    @ui.page(CHAT.path)
    def show_chat() -> None:
        with frame(CHAT, MENU):
            chat.render(phone)

    @pages.get(chat.PICTURES.format("{message_id}"), include_in_schema=False)
    async def show_picture(message_id: str) -> Response:
        try:
            picture = await phone.content(message_id)
        except Unanswered:
            return Response(status_code=404)
        return Response(picture, media_type="image/jpeg", headers=_INERT)

    pages.add_middleware(LoopbackOnly)
    ui.run_with(
        application,
        title="Forthwith",
        mount_path=MOUNTED_AT,
        storage_secret=secrets.token_urlsafe(32),
        show_welcome_message=False,
    )
    return f"{MOUNTED_AT}{CHAT.path}"


_INERT: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
    "Cache-Control": "private, max-age=3600",
}
"""A picture is whatever somebody sent: the browser must not take it for a page."""
