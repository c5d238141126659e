"""What the cards application declares."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from forthwith.platform.app import App

if TYPE_CHECKING:
    from fastapi import APIRouter
    from typer import Typer

    from forthwith.platform.config import Settings
    from forthwith.platform.jobs import Job
    from forthwith.platform.pool import ProcessPool
    from forthwith.platform.privacy import Privacy


def _router() -> "APIRouter":
    from forthwith.apps.cards.endpoints import router

    return router


def _jobs() -> "Sequence[Job]":
    from forthwith.apps.cards.jobs import read_card

    return (read_card,)


def _settings() -> "Sequence[type[Settings]]":
    from forthwith.integrations.ocr.settings import OcrSettings

    return (OcrSettings,)


def _cli() -> "Typer":
    from forthwith.apps.cards.cli import cli

    return cli


async def _warm_up(pool: "ProcessPool") -> None:
    from forthwith.apps.cards.reading.local import warm_up

    await warm_up(pool)


def _privacy() -> "Privacy":
    from forthwith.apps.cards.privacy import privacy

    return privacy


app = App(
    name="cards",
    summary="Photos of business cards become contacts.",
    router=_router,
    jobs=_jobs,
    settings=_settings,
    cli=_cli,
    warm_up=_warm_up,
    privacy=_privacy,
)
