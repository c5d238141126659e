"""The all-in-one process of `make run`: database, migrations, API and one worker."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib.util import find_spec
from typing import Final

from fastapi import FastAPI
from pydantic import SecretStr
from rich.console import Console

from forthwith import registry
from forthwith.apps.cards.readers.played import said
from forthwith.integrations.line.settings import LineSettings
from forthwith.integrations.llm.settings import ModelSettings
from forthwith.integrations.notion.settings import NotionSettings
from forthwith.migrations.upgrade import upgrade
from forthwith.platform.app import App
from forthwith.platform.config import PlatformSettings
from forthwith.platform.db import Database
from forthwith.platform.garbage import collect_rarely
from forthwith.platform.identity import ensure_operator, sign_in_links
from forthwith.platform.jobs.engine import install
from forthwith.platform.jobs.partitions import make_first
from forthwith.platform.pool import ProcessPool
from forthwith.platform.runtime import Runtime, database_dsn, open_runtime
from forthwith.platform.serving import served
from forthwith.sandbox.line import LinePhone, LineSandbox, line_sandbox
from forthwith.sandbox.models import PLAYED_KEY, models_sandbox, reading
from forthwith.sandbox.notion import NotionSandbox, notion_sandbox
from forthwith.sandbox.vendor import CONTROL
from forthwith.server import create_app, uvicorn_options
from forthwith.worker import work_until_signal

LINE_WEBHOOK: Final = "/api/v1/cards/line/webhook"
_PORTS_TRIED: Final = 50
console = Console(stderr=False, highlight=False)


async def serve_and_work(
    settings: PlatformSettings,
    apps: Sequence[App],
    pool: ProcessPool,
    warming: asyncio.Task[None],
) -> None:
    """Run database, API and one worker until a signal comes."""
    listening = _free_socket(settings.server.host, settings.server.port)
    async with database_dsn(settings) as dsn:
        first_key = await prepare(settings, dsn)
        async with (
            _line() as line,
            _models(pool),
            _notion() as notion,
            _mail(_linked(settings, line, listening)) as (own, mails),
            open_runtime(own, dsn, pool=pool, **registry.parts(apps)) as runtime,
        ):
            app = create_app(own, runtime)
            async with (
                _chat(app, line) as chat,
                served(app, listening, **uvicorn_options()) as url,
            ):
                if line is not None:
                    line.deliver_to(f"{url}{LINE_WEBHOOK}")
                to_open = {
                    "Order at the example shop": await _demo(runtime, apps, url),
                    "Chat with the card bot, as in LINE": chat and f"{url}{chat}",
                    "Counter and menus (signs in once, within an hour)": await _sign_in_link(
                        runtime, apps, url
                    ),
                    "Contacts in the played Notion": notion.page if notion else None,
                    "Mails are not sent but shown": mails,
                }
                greeting = asyncio.create_task(_greet_when(warming, url, first_key, to_open))
                collect_rarely()
                await work_until_signal(runtime)
                greeting.cancel()


@asynccontextmanager
async def _line() -> AsyncGenerator[LineSandbox | None]:
    """Where no channel of LINE is set: one of this machine, set for this process."""
    if LineSettings().channel_access_token is not None:
        yield None
        return
    async with line_sandbox() as sandbox:
        os.environ.update(sandbox.environment())
        yield sandbox


@asynccontextmanager
async def _models(pool: ProcessPool) -> AsyncGenerator[None]:
    """Where a key of models says `sandbox`: those of this machine, which read by its own reader."""
    settings = ModelSettings()
    keys = {
        "GEMINI_BASE_URL": ("gemini_base_url", settings.google_api_key),
        "OPENAI_API_BASE": ("openai_base_url", settings.openai_api_key),
    }
    played = [
        name
        for name, (field, key) in keys.items()
        if key == SecretStr(PLAYED_KEY) and field not in settings.model_fields_set
    ]
    if not played:
        yield
        return
    async with models_sandbox(reading(partial(said, pool))) as sandbox:
        own = sandbox.environment()
        os.environ.update({name: own[name] for name in played})
        yield


@asynccontextmanager
async def _notion() -> AsyncGenerator[NotionSandbox | None]:
    """Where no secret of Notion is set: one of this machine, set for this process."""
    if NotionSettings().api_key is not None or find_spec("notion_client") is None:
        yield None
        return
    async with notion_sandbox() as sandbox:
        os.environ.update(sandbox.environment())
        yield sandbox


def _linked(
    settings: PlatformSettings, line: LineSandbox | None, listening: socket.socket
) -> PlatformSettings:
    """Who uses the played LINE is on this machine, and can follow links to this server."""
    if line is None or settings.server.public_url is not None:
        return settings
    host, port = listening.getsockname()[:2]
    server = settings.server.model_copy(update={"public_url": f"http://{host}:{port}"})
    return settings.model_copy(update={"server": server})


@asynccontextmanager
async def _mail(
    settings: PlatformSettings,
) -> AsyncGenerator[tuple[PlatformSettings, str | None]]:
    """Where no mail server is set: one of this machine that catches all mails; their page."""
    if settings.notify.smtp_url is not None or find_spec("aiosmtpd") is None:
        yield settings, None
        return
    from forthwith.sandbox.mail import catching_mail  # noqa: PLC0415 - an extra

    async with catching_mail() as caught:
        notify = settings.notify.model_copy(update={"smtp_url": SecretStr(caught.smtp_url)})
        yield settings.model_copy(update={"notify": notify}), f"{caught.url}{CONTROL}/messages"


@asynccontextmanager
async def _chat(app: FastAPI, line: LineSandbox | None) -> AsyncGenerator[str | None]:
    """The page on which the bot of the played LINE is tried; its path, where there is one."""
    if line is None or find_spec("nicegui") is None:
        yield None
        return
    from forthwith.console.app import mount  # noqa: PLC0415 - an extra, and slow to import

    async with LinePhone(line.url) as phone:
        yield mount(app, phone)


async def _sign_in_link(runtime: Runtime, apps: Sequence[App], url: str) -> str | None:
    """Where the operator, who has no password, signs in to the pages of an application, once."""
    pages = next((app.cookie_pages for app in apps if app.cookie_pages), None)
    if pages is None:
        return None
    async with runtime.db.transaction() as session:
        operator = await sign_in_links.first_operator(session)
        token = await sign_in_links.give(session, runtime.codec, operator)
    return f"{url}{pages}/sign-in#{token}"


async def _demo(runtime: Runtime, apps: Sequence[App], url: str) -> str | None:
    """The page of what an application lets people try."""
    pages = [await app.demo(runtime) for app in apps if app.demo is not None]
    return next((f"{url}{page}" for page in pages if page), None)


async def prepare(settings: PlatformSettings, dsn: str) -> str | None:
    """Migrate, make what the first request needs; the operator's API key if it was made now."""
    db = Database(dsn)
    try:
        await upgrade(partial(db.connect, command_timeout=None), install)
        await make_first(db)
        await db.open()
        configured = settings.secrets.api_key
        return await ensure_operator(db, configured.get_secret_value() if configured else None)
    finally:
        await db.close()


