"""A bot in LINE: the sandbox's LINE, the real server over sockets, a worker in this process."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from line_bot import Bot
from support import API_KEY, REPOSITORY, serving, working

from forthwith import registry
from forthwith.platform.config import PlatformSettings
from forthwith.platform.db import Database
from forthwith.platform.identity import ensure_operator
from forthwith.platform.runtime import Runtime, open_runtime
from forthwith.sandbox.line import LinePhone, LineSandbox, line_sandbox


@pytest.fixture
async def line() -> AsyncIterator[LineSandbox]:
    """The sandbox's LINE; held against the published specification where that is here."""
    shared = Path(os.environ.get("FORTHWITH_SHARED", REPOSITORY.parent / "shared"))
    contract = shared / "contracts" / "line"
    async with line_sandbox(specification=contract if contract.is_dir() else None) as opened:
        yield opened


@pytest.fixture
async def line_runtime(
    db: Database,
    dsn: str,
    line: LineSandbox,
    settings: PlatformSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Runtime]:
    """What a process has open that is the bot of this LINE."""
    for name, value in line.environment().items():
        monkeypatch.setenv(name, value)
    await ensure_operator(db, API_KEY)
    async with open_runtime(settings, dsn, **registry.parts(registry.APPS)) as opened:
        yield opened


@pytest.fixture
async def bot(line: LineSandbox, line_runtime: Runtime) -> AsyncIterator[Bot]:
    """People with phones, and a bot that answers them."""
    async with serving(line_runtime) as url, LinePhone(line.url) as phone, working(line_runtime):
        line.deliver_to(f"{url}/api/v1/cards/line/webhook")
        yield Bot(line, phone, line_runtime, url)
        broken = await phone.broken()
    assert broken == []


@pytest.fixture
async def speaking_runtime(
    db: Database, dsn: str, settings: PlatformSettings
) -> AsyncIterator[Runtime]:
    """What a process has open, with the vendors of all applications: it can speak."""
    await ensure_operator(db, API_KEY)
    async with open_runtime(settings, dsn, **registry.parts(registry.APPS)) as opened:
        yield opened


@pytest.fixture
async def staff(speaking_runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the real server as the operator, who has the shops."""
    async with (
        serving(speaking_runtime) as url,
        httpx.AsyncClient(base_url=url, headers={"X-API-Key": API_KEY}, timeout=60) as client,
    ):
        yield client


@pytest.fixture
async def guest(staff: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with a phone and without credentials."""
    async with httpx.AsyncClient(base_url=staff.base_url, timeout=60) as client:
        yield client
