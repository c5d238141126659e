"""`forthwith sign-in-link`: lets the operator, who has no password, sign in to the pages."""

import typer

from forthwith import registry
from forthwith.platform.config import PlatformSettings
from forthwith.platform.db import Database, opened
from forthwith.platform.identity import sign_in_links
from forthwith.platform.runtime import database_dsn, load_codec


async def print_link(settings: PlatformSettings) -> None:
    """Print a link that signs the first operator in, once."""
    async with (
        database_dsn(settings) as dsn,
        opened(Database(dsn)) as db,
        db.transaction() as session,
    ):
        operator = await sign_in_links.first_operator(session)
        token = await sign_in_links.give(session, load_codec(settings), operator)
    server = settings.server
    url = server.public_url or f"http://{server.host}:{server.port}"
    for app in registry.selected(settings.apps.names):
        if app.cookie_pages is not None:
            typer.echo(f"{url}{app.cookie_pages}/sign-in#{token}")
