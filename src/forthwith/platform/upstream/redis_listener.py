"""Notices over Redis: the counterpart of `events.Listener`, with the same promises.

A subscription that lost its connection has missed notices, and one to a frozen server hears
nothing: it is probed every second, and whoever listens is called after every (re)subscription.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final

from redis.asyncio.client import PubSub

from forthwith.platform import clock, logging
from forthwith.platform.upstream.redis_link import REDIS_FAILURES, RedisLink

log = logging.get(__name__)

_PROBE_SECONDS: Final = 1.0
_DEAF_SECONDS: Final = 3.0
_RECONNECT_SECONDS: Final = 0.2


class RedisListener:
    """Calls back for each notice on a channel; `run()` lives as long as the process."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._channels: dict[str, tuple[Callable[[str], None], Callable[[], None]]] = {}
        self._pubsub: PubSub | None = None
        self._is_lost = False
        self.connected = asyncio.Event()

    async def listen(
        self, channel: str, on_notice: Callable[[str], None], on_reconnect: Callable[[], None]
    ) -> None:
        """Listen on a channel from now on; one listener per channel."""
        self._channels[channel] = (on_notice, on_reconnect)
        if self._pubsub is not None:
            with contextlib.suppress(*REDIS_FAILURES):  # run() subscribes again
                await self._pubsub.subscribe(channel)

    async def run(self) -> None:
        """Hold the subscription until cancelled."""
        while True:
            try:
                await self._hold()
            except REDIS_FAILURES as error:
                if not self._is_lost:
                    log.warning("redis_listener_lost", error=type(error).__name__)
                self._is_lost = True
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _hold(self) -> None:
        if not self._channels:
            return
        pubsub = self._link.client.pubsub()
        try:
            await pubsub.subscribe(*self._channels)
            self._pubsub = pubsub
            await self._follow(pubsub)
        finally:
            self._pubsub = None
            self.connected.clear()
            await pubsub.aclose()  # type: ignore[no-untyped-call]

    async def _follow(self, pubsub: PubSub) -> None:
        heard_at = clock.monotonic()
        while True:
            message = await pubsub.get_message(timeout=_PROBE_SECONDS)
            if message is not None:
                heard_at = clock.monotonic()
                self._dispatch(message)
            elif clock.monotonic() - heard_at > _DEAF_SECONDS:
                raise TimeoutError("the subscription hears nothing")
            else:
                await pubsub.ping()

    def _dispatch(self, message: dict[str, Any]) -> None:
        channel = message["channel"]
        name = channel.decode() if isinstance(channel, bytes) else str(channel or "")
        if name not in self._channels:
            return  # the answer to a probe
        on_notice, on_reconnect = self._channels[name]
        if message["type"] == "message":
            on_notice(message["data"].decode())
        elif message["type"] == "subscribe":
            if self._is_lost:
                log.info("redis_listener_reconnected")
            self._is_lost = False
            on_reconnect()
            self.connected.set()
