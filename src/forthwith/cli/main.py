"""`forthwith`: the root of the command line.

Heavy imports stand inside the commands, and an application's commands are loaded only when
one of them is asked for, so that `--help` answers in a fraction of a second.
"""

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from forthwith import __version__, registry
from forthwith.platform.app import App
from forthwith.platform.errors import ForthwithError

if TYPE_CHECKING:
    from forthwith.platform.config import PlatformSettings


class _Root(TyperGroup):
    """Lists applications by a stub, and loads the one whose command is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *(app.name for app in _with_cli())]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        for app in _with_cli():
            if app.name == cmd_name:
                return _group(app, typer.Typer())
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        for app in _with_cli():
            if app.name == name and app.cli is not None:
                return name, _group(app, app.cli()), rest
        return name, command, rest


def _with_cli() -> list[App]:
    return [app for app in registry.APPS if app.cli is not None]


def _group(app: App, commands: typer.Typer) -> Any:
    commands.info.help = app.summary
    commands.callback()(lambda: None)
    group = typer.main.get_group(commands)
    group.name = app.name
    return group


cli = typer.Typer(
    cls=_Root,
    help="Forthwith answers at once and does the slow work behind.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _print_version(asked: bool) -> None:  # noqa: FBT001 - typer calls it by position
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@cli.callback()
def root(
    *,
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and stop."
        ),
    ] = False,
) -> None:
    """Forthwith answers at once and does the slow work behind."""


@cli.command()
def up() -> None:
    """Run everything on this machine: database, API and one worker."""
    from forthwith.cli.settings import checked
    from forthwith.up import up

    up(checked())


@cli.command()
def serve() -> None:
    """Run the API only (WORKERS processes); needs a migrated database."""
    from forthwith.cli.settings import checked
    from forthwith.server import serve

    serve(checked())


@cli.command()
def work() -> None:
    """Run one worker; start as many as you like, on as many machines."""
    from forthwith.cli.settings import checked
    from forthwith.worker import work

    work(checked())


@cli.command()
def migrate() -> None:
    """Bring the database to the newest schema and make the first operator."""
    from forthwith.cli.migrate import migrate

    asyncio.run(migrate(_settings()))


@cli.command("sign-in-link")
def sign_in_link() -> None:
    """Print a link that signs the first operator in to the pages: once, within an hour."""
    from forthwith.cli.sign_in import print_link

    asyncio.run(print_link(_settings()))


@cli.command()
def doctor() -> None:
    """Look at everything Forthwith needs and say what is missing."""
    from forthwith.cli.doctor import examine

    raise typer.Exit(asyncio.run(examine(_settings())))


@cli.command()
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 takes a free one.")] = 8100,
    webhook: Annotated[str | None, typer.Option(help="Where the bot listens.")] = None,
) -> None:
    """Play LINE and models, take mails, webhooks and pushes: to try without an account."""
    from forthwith.cli.sandbox import run

    asyncio.run(run(port, webhook))


runs = typer.Typer(help="Look at runs, try them again, cancel them.", no_args_is_help=True)
cli.add_typer(runs, name="runs")

RunId = Annotated[str, typer.Argument(help="The id of the run.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@runs.command("list")
def list_runs(
    status: Annotated[
        str | None,
        typer.Option(help="queued, running, succeeded, failed (dead letters) or cancelled."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the job, such as cards.read.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 20,
    *,
    as_json: AsJson = False,
) -> None:
    """List runs, newest first."""
    from forthwith.cli.runs import show_list

    asyncio.run(show_list(_settings(), status=status, name=name, limit=limit, as_json=as_json))


@runs.command("show")
def show_run(run: RunId, *, as_json: AsJson = False) -> None:
    """Show one run with its steps and events."""
    from forthwith.cli.runs import show_one

    asyncio.run(show_one(_settings(), run, as_json=as_json))


@runs.command("retry")
def retry_run(run: RunId) -> None:
    """Queue a failed or cancelled run again; finished steps stay finished."""
    from forthwith.cli.runs import retry

    asyncio.run(retry(_settings(), run))


@runs.command("cancel")
def cancel_run(run: RunId) -> None:
    """Cancel a queued or running run."""
    from forthwith.cli.runs import cancel

    asyncio.run(cancel(_settings(), run))


@cli.command()
def costs(
    by: Annotated[
        str,
        typer.Option(help="app, vendor, operation, model, key, prompt_version, owner, run or day."),
    ] = "app",
    days: Annotated[int, typer.Option(min=1, max=3660, help="How far back.")] = 30,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what calls to vendors cost, and what caches saved."""
    from forthwith.cli.costs import show

    asyncio.run(show(_settings(), by=by, days=days, as_json=as_json))


