"""Jobs that pay, wait, hang and kill, for processes that are to be killed."""

import asyncio
import os
import signal
from uuid import UUID

from paid_vendor import pay
from sqlalchemy import text

from forthwith.platform.db import Session
from forthwith.platform.jobs import FailedRun, Job, Retry, Run, job
from forthwith.platform.runtime import Runtime

EFFECTS = """
create table public.effects (
  run uuid not null, kind text not null, at timestamptz not null default clock_timestamp()
)
"""
"""What people would see: without a unique key, so that a doubled effect shows."""

_LEAVE = text("insert into public.effects (run, kind) values (:run, :kind)")


async def leave_effect(session: Session, run: UUID, kind: str) -> None:
    """Do what people see."""
    await session.execute(_LEAVE, {"run": run, "kind": kind})


async def tell_failure(session: Session, failed: FailedRun) -> None:
    """Tell people that it failed."""
    await leave_effect(session, failed.id, "told")


@job("fault.order", retry=Retry(tries=3, first_seconds=0.2), on_failed=tell_failure)
async def order(
    run: Run, _: Runtime, *, steps: int = 2, seconds: float = 0.05, pause: float = 0.0
) -> int:
    """Pay `steps` times, with a pause after each, and leave one effect."""
    for number in range(steps):
        name = f"pay-{number}"
        await run.step(name, pay, str(run.id), name, seconds)
        await run.progress((number + 1) / steps, "paying")
        await asyncio.sleep(pause)
    await run.write("effect", leave_effect, run.id, "ordered")
    return steps


@job("fault.capped", cap=3)
async def capped(run: Run, _: Runtime, *, seconds: float) -> None:
    """Be one of at most three in the whole fleet."""
    await run.step("pay", pay, str(run.id), "pay", seconds)


@job("fault.poison", on_failed=tell_failure)
async def poison(run: Run, _: Runtime) -> None:
    """Kill the worker, every time."""
    await run.progress(0.5, "dying")
    os.kill(os.getpid(), signal.SIGKILL)


@job(
    "fault.hang",
    time_limit_seconds=1.0,
    retry=Retry(tries=2, first_seconds=0.1),
    on_failed=tell_failure,
)
async def hang(run: Run, _: Runtime) -> None:
    """Never end by itself."""
    await run.progress(0.5, "hanging")
    await asyncio.Event().wait()


JOBS: tuple[Job, ...] = (order, capped, poison, hang)
