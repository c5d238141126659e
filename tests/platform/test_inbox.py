import asyncio
from typing import Any
from uuid import UUID

import pytest

from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.inbox import accept, accept_along, along, inbox_place

OWNER = UUID(int=1)


async def _deliver(db: Database, codec: Codec, event: str, channel: str = "line:1") -> bool:
    async with db.transaction() as session:
        return await accept(
            session, codec, channel=channel, event=event, owner=OWNER, payload={"text": "Ann"}
        )


async def test_an_event_delivered_twelve_times_at_once_is_taken_once(
    db: Database, codec: Codec
) -> None:
    taken = await asyncio.gather(*(_deliver(db, codec, "e1") for _ in range(12)))

    assert sorted(taken) == [False] * 11 + [True]
    assert len(await db.fetch("select from platform.inbox")) == 1


async def test_the_same_event_id_of_another_channel_is_another_event(
    db: Database, codec: Codec
) -> None:
    assert await _deliver(db, codec, "e1", "line:1")
    assert await _deliver(db, codec, "e1", "line:2")


async def test_an_event_whose_transaction_failed_is_taken_at_its_redelivery(
    db: Database, codec: Codec
) -> None:
    async def fail_after_accepting() -> None:
        async with db.transaction() as session:
            await accept(
                session, codec, channel="line:1", event="e1", owner=OWNER, payload={"text": "Ann"}
            )
            raise RuntimeError("the rest of the transaction")

    with pytest.raises(RuntimeError):
        await fail_after_accepting()

    assert await _deliver(db, codec, "e1")


async def test_the_payload_is_sealed_for_its_row(db: Database, codec: Codec) -> None:
    await _deliver(db, codec, "e1")
    row = await db.fetchrow("select payload from platform.inbox")

    assert row is not None
    assert b"Ann" not in row["payload"]
    assert codec.open(row["payload"], inbox_place("line:1", "e1")) == {"text": "Ann"}


async def test_what_an_event_asks_for_is_done_once_along_with_it(
    db: Database, codec: Codec
) -> None:
    """In one statement; a redelivery changes nothing, and finds no row."""
    statement = along(
        first="select $5::text as other",
        then=""", noted as (
          insert into platform.inbox (channel, event, owner, payload)
          select other, $2, $3::uuid, '' from first, accepted
        ) select other from first, accepted""",
    )

    async def deliver() -> str | None:
        event: dict[str, Any] = {"channel": "line:1", "event": "e1", "owner": OWNER, "payload": {}}
        async with db.transaction() as session:
            row = await accept_along(session, codec, statement, "line:2", **event)
        return None if row is None else str(row["other"])

    outcomes = [*await asyncio.gather(*(deliver() for _ in range(6))), await deliver()]

    assert [each for each in outcomes if each is not None] == ["line:2"]
    assert len(await db.fetch("select from platform.inbox")) == 2
