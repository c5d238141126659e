import httpx
import pytest

from forthwith.platform.runtime import Runtime
from forthwith.platform.stats import Figures, Task, summed

MEMBERS = [
    *("avg_response_time", "p95_response_time", "target", "concurrent_users", "max_concurrent"),
    *("success_rate", "cache_hit_rate", "cache_speedup", "total_cache_saves"),
    *("avg_processing_time", "active_tasks"),
]


def _task(came: float, begun: float, ended: float, **more: bool) -> Task:
    return Task(came, begun, ended, **{"succeeded": True, "was_cached": False} | more)


def test_figures_are_those_of_the_tasks() -> None:
    tasks = (
        _task(0, 1, 5),
        _task(0, 2, 4),
        _task(10, 10, 10.5, was_cached=True),
        _task(11, 11, 12, succeeded=False),
    )
    report = summed([Figures(tasks, active_tasks=2, concurrent_users=1), Figures()])

    assert list(report) == MEMBERS
    assert report == {
        "avg_response_time": 3.167,
        "p95_response_time": 4,
        "target": "< 5秒平均",
        "concurrent_users": 1,
        "max_concurrent": 2,
        "success_rate": 0.75,
        "cache_hit_rate": 0.3333,
        "cache_speedup": "6.0x",
        "total_cache_saves": 1,
        "avg_processing_time": 3.0,
        "active_tasks": 2,
    }


def test_where_nothing_was_done_there_is_no_figure() -> None:
    report = summed([Figures()])

    assert [name for name, value in report.items() if value is None] == [
        "avg_response_time",
        "p95_response_time",
        "success_rate",
        "cache_hit_rate",
        "cache_speedup",
        "avg_processing_time",
    ]


@pytest.mark.parametrize("path", ["/stats", "/performance-report"])
async def test_both_reports_have_the_seed_s_members(
    runtime: Runtime, api: httpx.AsyncClient, path: str
) -> None:
    """The seed's jq lines read .avg_processing_time, .active_tasks and .cache_hit_rate."""
    async with httpx.AsyncClient(base_url=api.base_url) as anybody:
        here = await anybody.get(path)
        elsewhere = await anybody.get(path, headers={"X-Forwarded-For": "203.0.113.7"})

    assert list(here.json()) == MEMBERS
    assert elsewhere.status_code == 401
