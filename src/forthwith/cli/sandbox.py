"""`forthwith sandbox`: a LINE on this machine, for a bot that runs elsewhere on it."""

import asyncio

import typer

from forthwith.platform.errors import Conflict
from forthwith.sandbox.line import line_sandbox


async def run(port: int, webhook: str | None) -> None:
    """Serve until Ctrl-C; print what the bot has to be told."""
    try:
        async with line_sandbox(port=port) as sandbox:
            if webhook is not None:
                sandbox.deliver_to(webhook)
            typer.echo(f"LINE is played at {sandbox.url}. Start the bot with:")
            for name, value in sandbox.environment().items():
                typer.echo(f"export {name}={value}")
            await asyncio.Event().wait()
    except OSError as error:
        raise Conflict(f"Port {port} is taken; choose another by --port.") from error
