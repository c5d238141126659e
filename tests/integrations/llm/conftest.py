from collections.abc import AsyncIterator

import pytest
from model_vendors import Running, running

pytest.importorskip("pydantic_ai", reason="needs the extra: pip install 'forthwith[llm]'")


@pytest.fixture
async def vendors() -> AsyncIterator[Running]:
    """Both vendors, well behaved, and a client of them."""
    async with running() as begun:
        yield begun
