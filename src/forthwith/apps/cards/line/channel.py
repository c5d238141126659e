"""The LINE channel of this process: whose it is, how it is called, how its people are named."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from uuid import UUID

from forthwith.apps.cards.settings import CardBotSettings
from forthwith.integrations.line.client import Line
from forthwith.integrations.line.events import Event
from forthwith.integrations.line.settings import LineSettings
from forthwith.integrations.line.vendor import NAME
from forthwith.platform.crypto import Codec
from forthwith.platform.errors import Unavailable
from forthwith.platform.runtime import Runtime

_CLIENT: Final = "cards.line"
_OPERATOR: Final = "select id from platform.accounts where role = 'operator' order by id limit 1"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote: the channel's owner, the sender's keyed digest, and where an answer goes."""

    owner: UUID
    person: str
    chat: str
    is_private: bool
    """In a chat of the bot with one person, not in a group."""


class Channel:
    """The channel that the settings name."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._line_settings = LineSettings()
        self.settings = CardBotSettings()
        self._owner = self.settings.owner

    @cached_property
    def line(self) -> Line:
        """Calls to LINE."""
        return Line(self._runtime.upstreams[NAME], base_url=self._line_settings.base_url)

    @property
    def secret(self) -> str:
        """What webhooks are signed with; empty when none is set, which no signature fits."""
        secret = self._line_settings.channel_secret
        return secret.get_secret_value() if secret is not None else ""

    @cached_property
    def inbox(self) -> str:
        """The name of this channel's inbox; another secret is another channel."""
        return f"line:{hashlib.sha256(self.secret.encode()).hexdigest()[:16]}"

    async def owner(self) -> UUID:
        """The account that owns what comes by this channel."""
        if self._owner is None:
            row = await self._runtime.db.fetchrow(_OPERATOR)
            if row is None:
                raise Unavailable("There is no operator yet; run: forthwith up", retry_after=60)
            self._owner = row["id"]
        owner: UUID = self._owner
        return owner

    async def close(self) -> None:
        """Close connections, if any were opened."""
        if "line" in self.__dict__:
            await self.line.close()


def channel(runtime: Runtime) -> Channel:
    """The one of this process."""
    return runtime.upstreams.client(_CLIENT, lambda: Channel(runtime))


def sender(codec: Codec, owner: UUID, event: Event) -> Sender | None:
    """Who an event is from; None where LINE does not tell where to answer."""
    source = event.source
    if source is None or source.chat is None:
        return None
    is_private = source.chat == source.user_id
    name = source.chat if is_private else f"{source.chat}|{source.user_id or ''}"
    return Sender(owner, person_of(codec, owner, name), source.chat, is_private)


def person_of(codec: Codec, owner: UUID, name: str) -> str:
    """The keyed digest that stands for a person wherever rows are looked up."""
    return codec.blind_index(name, f"cards.person|{owner}").hex()