def _free_socket(host: str, port: int) -> socket.socket:
    """The wanted port, or the next free one."""
    for candidate in range(port, port + _PORTS_TRIED):
        found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((host, candidate))
            found.listen(2048)
        except OSError:
            found.close()
        else:
            return found
    raise SystemExit(f"No free port between {port} and {port + _PORTS_TRIED - 1}; set PORT.")


async def _greet_when(
    warm: asyncio.Task[None], url: str, first_key: str | None, to_open: Mapping[str, str | None]
) -> None:
    """Greet when the first photo need not wait, so that what is pasted at once is fast."""
    await asyncio.wait({warm})
    _greet(url, first_key, to_open)


def _greet(url: str, first_key: str | None, to_open: Mapping[str, str | None]) -> None:
    """What to open and what to paste."""
    console.print(f"\n[bold]Forthwith is up:[/bold] {url}/docs", soft_wrap=True)
    for what, page in to_open.items():
        if page is not None:
            console.print(f"{what}: {page}", soft_wrap=True)
    if first_key is not None:
        console.print(f"Your API key, shown this once: [bold]{first_key}[/bold]", soft_wrap=True)
        key = first_key
    else:
        console.print(
            "Your API key was shown at the first start. Lost? Start with one of your own: "
            "API_KEY=fw_... make run",
            soft_wrap=True,
        )
        key = "$FORTHWITH_KEY"
    header = f'-H "X-API-Key: {key}"'
    console.print(
        "\nSend a photo; the answer names where to poll and what to follow:\n"
        f"  curl {header} -F photo=@examples/cards/taiwan.jpg {url}/api/v1/cards\n"
        "See your contacts:\n"
        f"  curl {header} {url}/api/v1/cards\n\n"
        "Ctrl-C stops it; nothing is lost.\n",
        soft_wrap=True,
    )