encryption = typer.Typer(
    help="Look at which key sealed what; seal everything with a new one.", no_args_is_help=True
)
cli.add_typer(encryption, name="encryption")


@encryption.command("status")
def encryption_status(*, as_json: AsJson = False) -> None:
    """Count the sealed values of each key."""
    from forthwith.cli.encryption import show_status

    asyncio.run(show_status(_settings(), as_json=as_json))


@encryption.command("new-key")
def new_key() -> None:
    """Make a new key; what it takes until it seals is printed."""
    from forthwith.cli.encryption import make_key

    make_key(_settings())


@encryption.command("rotate")
def rotate_keys() -> None:
    """Seal everything with the newest key, while others read and write; may be interrupted."""
    from forthwith.cli.encryption import rotate

    asyncio.run(rotate(_settings()))


keys = typer.Typer(help="Make, list, rotate and revoke API keys.", no_args_is_help=True)
cli.add_typer(keys, name="api-keys")

KeyId = Annotated[str, typer.Argument(help="The id of the key.")]
AccountId = Annotated[
    str | None, typer.Option("--account", help="The id of the account. Unset: the operator's.")
]


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="Such as cards:read; repeat it. Unset: all.")
    ] = None,
    account: AccountId = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires.")] = None,
    per_minute: Annotated[
        int | None, typer.Option(min=1, help="A limit of its own, below the plan's.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a key; its secrets are printed once."""
    from forthwith.cli.api_keys import create

    work = create(
        _settings(),
        name=name,
        scopes=scope or ["*"],
        account=account,
        days=days,
        per_minute=per_minute,
        as_json=as_json,
    )
    asyncio.run(work)


@keys.command("list")
def list_keys(
    account: AccountId = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 100,
    *,
    as_json: AsJson = False,
) -> None:
    """List keys without their secrets, newest first; without an account, those of all."""
    from forthwith.cli.api_keys import show_list

    asyncio.run(show_list(_settings(), account=account, limit=limit, as_json=as_json))


@keys.command("rotate")
def rotate_key(
    key: KeyId,
    hours: Annotated[float, typer.Option(min=0, max=720, help="The old one works on.")] = 24,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a key like this one, and let the old one expire."""
    from forthwith.cli.api_keys import rotate

    asyncio.run(rotate(_settings(), key, hours=hours, as_json=as_json))


@keys.command("revoke")
def revoke_key(key: KeyId) -> None:
    """End a key at once."""
    from forthwith.cli.api_keys import revoke

    asyncio.run(revoke(_settings(), key))


upstream = typer.Typer(help="Look at the keys of vendors, and use one again.", no_args_is_help=True)
cli.add_typer(upstream, name="upstream")


@upstream.command("keys")
def show_keys(*, as_json: AsJson = False) -> None:
    """List the keys by alias: state, room, until when they have to wait."""
    from forthwith.cli.upstream import declared, show_keys

    settings = _settings()
    asyncio.run(show_keys(settings, declared(settings), as_json=as_json))


@upstream.command("reset")
def reset_key(
    vendor: Annotated[str, typer.Argument(help="The vendor's name.")],
    key: Annotated[str, typer.Argument(help="The key's alias, such as key-1.")],
) -> None:
    """Use a key again that was rejected, cools, or is out of quota."""
    from forthwith.cli.upstream import declared, reset

    settings = _settings()
    asyncio.run(reset(settings, declared(settings), vendor, key))


def _settings() -> "PlatformSettings":
    from forthwith.platform.config import PlatformSettings

    return PlatformSettings()


def main() -> None:
    """Run the command line; an expected error is one sentence, not a stack trace."""
    try:
        cli()
    except ForthwithError as error:
        typer.echo(f"forthwith: {error.message}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        _exit_if_settings_are_wrong(error)
        if not _is_database_failure(error):
            raise
        typer.echo(f"forthwith: the database does not answer: {error}", err=True)
        typer.echo("Look at DATABASE_URL, or ask: forthwith doctor", err=True)
        sys.exit(1)


def _exit_if_settings_are_wrong(error: Exception) -> None:
    from forthwith.cli.settings import wrong_settings

    lines = wrong_settings(error)
    for line in lines:
        typer.echo(line, err=True)
    if lines:
        sys.exit(2)


def _is_database_failure(error: Exception) -> bool:
    import asyncpg

    from forthwith.platform.db import is_away

    return is_away(error) or isinstance(error, asyncpg.PostgresError)
