"""The order of readers: as it is set, and the next one where one cannot or is not sure.

A paid answer is a step of the run that asked: whoever takes the run over has it already.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import msgspec

from forthwith.apps.cards import service
from forthwith.apps.cards.readers import counters, model
from forthwith.apps.cards.readers.doubts import doubts
from forthwith.apps.cards.schemas import Reading
from forthwith.apps.cards.service import SeenPage
from forthwith.apps.cards.settings import CardReaderSettings, Reader
from forthwith.integrations.llm.client import Models
from forthwith.integrations.ocr.page import Page
from forthwith.platform import clock, logging
from forthwith.platform.errors import LeaseLost, TooMany, Unavailable, UpstreamError
from forthwith.platform.pool import ProcessPool

log = logging.get(__name__)
T = TypeVar("T")

LoadPhoto = Callable[[], Awaitable[bytes]]
Tell = Callable[[float, str], Awaitable[None]]
"""Takes how far it is, 0 to 1, and what is done now."""


class Steps(Protocol):
    """A run, which keeps the result of each step."""

    async def step(
        self, name: str, function: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any
    ) -> T:
        """What the function gives, or gave before."""


class _AtOnce:
    """Steps that nobody keeps."""

    async def step(
        self, name: str, function: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any
    ) -> T:
        """What the function gives, whatever the step is called."""
        del name
        return await function(*args, **kwargs)


async def _tell_nobody(_: float, __: str) -> None:
    """Who waits in a chat sees the answer only."""


class Asked(msgspec.Struct, frozen=True):
    """What became of asking a model; without a reading, `failure` names why."""

    seconds: float
    reading: Reading | None = None
    failure: str | None = None


class Readers:
    """This machine and the models, in the order that is set."""

    def __init__(
        self, pool: ProcessPool, models: Models, settings: CardReaderSettings | None = None
    ) -> None:
        self._pool = pool
        self._models = models
        self._settings = settings or CardReaderSettings()

    async def read(self, photo: LoadPhoto, steps: Steps, tell: Tell = _tell_nobody) -> Reading:
        """The cards of a photo, by whoever could read them. Raises `NoTextFound`."""
        reading = await self._read(photo, steps, tell)
        counters.readings.labels(reading.provider).inc()
        return reading

    async def read_at_once(self, photo: bytes) -> Reading:
        """The same without a run. Raises `NoTextFound`."""

        async def load() -> bytes:
            return photo

        return await self.read(load, _AtOnce())

    @property
    def at_once(self) -> int:
        """Photos that are read at the same time: this machine reads few, a model many."""
        is_model = self._settings.reader is Reader.MODEL and self._models.providers
        return self._models.at_once if is_model else 1

    async def close(self) -> None:
        """Close what is open to the models."""
        await self._models.close()

    async def _read(self, photo: LoadPhoto, steps: Steps, tell: Tell) -> Reading:
        wasted = 0.0
        if self._settings.reader is Reader.MODEL:
            asked = await steps.step("ask", self._ask, photo, None)
            if asked.reading is not None:
                return asked.reading
            wasted = asked.seconds
        seen = await steps.step("read", self._look, photo)
        await tell(0.8, "extracting")
        local = await self._extract(seen, steps)
        if self._settings.reader is Reader.AUTO and self._is_doubtful(seen.page, local):
            await tell(0.85, "asking")
            asked = await steps.step("ask", self._ask, photo, seen.page)
            if asked.reading is not None:
                told = _later(asked.reading, seen.seconds)
                return model.filled(told, local)
            wasted = asked.seconds
        if local is None:
            raise service.nothing_found(seen.page)
        return _later(local, wasted)

    async def _look(self, photo: LoadPhoto) -> SeenPage:
        return await service.look(self._pool, await photo())

    async def _extract(self, seen: SeenPage, steps: Steps) -> Reading | None:
        if not seen.page.lines and not seen.page.codes:
            return None
        return await steps.step("extract", service.extract_cards, self._pool, seen)

    def _is_doubtful(self, page: Page, local: Reading | None) -> bool:
        return bool(self._models.providers and doubts(page, local, self._settings.sure_from))

    async def _ask(self, photo: LoadPhoto, seen: Page | None) -> Asked:
        """Ask a model; that none can answer is an answer too, and the run goes on without."""
        began = clock.monotonic()
        reading, failure = None, "NothingRead"
        try:
            reading = await model.read(self._models, self._pool, await photo(), seen)
        except LeaseLost:
            raise
        except (UpstreamError, TooMany, Unavailable) as error:
            failure = type(error).__name__
        seconds = round(clock.monotonic() - began, 3)
        if reading is not None and reading.cards:
            return Asked(seconds, reading)
        counters.fallbacks.labels(failure).inc()
        log.warning("model_did_not_read", failure=failure, seconds=seconds)
        return Asked(seconds, failure=failure)


def _later(reading: Reading, seconds: float) -> Reading:
    """The reading with the seconds that others took before."""
    return msgspec.structs.replace(reading, seconds=round(reading.seconds + seconds, 3))
