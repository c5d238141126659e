"""`forthwith api-keys`: keys of all accounts at the command line."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from forthwith.platform import clock
from forthwith.platform.config import PlatformSettings
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database, ReadSession, Session, opened
from forthwith.platform.errors import BadRequest, NotFound
from forthwith.platform.identity import Account, api_keys
from forthwith.platform.identity.keys import ALL_SCOPES, OPERATOR
from forthwith.platform.runtime import database_dsn, load_codec
from forthwith.server import create_app

console = Console()


async def create(
    settings: PlatformSettings,
    *,
    name: str,
    scopes: list[str],
    account: str | None,
    days: int | None,
    per_minute: int | None,
    as_json: bool,
) -> None:
    """Make a key and print its secrets, once."""
    create_app(settings)  # imports every route, and with them the scopes that there are
    api_keys.check_scopes(scopes, {ALL_SCOPES})
    wish = api_keys.Wish(
        name=name,
        scopes=list(dict.fromkeys(scopes)),
        expires_at=None if days is None else clock.now() + timedelta(days=days),
        requests_per_minute=per_minute,
    )
    async with _writing(settings) as (session, codec):
        new = api_keys.draft(await _owner(session, account), wish)
        await api_keys.create(session, codec, new)
    _show_once(new, as_json=as_json)


async def show_list(
    settings: PlatformSettings, *, account: str | None, limit: int, as_json: bool
) -> None:
    """Print keys without their secrets, newest first."""
    async with database_dsn(settings) as dsn, opened(Database(dsn)) as db, db.read() as session:
        owner = None if account is None else await _owner(session, account)
        rows = await api_keys.listed(session, owner, before=None, limit=limit)
    views = [api_keys.view(row) for row in rows]
    if as_json:
        typer.echo(msgspec.json.encode(views).decode())
        return
    table = Table("id", "name", "state", "scopes", "a minute", "expires", "account")
    for view in views:
        limit_text = "" if view.requests_per_minute is None else f"{view.requests_per_minute:,}"
        expires = (view.expires_at or "")[:19]
        scopes = ", ".join(view.scopes)
        table.add_row(
            str(view.id), view.name, view.state, scopes, limit_text, expires, str(view.owner)
        )
    console.print(table)


async def rotate(settings: PlatformSettings, key: str, *, hours: float, as_json: bool) -> None:
    """Make a key like this one; the old one works for some hours more."""
    old = _identifier(key)
    async with _writing(settings) as (session, codec):
        new = await api_keys.successor(session, None, old)
        await api_keys.rotate(session, codec, old, new, overlap=timedelta(hours=hours))
    _show_once(new, as_json=as_json)


async def revoke(settings: PlatformSettings, key: str) -> None:
    """End a key at once."""
    async with _writing(settings) as (session, codec):
        ended = await api_keys.revoke(session, codec, None, _identifier(key))
    typer.echo(f"The key {ended.name} is revoked.")


@asynccontextmanager
async def _writing(settings: PlatformSettings) -> AsyncGenerator[tuple[Session, Codec]]:
    """A transaction; committed when the block ends."""
    async with (
        database_dsn(settings) as dsn,
        opened(Database(dsn)) as db,
        db.transaction() as session,
    ):
        yield session, load_codec(settings)


async def _owner(session: ReadSession, account: str | None) -> UUID:
    """The account that was named, or the first operator's."""
    query = select(Account.id).order_by(Account.id).limit(1)
    if account is None:
        found = await session.scalar(query.where(Account.role == OPERATOR))
    else:
        found = await session.scalar(query.where(Account.id == _identifier(account)))
    if found is None:
        raise NotFound("There is no such account; make the first one with: forthwith migrate")
    return found


def _show_once(new: api_keys.Draft, *, as_json: bool) -> None:
    shown = new.shown()
    if as_json:
        typer.echo(msgspec.json.encode(shown).decode())
        return
    typer.echo(f"The API key, shown this once: {shown.key}")
    typer.echo(f"Its id, to sign requests with: {shown.id}")
    typer.echo(f"Its signing secret, shown this once: {shown.signing_secret}")


def _identifier(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadRequest(f"{text} is no id; look at: forthwith api-keys list") from None
