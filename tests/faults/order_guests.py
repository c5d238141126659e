"""Guests who order once each, and tap again until they are answered."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

DISHES: Final = ("牛肉麵", "滷肉飯", "貢丸湯", "燙青菜", "珍珠奶茶")
STORE: Final = "斷電小館"
_PAUSE_SECONDS: Final = 0.3


@dataclass(slots=True)
class Guests:
    """Orders under way, and what was answered to each."""

    base_url: str
    tokens: Sequence[str]
    """ID tokens of the people who order, in turns."""
    answers: dict[int, list[str]] = field(default_factory=dict)
    """Order ids by the number of the order; more than one where a guest tapped twice."""
    taps: int = 0

    async def order(self, count: int, *, per_second: float) -> None:
        """Place so many orders, about so many a second; returns when each has been answered."""
        limits = httpx.Limits(max_connections=50)
        async with (
            httpx.AsyncClient(base_url=self.base_url, timeout=10, limits=limits) as http,
            asyncio.TaskGroup() as group,
        ):
            for number in range(count):
                group.create_task(self._order(http, number))
                await asyncio.sleep(1 / per_second)

    async def _order(self, http: httpx.AsyncClient, number: int) -> None:
        headers = {"Idempotency-Key": f"order-of-a-guest-{number:04}"}
        while not await self._tap(http, number, headers):
            await asyncio.sleep(_PAUSE_SECONDS)
        if number % 10 == 0:  # a finger that trembles
            await self._tap(http, number, headers)

    async def _tap(self, http: httpx.AsyncClient, number: int, headers: dict[str, str]) -> bool:
        """Whether the order was acknowledged."""
        self.taps += 1
        try:
            answer = await http.post("/api/orders/quick", json=self.body(number), headers=headers)
        except httpx.HTTPError:
            return False
        if answer.status_code != httpx.codes.ACCEPTED:
            return False
        self.answers.setdefault(number, []).append(answer.json()["order_id"])
        return True

    def body(self, number: int) -> dict[str, Any]:
        """One of few carts, as guests of one shop have: equal texts are spoken once."""
        dish, quantity = DISHES[number % len(DISHES)], 1 + number % 3
        return {
            "store_name": STORE,
            "items": [{"item_name": dish, "price": 60, "quantity": quantity}],
            "total_amount": 60 * quantity,
            "line_id_token": self.tokens[number % len(self.tokens)],
        }


@dataclass(frozen=True, slots=True)
class OrdersReport:
    """What the faults did to orders and to the chats of guests; contract.md, section 3."""

    orders: int
    taps: int
    kills: int
    acknowledged: int
    answered_differently: int
    """Orders whose second tap was told another id."""
    kept: int
    """Orders in the database."""
    completed: int
    unfinished: int
    """Acknowledged orders that are not completed, or lack a voice."""
    numbered_twice: int
    messages: int
    """LINE messages that guests saw, order and voice counted as one."""
    lost: int
    doubled: int

    @property
    def is_sound(self) -> bool:
        """Whether every promise was kept."""
        broken = (
            *(self.answered_differently, self.unfinished, self.numbered_twice),
            *(self.lost, self.doubled, self.orders - self.acknowledged, self.kept - self.orders),
        )
        return not any(broken)

    def lines(self) -> list[tuple[str, int]]:
        """The rows of the table."""
        return [
            ("orders", self.orders),
            ("requests of guests", self.taps),
            ("processes killed", self.kills),
            ("orders acknowledged", self.acknowledged),
            ("answered by another id", self.answered_differently),
            ("orders kept", self.kept),
            ("orders completed", self.completed),
            ("acknowledged, not completed", self.unfinished),
            ("numbers given twice", self.numbered_twice),
            ("LINE messages seen", self.messages),
            ("LINE messages lost", self.lost),
            ("LINE messages seen twice", self.doubled),
        ]


def surplus(values: Sequence[object]) -> int:
    """How many of these say again what another has said."""
    return sum(count - 1 for count in Counter(values).values())
