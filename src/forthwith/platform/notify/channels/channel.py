"""What a channel is, and which ones a process has."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

from forthwith.platform.notify.errors import NotConfigured
from forthwith.platform.notify.notice import Message
from forthwith.platform.upstream.upstreams import Upstreams


class Channel(Protocol):
    """A way to reach somebody."""

    @property
    def name(self) -> str:
        """How an `Address` names it."""

    async def send(self, message: Message) -> None:
        """Send once; the message's id goes along, so that a receiver can tell a repetition.

        Raises `Transient` or `KeyRejected` where another try may help, `Refused` or
        `NotConfigured` where none does.
        """


ChannelOf: TypeAlias = Callable[[Upstreams], Channel]
"""What an application hands in: a channel that sends by the process's way out to a vendor."""


class Channels:
    """The channels of one process by name."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self._by_name: Mapping[str, Channel] = {each.name: each for each in channels}
        if len(self._by_name) != len(channels):
            raise ValueError("two channels have the same name")

    def __getitem__(self, name: str) -> Channel:
        """The channel of this name. Raises `NotConfigured` when there is none."""
        found = self._by_name.get(name)
        if found is None:
            raise NotConfigured(f"This installation has no channel named {name}.")
        return found
