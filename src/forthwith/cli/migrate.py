"""`forthwith migrate`."""

import typer

from forthwith.all_in_one import prepare
from forthwith.platform.config import PlatformSettings
from forthwith.platform.runtime import database_dsn


async def migrate(settings: PlatformSettings) -> None:
    """Migrate; print the first API key if one was made."""
    async with database_dsn(settings) as dsn:
        first_key = await prepare(settings, dsn)
    typer.echo("The database has the newest schema.")
    if first_key is not None:
        typer.echo(f"The first API key, shown this once: {first_key}")
