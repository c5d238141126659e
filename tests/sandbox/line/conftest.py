from collections.abc import AsyncIterator

import pytest
from line_channel import Running, running


@pytest.fixture
async def channel() -> AsyncIterator[Running]:
    """A channel with a bot, and a client of it."""
    async with running() as begun:
        yield begun
