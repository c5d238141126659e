"""Sends events to the bot: signed, in batches, in any order, again where it did not answer."""

import asyncio
import base64
import hashlib
import hmac
import random
from collections import deque
from collections.abc import Sequence
from typing import Final

import httpx
import msgspec

from forthwith.platform import clock
from forthwith.sandbox.line.channel import Channel
from forthwith.sandbox.line.contract import Contract
from forthwith.sandbox.line.rules import Json

KEPT: Final = 10_000
"""Deliveries remembered."""


class Delivery(msgspec.Struct, frozen=True):
    """One webhook as it went: `outcome` is a status or the error's name."""

    event_ids: tuple[str, ...]
    is_redelivery: bool
    outcome: str
    milliseconds: float


class Webhooks:
    """The way from the channel to its bot."""

    def __init__(
        self, channel: Channel, http: httpx.AsyncClient, contract: Contract | None
    ) -> None:
        self._channel = channel
        self._http = http
        self._contract = contract
        self._held: list[Json] = []
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._chance = random.Random()  # noqa: S311 - an order, not a secret
        self.deliveries: deque[Delivery] = deque(maxlen=KEPT)

    def seed(self, seed: int) -> None:
        """Make the next orders repeatable."""
        self._chance.seed(seed)

    def send(self, events: Sequence[Json]) -> None:
        """Deliver events, now or once they were held; without an address they are lost."""
        seconds = self._channel.knobs.hold_seconds
        if not seconds:
            self._begin_all(events)
            return
        if not self._held:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._let_go)
        self._held += events

    async def close(self) -> None:
        """Stop delivering."""
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _let_go(self) -> None:
        held, self._held = self._held, []
        self._begin_all(held)

    def _begin_all(self, events: Sequence[Json]) -> None:
        ordered = list(events)
        if self._channel.knobs.is_shuffled:
            self._chance.shuffle(ordered)
        for batch in _batches(ordered, self._channel.knobs.batch):
            task = asyncio.get_running_loop().create_task(self._deliver(batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, events: Sequence[Json]) -> None:
        """Until it is answered, and the copies after that."""
        knobs = self._channel.knobs
        failures = copies = 0
        while failures <= knobs.redeliveries and copies <= knobs.copies:
            if failures or copies:
                await asyncio.sleep(knobs.redelivery_seconds * 2 ** max(0, failures - 1))
            if await self._post(events, is_redelivery=bool(failures or copies)):
                copies += 1
            else:
                failures += 1

    async def _post(self, events: Sequence[Json], *, is_redelivery: bool) -> bool:
        """Whether the bot took them."""
        context = {"deliveryContext": {"isRedelivery": is_redelivery}}
        sent = {"destination": self._channel.bot, "events": [each | context for each in events]}
        if self._contract is not None:
            self._contract.look_at_webhook(sent)
        for each in events:
            self._channel.reply_tokens.deliver(each.get("replyToken"))
        began = clock.monotonic()
        outcome = await self._outcome(msgspec.json.encode(sent))
        milliseconds = round((clock.monotonic() - began) * 1000, 1)
        ids = tuple(each["webhookEventId"] for each in events)
        self.deliveries.append(Delivery(ids, is_redelivery, outcome, milliseconds))
        return outcome.startswith("2")

    async def _outcome(self, body: bytes) -> str:
        if self._channel.webhook_url is None:
            return "no webhook"
        # Signed by code of its own: what verifies in the bot must not vouch for itself.
        digest = hmac.new(self._channel.secret.encode(), body, hashlib.sha256).digest()
        headers = {
            "x-line-signature": base64.b64encode(digest).decode(),
            "content-type": "application/json; charset=utf-8",
            "user-agent": "LineBotWebhook/2.0",
        }
        try:
            response = await self._http.post(
                self._channel.webhook_url,
                content=body,
                headers=headers,
                timeout=self._channel.knobs.webhook_timeout_seconds,
            )
        except (httpx.TransportError, OSError) as error:
            return type(error).__name__
        return str(response.status_code)


def _batches(events: Sequence[Json], most: int) -> list[Sequence[Json]]:
    return [events[begin : begin + most] for begin in range(0, len(events), most)]
