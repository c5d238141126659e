"""Streams: numbered without gaps, replayed, followed live, and never missed."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from cable import cable_to

from forthwith.platform import ids
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database, opened
from forthwith.platform.events import Feed, Listener, Stream, append, read_after
from forthwith.platform.events.feed import REREAD_SECONDS

END = ("ended",)


@pytest.fixture
async def listener(db: Database) -> AsyncIterator[Listener]:
    listening = Listener(db)
    task = asyncio.create_task(listening.run())
    await listening.connected.wait()
    yield listening
    task.cancel()
    await asyncio.wait({task})


@pytest.fixture
async def feed(db: Database, codec: Codec, listener: Listener) -> Feed:
    opened_feed = Feed(db, codec, listener)
    await opened_feed.open()
    return opened_feed


async def _new_stream(db: Database) -> UUID:
    stream = ids.new()
    async with db.transaction() as session:
        session.add(Stream(id=stream, owner=UUID(int=1)))
    return stream


async def _tell(db: Database, codec: Codec, stream: UUID, *kinds: str) -> None:
    """Each event in a transaction of its own."""
    for kind in kinds:
        async with db.transaction() as session:
            await append(session, codec, stream, kind, {"of": kind})


async def _follow(feed: Feed, stream: UUID, after: int = 0) -> list[tuple[int, str]]:
    following = feed.follow(stream, after, END)
    return [(event.seq, event.kind) async for event in following if event is not None]


async def test_events_written_at_once_are_numbered_without_gap(db: Database, codec: Codec) -> None:
    stream = await _new_stream(db)
    await asyncio.gather(*(_tell(db, codec, stream, "said") for _ in range(12)))

    told = await read_after(db, codec, stream, 0)

    assert [event.seq for event in told] == list(range(1, 13))
    assert told[0].data == {"of": "said"}


async def test_a_transaction_that_fails_uses_no_number(db: Database, codec: Codec) -> None:
    stream = await _new_stream(db)

    async def fail() -> None:
        async with db.transaction() as session:
            await append(session, codec, stream, "said", {})
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError):
        await fail()
    await _tell(db, codec, stream, "said")

    assert [event.seq for event in await read_after(db, codec, stream, 0)] == [1]


async def test_event_data_is_sealed(db: Database, codec: Codec) -> None:
    stream = await _new_stream(db)
    await _tell(db, codec, stream, "a-name")
    row = await db.fetchrow("select data from platform.events")

    assert row is not None
    assert b"a-name" not in row["data"]


async def test_many_readers_all_see_every_event_as_it_comes(
    db: Database, codec: Codec, feed: Feed
) -> None:
    stream = await _new_stream(db)
    readers = [asyncio.create_task(_follow(feed, stream)) for _ in range(50)]
    await asyncio.sleep(0.1)
    async with asyncio.timeout(REREAD_SECONDS * 0.8):  # by notice, not by reading again
        await _tell(db, codec, stream, "one", "two", "ended")
        seen = await asyncio.gather(*readers)

    assert seen == [[(1, "one"), (2, "two"), (3, "ended")]] * 50


async def test_a_reader_goes_on_after_the_number_it_has(
    db: Database, codec: Codec, feed: Feed
) -> None:
    stream = await _new_stream(db)
    await _tell(db, codec, stream, "one", "two", "ended")

    assert await _follow(feed, stream, after=2) == [(3, "ended")]


@pytest.mark.parametrize("after", [3, 4, 2**31 - 1])
async def test_a_reader_who_comes_after_the_end_is_not_kept_waiting(
    db: Database, codec: Codec, feed: Feed, after: int
) -> None:
    """A browser reconnects by itself, with the last number it saw."""
    stream = await _new_stream(db)
    await _tell(db, codec, stream, "one", "two", "ended")

    async with asyncio.timeout(REREAD_SECONDS / 2):
        assert await _follow(feed, stream, after) == []


async def test_an_ending_that_was_taken_back_does_not_end_the_stream(
    db: Database, codec: Codec, feed: Feed
) -> None:
    stream = await _new_stream(db)
    await _tell(db, codec, stream, "one", "ended", "one")
    reader = asyncio.create_task(_follow(feed, stream))
    await asyncio.sleep(0.1)
    await _tell(db, codec, stream, "ended")

    assert [kind for _, kind in await reader] == ["one", "ended", "one", "ended"]


async def test_more_events_than_a_page_are_all_told(db: Database, codec: Codec, feed: Feed) -> None:
    stream = await _new_stream(db)
    async with db.transaction() as session:
        for number in range(501):
            await append(session, codec, stream, "ended" if number in {499, 500} else "said", {})

    assert [seq for seq, _ in await _follow(feed, stream)] == list(range(1, 502))


async def test_a_stream_that_does_not_exist_ends_at_once(feed: Feed) -> None:
    async with asyncio.timeout(REREAD_SECONDS / 2):
        assert await _follow(feed, ids.new()) == []


async def test_nothing_is_missed_when_the_listener_is_killed(
    db: Database, codec: Codec, feed: Feed, listener: Listener
) -> None:
    """What is told while nobody listens is read once the listener is back."""
    stream = await _new_stream(db)
    reader = asyncio.create_task(_follow(feed, stream))
    await _tell(db, codec, stream, "one")
    await asyncio.sleep(0.1)
    connection = listener._connection
    assert connection is not None
    async with asyncio.timeout(REREAD_SECONDS * 0.8):
        await db.fetch("select pg_terminate_backend($1)", connection.get_server_pid())
        await _tell(db, codec, stream, "two", "ended")

        assert await reader == [(1, "one"), (2, "two"), (3, "ended")]


async def test_a_reader_outlives_a_database_that_was_away(
    dsn: str, db: Database, codec: Codec
) -> None:
    stream = await _new_stream(db)
    async with cable_to(dsn) as cable, opened(Database(cable.dsn)) as cut_off:
        listening = Listener(cut_off)
        feed = Feed(cut_off, codec, listening)
        await feed.open()
        task = asyncio.create_task(listening.run())
        reader = asyncio.create_task(_follow(feed, stream))
        await _tell(db, codec, stream, "one")
        await asyncio.sleep(0.2)
        await cable.cut()
        await _tell(db, codec, stream, "two")
        feed._wake_all()  # the reader finds the database away
        await asyncio.sleep(0.2)
        await cable.mend()
        await _tell(db, codec, stream, "ended")
        async with asyncio.timeout(REREAD_SECONDS * 0.8):
            seen = await reader
        task.cancel()
        await asyncio.wait({task})

    assert seen == [(1, "one"), (2, "two"), (3, "ended")]


async def test_a_listener_that_is_refused_keeps_trying(dsn: str) -> None:
    """A database that is created, or a password that is set, a moment later."""
    head, _, query = dsn.partition("?")
    listening = Listener(Database(f"{head}_that_is_not_there?{query}"))
    task = asyncio.create_task(listening.run())
    await asyncio.sleep(0.5)

    assert not task.done()
    task.cancel()
    await asyncio.wait({task})


async def test_a_reader_who_leaves_is_forgotten(db: Database, codec: Codec, feed: Feed) -> None:
    stream = await _new_stream(db)
    reader = asyncio.create_task(_follow(feed, stream))
    await asyncio.sleep(0.1)
    assert feed._waiting

    reader.cancel()
    await asyncio.wait({reader})

    assert not feed._waiting


async def test_an_event_whose_writer_was_killed_before_it_told_is_found_all_the_same(
    db: Database, codec: Codec, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forthwith.platform.events.feed.REREAD_SECONDS", 0.2)
    stream = await _new_stream(db)
    following = aiter(feed.follow(stream, 0, END))
    assert await anext(following) is None  # it has looked, and nothing was there
    async with db.transaction() as session:
        await append(session, codec, stream, END[0], {})
        session.notices.clear()

    async with asyncio.timeout(REREAD_SECONDS / 2):
        found = [event.kind async for event in following if event is not None]
    assert found == [END[0]]
