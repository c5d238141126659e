"""What an application declares. Each part is a function that imports inside.

So `forthwith --help` stays quick, and the import linter still sees every import.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import APIRouter
    from typer import Typer

    from forthwith.platform.config import Settings
    from forthwith.platform.jobs import Job, Schedule
    from forthwith.platform.notify.channels import ChannelOf
    from forthwith.platform.pool import ProcessPool
    from forthwith.platform.privacy import Privacy
    from forthwith.platform.runtime import Runtime
    from forthwith.platform.stats import FiguresOf
    from forthwith.platform.upstream import Vendor


@dataclass(frozen=True, slots=True)
class App:
    """One application; `name` is its room, its routes' tag and its PostgreSQL schema."""

    name: str
    summary: str
    router: "Callable[[], APIRouter]"
    jobs: "Callable[[], Sequence[Job]]"
    settings: "Callable[[], Sequence[type[Settings]]]" = tuple
    schedule: "Callable[[], Sequence[Schedule]]" = tuple
    vendors: "Callable[[], Sequence[Vendor]]" = tuple
    channels: "Callable[[], Sequence[ChannelOf]]" = tuple
    """Ways to tell people, beside mail, webhooks and web push."""
    cli: "Callable[[], Typer] | None" = None
    warm_up: "Callable[[ProcessPool], Awaitable[None]] | None" = None
    aliases: "Callable[[], APIRouter] | None" = None
    """Routes at the root of the server, where a seed put them."""
    cookie_pages: str | None = None
    """Path of its pages that people sign in to by cookie: other sites may change nothing there."""
    demo: "Callable[[Runtime], Awaitable[str | None]] | None" = None
    """Puts in place what `forthwith up` offers to try at its first start; the path to open."""
    figures: "FiguresOf | None" = None
    """What `/stats` tells of it."""
    privacy: "Callable[[], Privacy] | None" = None

    def privacy_part(self) -> "Privacy":
        """What it keeps of people: what it declares, or else the rows of its schema."""
        from forthwith.platform.privacy import privacy_of

        return privacy_of(self.name) if self.privacy is None else self.privacy()


def platform_jobs(parts: "Callable[[], Sequence[Privacy]]") -> "Sequence[Job]":
    """What every process works on, whichever applications it serves; `parts` are of all."""
    from forthwith.platform import privacy
    from forthwith.platform.identity import jobs as identity
    from forthwith.platform.notify import jobs as notify

    return (*notify.JOBS, *identity.JOBS, *privacy.jobs(parts))


def platform_schedules() -> "Sequence[Schedule]":
    """What comes round by itself, whichever applications a process serves."""
    from forthwith.platform import privacy
    from forthwith.platform.identity import jobs as identity
    from forthwith.platform.notify import jobs as notify

    return (*notify.SCHEDULES, *identity.SCHEDULES, *privacy.SCHEDULES)
