"""A chat as LINE shows it, to try a bot without LINE: people, pictures, Flex, quick replies.

It knows LINE's messages and the sandbox's small client, and nothing of what the bot does.
"""

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from nicegui import events, ui

from forthwith.console import flex
from forthwith.sandbox.line.chats import Entry
from forthwith.sandbox.line.client import LinePhone, Unanswered

Json = Mapping[str, Any]

PEOPLE: Final = ("小美", "Ken", "ゆい")
"""Who may be played; each has a chat of their own."""
PICTURES: Final = "/pictures/{}"
"""Where a picture that a person sent is found by its id, below the console."""
_LOOK_SECONDS: Final = 0.4
_MOST_BYTES: Final = 10 * 1024 * 1024

_STYLE: Final = """
.chat { background: #8cabd8; min-height: calc(100vh - 52px); }
.body--dark .chat { background: #1f2a38; }
.chat .said { border-radius: 18px; padding: 8px 14px; max-width: 78vw; white-space: pre-wrap;
  overflow-wrap: anywhere; font-size: 15px; line-height: 1.4; color: #111; }
.chat .bot { background: #fff; } .chat .person { background: #8de055; }
.chat time { font-size: 11px; color: #fffc; align-self: flex-end; }
.chat .people { position: sticky; top: 52px; z-index: 1; }
.composer { background: #fff; } .body--dark .composer { background: #16202b; }
.flex-bubble { background: #fff; color: #111; border-radius: 16px; }
.flex-button { width: 100%; border: 0; border-radius: 8px; font: inherit; cursor: pointer; }
.quick { border: 1px solid #fffa; background: #0006; color: #fff; border-radius: 18px;
  padding: 6px 14px; white-space: nowrap; cursor: pointer; font: inherit; font-size: 14px; }
.dots span { display: inline-block; width: 7px; height: 7px; margin: 2px; border-radius: 50%;
  background: #888; animation: dots 1.2s infinite; }
.dots span:nth-child(2) { animation-delay: .2s } .dots span:nth-child(3) { animation-delay: .4s }
@keyframes dots { 0%, 60%, 100% { opacity: .25 } 30% { opacity: 1 } }
"""


@dataclass(slots=True)
class _View:
    """What one tab shows: whose chat, and how far it has read."""

    phone: LinePhone
    person: str = PEOPLE[0]
    seen: int = 0
    is_away: bool = False


def render(phone: LinePhone) -> None:
    """Draw the chat; it looks for news while its tab is open."""
    ui.add_css(_STYLE)
    view = _View(phone)
    with ui.column().classes("chat w-full items-center gap-0"):
        with ui.row().classes("people w-full max-w-3xl px-3 py-2 justify-center"):
            choice = ui.toggle(list(PEOPLE), value=view.person).props("dense no-caps rounded")
            choice.props("color=white text-color=dark toggle-color=primary")
        talk = ui.column().classes("w-full max-w-3xl px-3 py-4 gap-2 grow")
        with ui.column().classes("w-full max-w-3xl px-3 gap-2"):
            waiting = ui.row().classes("said bot dots w-fit")
            with waiting:
                for _ in range(3):
                    ui.element("span")
            quick = ui.row().classes("no-wrap overflow-x-auto gap-2 w-full pb-1")
    page = _Page(view, talk, waiting, quick)
    choice.on_value_change(lambda change: page.switch(str(change.value)))
    _composer(page)
    waiting.set_visibility(False)
    ui.timer(_LOOK_SECONDS, page.look)


