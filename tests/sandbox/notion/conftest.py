from collections.abc import AsyncIterator

import pytest
from notion_workspace import Running, running

pytest.importorskip("notion_client", reason="needs the extra: pip install 'forthwith[notion]'")


@pytest.fixture
async def workspace() -> AsyncIterator[Running]:
    """A workspace, and the product's client of it."""
    async with running() as begun:
        yield begun
