"""An order over FastAPI and asyncpg as a careful user writes it: the same rows, no more.

Nothing is sealed, numbered by owner, checked against a menu, logged or counted: what ours does
beyond the rows is part of what the ratio shows.
"""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import asyncpg
from fastapi import FastAPI, Request
from pydantic import BaseModel, Field

from benchmarks.servers import serving
from forthwith.platform import ids

POOL_SIZE = 15  # connections: what ours may open per pool
OWNER = uuid.uuid4()

_ORDER = "insert into orders.orders (id, owner, run, content) values ($1, $2, $3, $4)"
_TICKET = """
insert into pgqueuer.pgqueuer (priority, entrypoint, payload, execute_after, status)
values (0, 'orders.process', $1, now(), 'queued') returning id
"""
_RUN = """
insert into platform.runs (id, owner, app, name, queue, state, args, run_at, ticket)
values ($1, $2, 'orders', 'orders.process', 'orders.process', 'queued', $3, now(), $4)
"""
_STREAM = "insert into platform.streams (id, owner, last_seq) values ($1, $2, 1)"
_EVENT = "insert into platform.events (stream, seq, kind, data) values ($1, 1, 'queued', $2)"


class Item(BaseModel):
    """A line of an order."""

    item_name: Annotated[str, Field(min_length=1, max_length=200)]
    price: Annotated[float, Field(ge=0)]
    quantity: Annotated[int, Field(ge=1, le=999)]


class Order(BaseModel):
    """What is sent."""

    store_name: Annotated[str, Field(min_length=1, max_length=200)]
    items: Annotated[list[Item], Field(min_length=1, max_length=100)]
    total_amount: float


class Submitted(BaseModel):
    """What is answered."""

    order_id: str
    status: str
    polling_url: str


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
    async with asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=1, max_size=POOL_SIZE
    ) as pool:
        yield {"pool": pool}


app = FastAPI(lifespan=_lifespan)


@app.post("/orders", status_code=202)
async def place_order(request: Request, order: Order) -> Submitted:
    """The rows of an order and its run, insert by insert in one transaction."""
    created, run = uuid.uuid4(), ids.new()
    content = order.model_dump_json().encode()
    async with request.state.pool.acquire() as connection, connection.transaction():
        await connection.execute(_ORDER, created, OWNER, run, content)
        ticket = await connection.fetchval(_TICKET, run.bytes)
        await connection.execute(_RUN, run, OWNER, created.bytes, ticket)
        await connection.execute(_STREAM, run, OWNER)
        await connection.execute(_EVENT, run, b"{}")
    url = f"/orders/status/{created}"
    return Submitted(order_id=str(created), status="pending", polling_url=url)


if __name__ == "__main__":
    serving.main(lambda serve: serve(app))
