"""What the orders application declares."""

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
    from forthwith.platform.runtime import Runtime
    from forthwith.platform.stats import Figures
    from forthwith.platform.upstream import Vendor


def _router() -> "APIRouter":
    from forthwith.apps.orders.endpoints import router

    return router


def _pages() -> "APIRouter":
    from forthwith.apps.orders.pages.routes import router

    return router


def _jobs() -> "Sequence[Job]":
    from forthwith.apps.orders.jobs import JOBS

    return JOBS


def _settings() -> "Sequence[type[Settings]]":
    from forthwith.apps.orders.settings import OrderSettings
    from forthwith.integrations.line.settings import LineSettings
    from forthwith.integrations.llm.settings import ModelSettings
    from forthwith.integrations.speech.settings import SpeechSettings

    return (OrderSettings, LineSettings, SpeechSettings, ModelSettings)


def _vendors() -> "Sequence[Vendor]":
    from forthwith.integrations.line.settings import LineSettings
    from forthwith.integrations.line.vendor import login_vendor, vendor
    from forthwith.integrations.llm.settings import ModelSettings
    from forthwith.integrations.llm.vendor import vendors as models
    from forthwith.integrations.speech.vendors import vendors

    return (vendor(LineSettings()), login_vendor(), *vendors(), *models(ModelSettings()))


async def _figures(runtime: "Runtime") -> "Figures":
    from forthwith.apps.orders.figures import figures

    return await figures(runtime)


def _cli() -> "Typer":
    from forthwith.apps.orders.cli import cli

    return cli


async def _warm_up(pool: "ProcessPool") -> None:
    from forthwith.integrations.speech.speaking import warm_up

    await warm_up(pool)


async def _demo(runtime: "Runtime") -> str | None:
    from forthwith.apps.orders.demo import open_demo

    return await open_demo(runtime)


def _privacy() -> "Privacy":
    from forthwith.apps.orders.privacy import privacy

    return privacy


app = App(
    name="orders",
    summary="Guests order in their language; the shop reads and hears Chinese.",
    router=_router,
    jobs=_jobs,
    vendors=_vendors,
    settings=_settings,
    cli=_cli,
    aliases=_pages,
    cookie_pages="/counter",
    warm_up=_warm_up,
    demo=_demo,
    figures=_figures,
    privacy=_privacy,
)
