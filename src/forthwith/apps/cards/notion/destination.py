"""Where this process sends contacts: which database, whose contacts, by which calls."""

import contextlib
from functools import cached_property
from typing import Final
from uuid import UUID

from forthwith.apps.cards.notion.contact_pages import COLUMNS
from forthwith.apps.cards.settings import CardBotSettings, CardPagesSettings
from forthwith.integrations.notion.client import Notion
from forthwith.integrations.notion.settings import NotionSettings
from forthwith.integrations.notion.vendor import NAME
from forthwith.platform.db import ReadSession
from forthwith.platform.errors import NotFound
from forthwith.platform.identity.sign_in_links import first_operator
from forthwith.platform.runtime import Runtime
from forthwith.platform.upstream import Priority

_CLIENT: Final = "cards.notion"


class Destination:
    """The database that the settings name."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._notion_settings = NotionSettings()
        self.settings = CardPagesSettings()
        self._owner = self.settings.owner or CardBotSettings().owner

    @property
    def place(self) -> str | None:
        """The id of the database or data source; None where Notion is not set up."""
        return self._notion_settings.place

    @property
    def is_set(self) -> bool:
        """Whether contacts go to Notion at all."""
        return self.place is not None

    @property
    def is_played(self) -> bool:
        """Whether a sandbox of this machine stands for Notion."""
        return self._notion_settings.is_local

    @cached_property
    def notion(self) -> Notion:
        """Calls for what has just been read or changed."""
        return Notion(self._runtime.upstreams[NAME], self._notion_settings)

    @cached_property
    def notion_behind(self) -> Notion:
        """Calls that let all others go before."""
        return Notion(self._runtime.upstreams[NAME], self._notion_settings, priority=Priority.LOW)

    async def prepared(self, notion: Notion) -> None:
        """See that pages can be written; a sandbox is given what it lacks.

        Raises `SchemaMismatch` that names each fault.
        """
        missing = (await notion.schema()).missing(COLUMNS) if self.is_played else ()
        if missing:
            await notion.add(missing)
        await notion.check(COLUMNS, is_fresh=bool(missing))

    async def takes(self, session: ReadSession, owner: UUID) -> bool:
        """Whether this account's contacts go there: the database is one account's, not all's."""
        return self.is_set and owner == await self.owner(session)

    async def owner(self, session: ReadSession) -> UUID | None:
        """The account whose contacts go there; None before there is an operator."""
        if self._owner is None:
            with contextlib.suppress(NotFound):
                self._owner = await first_operator(session)
        return self._owner

    async def close(self) -> None:
        """Close connections, if any were opened."""
        for name in ("notion", "notion_behind"):
            if name in self.__dict__:
                await self.__dict__[name].close()


def destination(runtime: Runtime) -> Destination:
    """The one of this process."""
    return runtime.upstreams.client(_CLIENT, lambda: Destination(runtime))
