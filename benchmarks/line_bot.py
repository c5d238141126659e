"""The card bot as processes of its own, with the sandbox's LINE before it."""

import asyncio
import base64
import hashlib
import hmac
import itertools
import random
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from sys import executable
from typing import Final

import httpx
import msgspec

from benchmarks import load, processes
from benchmarks.database import API_KEY, ENCRYPTION_KEY, JWT_SECRET
from benchmarks.outside import going_first, without_collections
from forthwith.sandbox.line import LinePhone, LineSandbox, line_sandbox
from forthwith.sandbox.line.names import event_id, message_id, token, user_id

WEBHOOK: Final = "/api/v1/cards/line/webhook"
_READY_SECONDS: Final = 90.0
_ANSWER_SECONDS: Final = 240.0
_LOOK_SECONDS: Final = 0.02  # the sandbox tells when an answer came


@dataclass(frozen=True, slots=True)
class Arrival:
    """A photo that somebody sends so many seconds from the beginning."""

    moment: float
    user: str
    photo: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """Moments (UNIX seconds) when one person's photos were due, and when answers came."""

    due: list[float] = field(default_factory=list)
    came: list[float] = field(default_factory=list)

    @property
    def waits(self) -> list[float]:
        """Seconds; the nth answer counts for the nth photo, which leaves their mean true."""
        return [came - due for due, came in zip(self.due, self.came, strict=True)]


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that runs: its port, and the LINE that its people use, which may go first."""

    port: int
    line: LineSandbox
    phone: LinePhone
    goes_first: bool

    def webhooks(self, users: int) -> Callable[[], load.Request]:
        """Signed webhooks with one text each, of that many people in turns."""
        people = itertools.cycle([user_id(f"person {number}") for number in range(users)])
        return lambda: self._webhook(next(people))

    def _webhook(self, user: str) -> load.Request:
        event = {
            "type": "message",
            "webhookEventId": event_id(),
            "deliveryContext": {"isRedelivery": False},
            "timestamp": int(time.time() * 1000),
            "source": {"type": "user", "userId": user},
            "mode": "active",
            "replyToken": token(),
            "message": {"type": "text", "id": message_id(), "text": "狀態", "quoteToken": token()},
        }
        body = msgspec.json.encode({"destination": self.line.channel.bot, "events": [event]})
        digest = hmac.digest(self.line.channel.secret.encode(), body, hashlib.sha256)
        signature = base64.b64encode(digest).decode()
        headers = {"Content-Type": "application/json", "X-Line-Signature": signature}
        return load.post(WEBHOOK, headers, len(body)), body

    async def answers(self, user: str, photos: Sequence[bytes]) -> list[float]:
        """Send photos one by one at once; after how many seconds each answer was there."""
        before, sent_at = _bubbles(self.line, user), time.time()
        for photo in photos:
            await self.phone.send_images(user, [photo], image_set=False)
        deadline = time.monotonic() + _ANSWER_SECONDS
        while _bubbles(self.line, user) < before + len(photos):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{user} got {_bubbles(self.line, user) - before} answers")
            await asyncio.sleep(_LOOK_SECONDS)
        return [at - sent_at for at in self._answer_moments(user)[-len(photos) :]]

    async def answers_to(self, arrivals: Sequence[Arrival]) -> dict[str, Answered]:
        """Send each photo at its moment, whether or not others are answered; by person."""
        began = time.time()
        answered: dict[str, Answered] = {}
        for arrival in arrivals:
            each = answered.setdefault(arrival.user, Answered())
            each.due.append(began + arrival.moment)
            await asyncio.sleep(max(0.0, each.due[-1] - time.time()))
            self.line.people.send_picture(arrival.user, arrival.photo)
        for user, each in answered.items():
            await _until(partial(self._has_answered, user, len(each.due)), within=_ANSWER_SECONDS)
            each.came.extend(self._answer_moments(user))
        return answered

    async def says(self, user: str, text: str) -> None:
        """Write to the bot, and wait until it has answered."""
        before = _bubbles(self.line, user)
        await self.phone.send_text(user, text)
        await _until(lambda: _bubbles(self.line, user) > before, within=_ANSWER_SECONDS)

    def _has_answered(self, user: str, photos: int) -> bool:
        return _bubbles(self.line, user) >= photos

    def _answer_moments(self, user: str) -> list[float]:
        chat = self.line.channel.chats.named(user_id(user), user)
        return [each.at / 1000 for each in chat.entries if each.author == "bot"]


def _bubbles(line: LineSandbox, user: str) -> int:
    """Answers in somebody's chat: each photo is answered by one."""
    chat = line.channel.chats.named(user_id(user), user)
    return sum(each.author == "bot" for each in chat.entries)


@asynccontextmanager
async def running_bot(
    folder: Path, dsn: str, *, workers: int, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Bot]:
    """An API and that many workers over a migrated database, with more settings if given."""
    async with AsyncExitStack() as stack:
        line = await stack.enter_async_context(line_sandbox())
        phone = await stack.enter_async_context(LinePhone(line.url))
        port = free_port()
        settings = {
            **line.environment(),
            "DATABASE_URL": dsn,
            "ENCRYPTION_KEY": ENCRYPTION_KEY,
            "JWT_SECRET": JWT_SECRET,
            "API_KEY": API_KEY,
            "FORTHWITH_HOME": str(folder / "home"),
            "PORT": str(port),
            **(environment or {}),
        }
        for number, role in enumerate(["serve", *["work"] * workers]):
            command = [executable, "-m", "forthwith", role]
            log = folder / f"{role}-{port}-{number}.log"
            stack.enter_context(processes.running(command, log, settings))
        await _until_it_answers(port)
        line.deliver_to(f"http://127.0.0.1:{port}{WEBHOOK}")
        bot = Bot(port, line, phone, goes_first=stack.enter_context(going_first()))
        stack.enter_context(without_collections())
        if workers:
            await phone.send_text("somebody", "help")
            await _until(lambda: _bubbles(line, "somebody") > 0, within=_READY_SECONDS)
        yield bot


async def _until_it_answers(port: int) -> None:
    async with httpx.AsyncClient() as http:

        async def answers() -> bool:
            try:
                return (await http.get(f"http://127.0.0.1:{port}/health/ready")).is_success
            except httpx.TransportError:
                return False

        deadline = time.monotonic() + _READY_SECONDS
        while not await answers():
            if time.monotonic() > deadline:
                raise TimeoutError("the API did not get ready")
            await asyncio.sleep(0.2)


async def _until(holds: Callable[[], bool], *, within: float) -> None:
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("the bot did not answer")
        await asyncio.sleep(_LOOK_SECONDS)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def distinct(photo: bytes) -> bytes:
    """The same picture as another file: a JPEG comment is put in behind its first marker."""
    comment = random.randbytes(16).hex().encode()  # noqa: S311 - no secret
    length = (len(comment) + 2).to_bytes(2)
    return photo[:2] + b"\xff\xfe" + length + comment + photo[2:]
