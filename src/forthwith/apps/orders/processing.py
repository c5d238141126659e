"""What a run makes of an order: a number, summaries, voices."""

import io
from datetime import date
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from forthwith.apps.orders import queries, service, views, wording
from forthwith.apps.orders.errors import OrderNotFound
from forthwith.apps.orders.models import Order, Recording
from forthwith.apps.orders.schemas import Summary
from forthwith.apps.orders.voices import Outcome, Voice
from forthwith.integrations.speech.speaking import speak
from forthwith.platform import clock
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Session
from forthwith.platform.runtime import Runtime

_NEXT_NUMBER: Final = text("""
insert into orders.counters as c (owner, shop, day, last) values (:owner, :shop, :day, 1)
on conflict (owner, shop) do update set
  last = case when c.day < excluded.day then 1 else c.last + 1 end,
  day = greatest(c.day, excluded.day)
returning last
""")
_NO_SHOP: Final = UUID(int=0)


async def give_number(session: Session, runtime: Runtime, order: UUID) -> int:
    """The shop's next number of the day; tells its counters of the order.

    Here and not in the request: the counter's row is locked until the transaction commits, which
    would let a shop's orders in one by one.
    """
    row = await _order(session, order)
    cart = views.cart_of(runtime.codec, row)
    number = row.number or await session.scalar(
        _NEXT_NUMBER,
        {"owner": row.owner, "shop": row.shop or _NO_SHOP, "day": _today(cart.timezone)},
    )
    row.number = number
    await service.ring(session, row.owner)
    return int(number)


async def summarise(runtime: Runtime, order: UUID, number: int) -> Summary:
    """The order in words, for the counter and for the guest."""
    row = await queries.find(runtime.db, order)
    return wording.summary(views.cart_of(runtime.codec, row), number)


async def keep_summary(session: Session, runtime: Runtime, order: UUID, summary: Summary) -> None:
    """Show the summaries."""
    await _keep(session, runtime.codec, await _order(session, order), Outcome(summary))


async def speak_order(runtime: Runtime, order: UUID, rate: float) -> Voice:
    """Speak the order at a rate, and store the recording; which is the voice."""
    row = await queries.find(runtime.db, order)
    said = wording.spoken_order(views.cart_of(runtime.codec, row))
    speech = await speak(runtime.pool, runtime.upstreams, said, rate=rate)
    blob = await runtime.blobs.put(row.owner, io.BytesIO(speech.audio))
    return Voice(rate, blob.sha256, blob.size, speech.milliseconds, speech.provider)


async def keep_voice(session: Session, runtime: Runtime, order: UUID, voice: Voice) -> None:
    """Let the guest hear a voice, before the others are there."""
    row = await _order(session, order)
    outcome = views.outcome_of(runtime.codec, row)
    if outcome is None:
        raise OrderNotFound("The order has no summary that a voice could belong to.")
    named = {"owner": row.owner, "blob": voice.blob, "order_id": order}
    await session.execute(insert(Recording).values(named).on_conflict_do_nothing())
    await _keep(session, runtime.codec, row, outcome.with_voice(voice))


async def complete(session: Session, runtime: Runtime, order: UUID, token: str | None) -> None:
    """Mark the order as completed; tell its counters, and its guest if LINE knows them."""
    done = update(Order).where(Order.id == order).values(completed_at=func.now())
    owner = await session.scalar(done.returning(Order.owner))
    if owner is None:
        raise _deleted()
    await service.ring(session, owner)
    if token is not None:
        await service.tell_guest(session, runtime, owner, order, token)


async def _order(session: Session, order: UUID) -> Order:
    row = await session.scalar(select(Order).where(Order.id == order))
    if row is None:
        raise _deleted()
    return row


async def _keep(session: Session, codec: Codec, row: Order, outcome: Outcome) -> None:
    row.outcome = codec.seal(outcome, queries.outcome_place(row.id))
    await session.flush()


def _today(timezone: str) -> date:
    return clock.now().astimezone(ZoneInfo(timezone)).date()


def _deleted() -> OrderNotFound:
    return OrderNotFound("The order was deleted while it was worked on.")
