"""What the cards application declares."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from forthwith.platform.app import App

if TYPE_CHECKING:
    from fastapi import APIRouter
    from typer import Typer

    from forthwith.platform.config import Settings
    from forthwith.platform.jobs import Job, Schedule
    from forthwith.platform.notify.channels import ChannelOf
    from forthwith.platform.pool import ProcessPool
    from forthwith.platform.privacy import Privacy
    from forthwith.platform.runtime import Runtime
    from forthwith.platform.stats import Figures
    from forthwith.platform.upstream import Vendor


def _router() -> "APIRouter":
    from forthwith.apps.cards.endpoints import router

    return router


def _jobs() -> "Sequence[Job]":
    from forthwith.apps.cards.jobs import JOBS

    return JOBS


def _schedule() -> "Sequence[Schedule]":
    from forthwith.apps.cards.jobs import SCHEDULES

    return SCHEDULES


def _settings() -> "Sequence[type[Settings]]":
    from forthwith.apps.cards.settings import (
        CardBotSettings,
        CardPagesSettings,
        CardReaderSettings,
    )
    from forthwith.integrations.line.settings import LineSettings
    from forthwith.integrations.llm.settings import ModelSettings
    from forthwith.integrations.notion.settings import NotionSettings
    from forthwith.integrations.ocr.settings import OcrSettings

    return (
        CardReaderSettings,
        CardBotSettings,
        ModelSettings,
        CardPagesSettings,
        LineSettings,
        NotionSettings,
        OcrSettings,
    )


def _vendors() -> "Sequence[Vendor]":
    from forthwith.integrations.line import vendor as line
    from forthwith.integrations.line.settings import LineSettings
    from forthwith.integrations.llm.settings import ModelSettings
    from forthwith.integrations.llm.vendor import vendors as models
    from forthwith.integrations.notion import vendor as notion
    from forthwith.integrations.notion.settings import NotionSettings

    return (
        line.vendor(LineSettings()),
        *models(ModelSettings()),
        notion.vendor(NotionSettings()),
    )


def _aliases() -> "APIRouter":
    from forthwith.apps.cards.endpoints import aliases

    return aliases


async def _figures(runtime: "Runtime") -> "Figures":
    from forthwith.apps.cards.figures import figures

    return await figures(runtime)


def _cli() -> "Typer":
    from forthwith.apps.cards.cli import cli

    return cli


async def _warm_up(pool: "ProcessPool") -> None:
    from forthwith.apps.cards.reading.local import warm_up

    await warm_up(pool)


def _channels() -> "Sequence[ChannelOf]":
    from forthwith.integrations.line.notices import line_notices

    return (line_notices,)


def _privacy() -> "Privacy":
    from forthwith.apps.cards.privacy import privacy

    return privacy


app = App(
    name="cards",
    summary="Photos of business cards become contacts.",
    router=_router,
    jobs=_jobs,
    schedule=_schedule,
    vendors=_vendors,
    channels=_channels,
    settings=_settings,
    cli=_cli,
    warm_up=_warm_up,
    aliases=_aliases,
    figures=_figures,
    privacy=_privacy,
)
