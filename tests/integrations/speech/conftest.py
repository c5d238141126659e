from collections.abc import AsyncIterator

import pytest

from forthwith.platform.pool import ProcessPool

pytest.importorskip("av", reason="needs the extra: pip install 'forthwith[speech]'")
pytest.importorskip("espeakng_loader", reason="needs the extra: pip install 'forthwith[speech]'")


@pytest.fixture
async def pool() -> AsyncIterator[ProcessPool]:
    """One process, started when something is spoken."""
    async with ProcessPool(1) as opened:
        yield opened
