"""The readers of this process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from forthwith.apps.cards.readers.cascade import Readers
from forthwith.apps.cards.settings import CardReaderSettings, Reader
from forthwith.integrations.llm.client import NO_MODEL, Models
from forthwith.integrations.llm.settings import ModelSettings
from forthwith.integrations.llm.vendor import vendors
from forthwith.platform.errors import Unavailable
from forthwith.platform.pool import ProcessPool
from forthwith.platform.runtime import Runtime
from forthwith.platform.upstream import in_memory
from forthwith.platform.upstream.upstreams import Upstreams

_READERS: Final = "readers of cards"


def readers(runtime: Runtime) -> Readers:
    """As they are set, with the one client of the models."""
    upstreams = runtime.upstreams
    return upstreams.client(
        _READERS, lambda: Readers(runtime.pool, Models(upstreams, ModelSettings()))
    )


@asynccontextmanager
async def readers_alone(pool: ProcessPool, reader: Reader) -> AsyncGenerator[Readers]:
    """Readers without a database, while the block lasts: for the command line.

    Raises `Unavailable` where a model is to read and none is set.
    """
    settings = ModelSettings()
    upstreams = Upstreams(vendors(settings), in_memory())
    models = Models(upstreams, settings)
    try:
        if reader is Reader.MODEL and not models.providers:
            raise Unavailable(NO_MODEL)
        own = CardReaderSettings().model_copy(update={"reader": reader})
        yield Readers(pool, models, own)
    finally:
        await upstreams.close()
        await models.close()
