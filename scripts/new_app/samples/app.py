"""What the samples application declares."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from forthwith.platform.app import App

if TYPE_CHECKING:
    from fastapi import APIRouter

    from forthwith.platform.jobs import Job


def _router() -> "APIRouter":
    from forthwith.apps.samples.endpoints import router

    return router


def _jobs() -> "Sequence[Job]":
    from forthwith.apps.samples.jobs import work_on_sample

    return (work_on_sample,)


app = App(
    name="samples",
    summary="One line about samples.",
    router=_router,
    jobs=_jobs,
)
