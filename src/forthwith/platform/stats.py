"""`/stats` and `/performance-report`: what people feel of all applications, over the last day.

The members are those of the seed's monitoring examples. Applications declare what they know
(`App.figures`); here it becomes one answer, whichever process is asked.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec
from fastapi import APIRouter, Request, Response

from forthwith.platform.db import Database
from forthwith.platform.health import require_loopback_or_key
from forthwith.platform.http import plain

TARGET: Final = "< 5秒平均"
"""What the seed promises for the mean response."""
_P95: Final = 0.95
_MOST_TASKS: Final = 1_000


class Task(msgspec.Struct, frozen=True):
    """One thing that somebody waited for. Moments are seconds since 1970.

    It came, was begun, and ended; `was_cached` where an earlier answer was given again.
    """

    came: float
    begun: float
    ended: float
    succeeded: bool
    was_cached: bool


class Figures(msgspec.Struct, frozen=True):
    """What an application knows: its newest tasks that ended, and who waits at this moment."""

    ended: tuple[Task, ...] = ()
    active_tasks: int = 0
    concurrent_users: int = 0


async def figures_by(db: Database, *, ended: str, active: str) -> Figures:
    """Figures by two statements over an application's tables.

    `ended` gives the columns of `Task`, the newest `$1` of them; `active` one row with how many
    `tasks` are worked on and how many `users` wait.
    """
    tasks = await db.fetch(ended, _MOST_TASKS)
    now: Any = await db.fetchrow(active)
    return Figures(
        ended=tuple(msgspec.convert(dict(row), Task) for row in tasks),
        active_tasks=now["tasks"],
        concurrent_users=now["users"],
    )


FiguresOf = Callable[[Any], Awaitable[Figures]]
"""Reads the figures of one application; it is handed the runtime."""


def router(sources: Sequence[FiguresOf]) -> APIRouter:
    """The routes over what these applications know."""
    routes = APIRouter(tags=["health"])

    async def report(request: Request) -> Response:
        require_loopback_or_key(request)
        return plain(summed([await source(request.state.runtime) for source in sources]))

    for path, told in (("/stats", "Figures of now."), ("/performance-report", "The same figures.")):
        described = f"{told} Open on loopback, with a key elsewhere."
        routes.add_api_route(path, report, summary=path, description=described, name=path[1:])
    return routes


def summed(all_figures: Sequence[Figures]) -> dict[str, Any]:
    """The seed's members; null where nothing was done yet. Times are seconds."""
    tasks = [task for figures in all_figures for task in figures.ended]
    waits = sorted(task.ended - task.came for task in tasks if task.succeeded)
    cached = [task.ended - task.begun for task in tasks if task.succeeded and task.was_cached]
    worked = [task.ended - task.begun for task in tasks if task.succeeded and not task.was_cached]
    users = sum(figures.concurrent_users for figures in all_figures)
    return {
        "avg_response_time": _mean(waits),
        "p95_response_time": _rounded(waits[int(_P95 * (len(waits) - 1))]) if waits else None,
        "target": TARGET,
        "concurrent_users": users,
        "max_concurrent": max(_most_at_once(tasks), users),
        "success_rate": _share(len(waits), len(tasks)),
        "cache_hit_rate": _share(len(cached), len(cached) + len(worked)),
        "cache_speedup": _speedup(worked, cached),
        "total_cache_saves": len(cached),
        "avg_processing_time": _mean(worked),
        "active_tasks": sum(figures.active_tasks for figures in all_figures),
    }


def _mean(values: Sequence[float]) -> float | None:
    return _rounded(sum(values) / len(values)) if values else None


def _rounded(seconds: float) -> float:
    return round(seconds, 3)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _speedup(worked: Sequence[float], cached: Sequence[float]) -> str | None:
    """How much sooner an earlier answer is given: `8.3x`."""
    if not worked or not cached:
        return None
    return f"{(sum(worked) / len(worked)) / max(sum(cached) / len(cached), 0.001):.1f}x"


def _most_at_once(tasks: Sequence[Task]) -> int:
    """The most tasks that were under way or waiting at one moment."""
    steps = sorted([(task.came, 1) for task in tasks] + [(task.ended, -1) for task in tasks])
    now = most = 0
    for _, step in steps:
        now += step
        most = max(most, now)
    return most
