"""How long an order takes until it is spoken and completed: an API, a worker, guests who wait."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from sys import executable
from typing import Any, Final

import httpx

from benchmarks import database, load, processes
from benchmarks.database import API_KEY, ENCRYPTION_KEY, JWT_SECRET
from benchmarks.line_bot import free_port

_READY_SECONDS: Final = 90.0
_ORDER_SECONDS: Final = 60.0
_DISHES: Final = ("紅燒牛肉麵", "滷肉飯", "貢丸湯", "燙青菜", "珍珠奶茶", "小籠包", "蛋花湯")


def seconds_to_completed(folder: Path, dsn: str, rate: float, seconds: float) -> list[float]:
    """Seconds from each order to its completion; infinite for one that was not completed.

    Orders arrive as a Poisson process and differ, so that no recording serves twice.
    """
    return asyncio.run(_measured(folder, dsn, rate, seconds))


async def _measured(folder: Path, dsn: str, rate: float, seconds: float) -> list[float]:
    async with _running(folder, dsn) as guests:
        for body in list(_orders(2)):  # loads what speaks
            await _completed(guests, body)
        begin = time.perf_counter()
        waiting = []
        bodies = _orders(1_000)
        for moment in load.poisson(rate, seconds, seed=1):
            await asyncio.sleep(max(0.0, begin + moment - time.perf_counter()))
            waiting.append(asyncio.create_task(_completed(guests, next(bodies))))
        return list(await asyncio.gather(*waiting))


def _orders(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        items: list[dict[str, Any]] = [
            {"item_name": dish, "price": 60 + number % 40, "quantity": 1 + (number + place) % 9}
            for place, dish in enumerate(_DISHES[number % 4 :][:3])
        ]
        total = sum(each["price"] * each["quantity"] for each in items)
        yield {"store_name": f"{count}-{number}", "items": items, "total_amount": total}


async def _completed(guests: httpx.AsyncClient, body: dict[str, Any]) -> float:
    began = time.perf_counter()
    taken = (await guests.post("/api/v1/orders/quick", json=body)).json()
    while time.perf_counter() - began < _ORDER_SECONDS:
        answer = await guests.get(taken["polling_url"], headers={"Prefer": "wait=30"})
        status = answer.json()["status"]
        if status == "completed":
            return time.perf_counter() - began
        if status in {"failed", "cancelled"}:
            break
    return float("inf")


@asynccontextmanager
async def _running(folder: Path, dsn: str) -> AsyncIterator[httpx.AsyncClient]:
    """An API and a worker, and guests who order there."""
    port = free_port()
    environment = {
        "DATABASE_URL": dsn,
        "ENCRYPTION_KEY": ENCRYPTION_KEY,
        "JWT_SECRET": JWT_SECRET,
        "API_KEY": API_KEY,
        "FORTHWITH_HOME": str(folder / "home-completed"),
        "FORTHWITH_APPS": "orders",
        "PORT": str(port),
        "RATE_LIMIT_PER_MINUTE": "1000000",
        "RATE_LIMIT_PER_HOUR": "1000000",
    }
    with ExitStack() as stack:
        for role in ("serve", "work"):
            command = [executable, "-m", "forthwith", role]
            stack.enter_context(processes.running(command, folder / f"{role}.log", environment))
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=_ORDER_SECONDS
        ) as guests:
            await _until_ready(guests)
            yield guests


async def _until_ready(guests: httpx.AsyncClient) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if (await guests.get("/health/ready")).is_success:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.2)
    raise TimeoutError("the API did not get ready")


def prepared(server_dsn: str) -> str:
    """A database for it; its DSN."""
    dsn = database.make_database(server_dsn, "completed")
    database.migrate(dsn)
    return dsn
