"""What a person is told of a wrong setting: its name, what was given, what is allowed."""

from collections.abc import Iterator
from typing import Any

import typer
from pydantic import AliasChoices, BaseModel, ValidationError
from pydantic_core import ErrorDetails

from forthwith import registry
from forthwith.platform.config import PlatformSettings, Settings


def checked() -> PlatformSettings:
    """The settings, when those of every application served are right as well.

    Raises ValidationError; for an application that there is not, one line and exit 2.
    """
    settings = PlatformSettings()
    try:
        apps = registry.selected(settings.apps.names)
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    for declared in (each for app in apps for each in app.settings()):
        declared()
    return settings


def wrong_settings(error: Exception) -> list[str]:
    """One line for each wrong setting; none when the error is about anything else."""
    if not isinstance(error, ValidationError):
        return []
    known: tuple[type[BaseModel], ...] = (PlatformSettings, *_descendants(Settings))
    settings = next((each for each in known if each.__name__ == error.title), None)
    return [_line(settings, each) for each in error.errors()] if settings is not None else []


def _line(settings: type[BaseModel], wrong: ErrorDetails) -> str:
    name = ".".join(str(part) for part in wrong["loc"])
    return f"{name or 'settings'}: {wrong['msg']}{_shown(settings, name, wrong['input'])}"


def _descendants(parent: type[Settings]) -> Iterator[type[Settings]]:
    for each in parent.__subclasses__():
        yield each
        yield from _descendants(each)


def _shown(settings: type[BaseModel], name: str, given: Any) -> str:
    """What was given, unless it may be or have a secret, as addresses with a password do."""
    if not isinstance(given, str) or "@" in given:
        return ""
    fields = [each for each in settings.model_fields.values() if name in _names(each)]
    is_open = bool(fields) and not any("Secret" in str(each.annotation) for each in fields)
    return f" (given: {given[:100]})" if is_open else ""


def _names(field: Any) -> list[Any]:
    alias = field.validation_alias
    return alias.choices if isinstance(alias, AliasChoices) else [alias]
