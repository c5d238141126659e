"""`forthwith sandbox`: LINE, models, Notion, voices, receivers of notices."""

import asyncio
import signal
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial

import typer

from forthwith.apps.cards.readers.played import said
from forthwith.platform.errors import Conflict
from forthwith.platform.pool import ProcessPool
from forthwith.sandbox import serving
from forthwith.sandbox.azure_speech import azure_speech
from forthwith.sandbox.google_tts import GoogleTts
from forthwith.sandbox.line import line_sandbox
from forthwith.sandbox.mail import catching_mail
from forthwith.sandbox.models import models_sandbox, reading
from forthwith.sandbox.notion import notion_sandbox
from forthwith.sandbox.push import PushService
from forthwith.sandbox.vendor import CONTROL
from forthwith.sandbox.webhook import WebhookReceiver


async def run(port: int, webhook: str | None) -> None:
    """Serve until Ctrl-C; print what the bot has to be told."""
    try:
        async with AsyncExitStack() as stack:
            sandbox = await stack.enter_async_context(line_sandbox(port=port))
            if webhook is not None:
                sandbox.deliver_to(webhook)
            typer.echo(f"LINE is played at {sandbox.url}. Start the bot with:")
            _export(sandbox.environment())
            await _receive(stack)
            await _play_models(stack)
            await _play_notion(stack)
            await _play_voices(stack)
            await _until_signal()
    except OSError as error:
        raise Conflict(f"Port {port} is taken; choose another by --port.") from error


async def _until_signal() -> None:
    """Ctrl-C, or whatever else asks a process to end."""
    stopping = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stopping.set)
    await stopping.wait()


async def _receive(stack: AsyncExitStack) -> None:
    """Take mails, webhooks and pushes, too; print where they go and where they are shown."""
    mail = await stack.enter_async_context(catching_mail())
    typer.echo(f"Mails are shown at {mail.url}{CONTROL}/messages:\nexport SMTP_URL={mail.smtp_url}")
    hook = await stack.enter_async_context(serving(WebhookReceiver().vendor().app()))
    typer.echo(f"Webhooks are taken at {hook}/hook (secrets and messages below {hook}{CONTROL}).")
    push = await stack.enter_async_context(serving(PushService().vendor().app()))
    typer.echo(f"Browsers subscribe by POST {push}{CONTROL}/subscriptions. To reach both:")
    typer.echo("export WEBHOOK_ALLOWED_NETWORKS=127.0.0.0/8")


async def _play_models(stack: AsyncExitStack) -> None:
    """Play Gemini and OpenAI, which read cards by the reader of this machine."""
    pool = await stack.enter_async_context(ProcessPool(1))
    sandbox = await stack.enter_async_context(models_sandbox(reading(partial(said, pool))))
    typer.echo("Models are played, reading as this machine does. To ask them:")
    _export(sandbox.environment())


async def _play_notion(stack: AsyncExitStack) -> None:
    """Play Notion, and tell where its pages are seen."""
    sandbox = await stack.enter_async_context(notion_sandbox())
    typer.echo(f"Notion is played, and shows its pages at {sandbox.page}:")
    _export(sandbox.environment())


async def _play_voices(stack: AsyncExitStack) -> None:
    """Play Google's and Azure's voices, which hum."""
    google = await stack.enter_async_context(serving(GoogleTts().vendor().app()))
    azure = await stack.enter_async_context(serving(azure_speech().app()))
    typer.echo("Voices are played; they hum. To hear one in place of this machine's voice:")
    _export({"GOOGLE_TTS_API_KEY": "sandbox", "GOOGLE_TTS_BASE_URL": google})
    _export({"AZURE_SPEECH_KEY": "sandbox", "AZURE_SPEECH_BASE_URL": azure})


def _export(environment: Mapping[str, str]) -> None:
    for name, value in environment.items():
        typer.echo(f"export {name}={value}")
