from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from notion_bot import Opening, Outbox
from notion_workspace import Held, held
from support import API_KEY, working

from forthwith import registry
from forthwith.platform.config import PlatformSettings
from forthwith.platform.db import Database
from forthwith.platform.identity import ensure_operator
from forthwith.platform.identity.sign_in_links import first_operator
from forthwith.platform.runtime import open_runtime

pytest.importorskip("notion_client", reason="needs the extra: pip install 'forthwith[notion]'")


@pytest.fixture
async def workspace() -> AsyncIterator[Held]:
    """A workspace of the sandbox's Notion."""
    async with held() as begun:
        yield begun


@pytest.fixture
async def opening(
    workspace: Held,
    db: Database,
    dsn: str,
    settings: PlatformSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> Opening:
    """Opens what a process has that writes into this workspace; nothing works on runs yet."""
    quick = {
        "NOTION_REQUESTS_PER_SECOND": "1000",
        "NOTION_TIMEOUT_SECONDS": "3",
        "CARDS_NOTION_SETTLE_SECONDS": "0.5",
    }
    for name, value in {**workspace.sandbox.environment(), **quick}.items():
        monkeypatch.setenv(name, value)
    await ensure_operator(db, API_KEY)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Outbox]:
        async with open_runtime(settings, dsn, **registry.parts(registry.APPS)) as runtime:
            async with db.read() as session:
                owner = await first_operator(session)
            yield Outbox(workspace, runtime, owner)

    return opened


@pytest.fixture
async def outbox(opening: Opening, workspace: Held) -> AsyncIterator[Outbox]:
    """A process that works, on a database with all columns."""
    async with opening() as opened, working(opened.runtime):
        await opened.prepare()
        yield opened