class _Page:
    """One tab: draws what is new and says what its person says."""

    def __init__(
        self, view: _View, talk: ui.column, waiting: ui.element, quick: ui.element
    ) -> None:
        self._view = view
        self._talk = talk
        self._waiting = waiting
        self._quick = quick

    async def switch(self, person: str) -> None:
        """Be somebody else."""
        self._view.person, self._view.seen = person, 0
        self._talk.clear()
        self._quick.clear()
        await self.look()

    async def look(self) -> None:
        """Draw what was said since the last look."""
        person = self._view.person
        try:
            news = await self._view.phone.messages_of(person, self._view.seen)
        except Unanswered:
            self._away(is_away=True)
            return
        self._away(is_away=False)
        if person != self._view.person:  # switched while it was asked
            return
        self._waiting.set_visibility(news.loading_seconds > 0)
        new = [entry for entry in news.entries if entry.number > self._view.seen]
        for entry in new:
            self._draw(entry)
        if new:
            self._view.seen = new[-1].number
            self._offer(new[-1])
            _ = ui.run_javascript("window.scrollTo({top: document.body.scrollHeight})")

    async def say(self, text: str) -> None:
        """Send a text."""
        if text.strip():
            await self._sent(self._view.phone.send_text(self._view.person, text.strip()))

    async def send_pictures(self, pictures: Sequence[bytes]) -> None:
        """Send pictures; several go as one set, as a phone sends them."""
        several = len(pictures) > 1
        sending = self._view.phone.send_images(self._view.person, pictures, image_set=several)
        await self._sent(sending)

    async def tap(self, action: Json) -> None:
        """Do what a button of the bot says."""
        kind = action.get("type")
        if kind == "message":
            await self.say(str(action.get("text", "")))
        elif kind == "postback":
            await self._sent(self._view.phone.tap(self._view.person, dict(action)))
        elif kind == "uri":
            ui.navigate.to(str(action.get("uri", "")), new_tab=True)

    async def _sent(self, sending: Any) -> None:
        try:
            await sending
        except Unanswered:
            ui.notify("The sandbox of LINE does not answer; is `forthwith up` running?")
        await self.look()

    def _away(self, *, is_away: bool) -> None:
        if is_away and not self._view.is_away:
            ui.notify("The sandbox of LINE does not answer; looking again.", type="warning")
        self._view.is_away = is_away

    def _draw(self, entry: Entry) -> None:
        is_bot = entry.author == "bot"
        side = "justify-start" if is_bot else "justify-end"
        with self._talk, ui.row().classes(f"w-full no-wrap gap-2 {side}"):
            if not is_bot:
                _time(entry)
            self._message(entry)
            if is_bot:
                _time(entry)

    def _message(self, entry: Entry) -> None:
        message, kind = entry.message, entry.message.get("type")
        if kind == "text":
            ui.label(str(message.get("text", ""))).classes(f"said {entry.author}")
        elif kind == "flex":
            flex.draw(message.get("contents", {}), self.tap)
        elif kind == "image":
            picture = ui.image(_picture(message)).classes("w-48 rounded-xl")
            picture.props("ratio=1.5 fit=cover no-transition")  # its place is kept as it loads
        elif kind == "audio":
            ui.audio(str(message.get("originalContentUrl", ""))).classes("w-64")
        else:
            ui.label(f"[{kind}]").classes(f"said {entry.author}")

    def _offer(self, last: Entry) -> None:
        """The quick replies of the newest message, which alone are shown."""
        self._quick.clear()
        items = last.message.get("quickReply", {}).get("items", ())
        with self._quick:
            for item in items if last.author == "bot" else ():
                action = item.get("action", {})
                chip = ui.element("button").classes("quick")
                with chip:
                    ui.label(str(action.get("label", "")))
                chip.on("click", lambda _, action=action: self.tap(action))


def _composer(page: _Page) -> None:
    """The field for a text and the button for photos, at the foot of the page."""

    async def say() -> None:
        text, field.value = field.value, ""
        await page.say(text or "")

    async def take(upload: events.MultiUploadEventArguments) -> None:
        pictures = [await each.read() for each in upload.files if _is_picture(each.name)]
        picker.reset()
        if pictures:
            await page.send_pictures(pictures)
        else:
            ui.notify("Choose photos: JPEG, PNG, WebP or HEIC.")

    picker = ui.upload(
        multiple=True, auto_upload=True, max_file_size=_MOST_BYTES, on_multi_upload=take
    )
    picker.on_rejected(lambda: ui.notify("A photo may have 10 MB at most."))
    picker.props('accept="image/*"').classes("hidden")
    foot = ui.footer().classes("composer px-2 py-2")
    with foot, ui.row().classes("w-full max-w-3xl mx-auto items-center no-wrap gap-1"):
        pick = ui.button(icon="photo_camera", on_click=lambda: picker.run_method("pickFiles"))
        pick.props('flat round color=primary aria-label="Send photos"')
        field = ui.input(placeholder="Aa").props("outlined dense rounded").classes("grow")
        field.props('aria-label="Message"').on("keydown.enter", say)
        send = ui.button(icon="send", on_click=say)
        send.props('flat round color=primary aria-label="Send"')


def _picture(message: Json) -> str:
    """The bot's by its own address; a person's is kept by the sandbox."""
    sent = message.get("originalContentUrl")
    return str(sent) if sent else PICTURES.format(message.get("id"))


def _is_picture(name: str) -> bool:
    kind = mimetypes.guess_type(name)[0] or ""
    return kind.startswith("image/") or name.lower().endswith((".heic", ".heif"))


def _time(entry: Entry) -> None:
    at = datetime.fromtimestamp(entry.at / 1000, UTC).astimezone()
    with ui.element("time"):
        ui.label(f"{at:%H:%M}")
