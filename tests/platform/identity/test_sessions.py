"""Sessions: refresh tokens work once, a second use ends the session, an end is at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from signing import listening

from forthwith.platform import clock, ids
from forthwith.platform.config.signing import parse_secrets
from forthwith.platform.context import Principal
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.errors import BadRequest, NotFound
from forthwith.platform.identity import sessions
from forthwith.platform.identity.sessions import LIFE, NO_GRACE, TAB_GRACE, Client, Opening
from forthwith.platform.identity.tokens import Tokens, opened_tokens

OWNER, STRANGER = UUID(int=1), UUID(int=2)
CLIENT = Client("192.0.2.7", "A browser")
SECOND = timedelta(seconds=1)


@pytest.fixture
async def tokens(db: Database) -> AsyncIterator[Tokens]:
    async with listening(db) as listener, opened_tokens(parse_secrets("k" * 32), db, listener) as t:
        yield t


class Line:
    """The refresh tokens of one session, at times that a test chooses."""

    def __init__(
        self, db: Database, codec: Codec, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.db, self._codec, self.tokens = db, codec, tokens
        self._now = clock.now()
        monkeypatch.setattr(clock, "now", lambda: self._now)

    def later(self, time: timedelta) -> None:
        """Let time go by."""
        self._now += time

    async def begin(self, owner: UUID = OWNER) -> Opening:
        """Sign in."""
        async with self.db.transaction() as session:
            return await sessions.begin(session, self._codec, owner, CLIENT)

    async def use(self, token: str, grace: timedelta = TAB_GRACE) -> str | None:
        """The successor of a refresh token, or None when it is refused."""
        async with self.db.transaction() as session:
            opening = await sessions.go_on(session, self._codec, self.tokens, token, grace=grace)
        return None if opening is None else opening.refresh_token


@pytest.fixture
def line(db: Database, codec: Codec, tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> Line:
    return Line(db, codec, tokens, monkeypatch)


async def test_each_token_is_exchanged_for_the_next(line: Line) -> None:
    token = (await line.begin()).refresh_token
    seen = [token]
    for _ in range(3):
        line.later(timedelta(minutes=15))
        following = await line.use(seen[-1])
        assert following is not None
        seen.append(following)

    assert len(set(seen)) == 4


async def test_a_token_that_is_used_again_later_ends_the_session(line: Line) -> None:
    first = (await line.begin()).refresh_token
    second = await line.use(first)
    line.later(TAB_GRACE + SECOND)

    assert second is not None
    assert await line.use(first) is None
    assert await line.use(second) is None


async def test_a_token_whose_successor_was_used_ends_the_session_at_once(line: Line) -> None:
    """The grace is for lost answers, not for two who go on."""
    first = (await line.begin()).refresh_token
    second = await line.use(first)
    assert second is not None
    third = await line.use(second)
    assert third is not None

    assert await line.use(first) is None
    assert await line.use(third) is None


async def test_any_earlier_token_ends_the_session(line: Line) -> None:
    tokens = [(await line.begin()).refresh_token]
    for _ in range(4):
        following = await line.use(tokens[-1])
        assert following is not None
        tokens.append(following)

    assert await line.use(tokens[1]) is None
    assert await line.use(tokens[-1]) is None


async def test_a_page_that_asks_again_gets_the_same_successor_for_some_seconds(line: Line) -> None:
    first = (await line.begin()).refresh_token
    second = await line.use(first)
    line.later(TAB_GRACE - SECOND)

    assert second is not None
    assert await line.use(first) == second
    assert await line.use(second) is not None


async def test_a_program_uses_a_token_once_however_soon_it_comes_again(line: Line) -> None:
    first = (await line.begin()).refresh_token
    second = await line.use(first, NO_GRACE)
    assert second is not None

    assert await line.use(first, NO_GRACE) is None
    assert await line.use(second, NO_GRACE) is None


async def test_of_ten_uses_at_once_by_programs_one_counts_and_the_session_ends(line: Line) -> None:
    first = (await line.begin()).refresh_token
    following = await asyncio.gather(*(line.use(first, NO_GRACE) for _ in range(10)))
    (second,) = [token for token in following if token is not None]

    assert await line.use(second, NO_GRACE) is None


async def test_ten_refreshes_at_once_keep_one_line(line: Line) -> None:
    """Two tabs that wake together: both stay signed in, with the same token."""
    first = (await line.begin()).refresh_token
    following = await asyncio.gather(*(line.use(first) for _ in range(10)))
    rows = await line.db.fetch("select from platform.refresh_tokens where replaced_at is null")

    assert len(set(following)) == 1
    assert following[0] is not None
    assert len(rows) == 1


async def test_a_reuse_is_written_down(line: Line) -> None:
    opening = await line.begin()
    await line.use(opening.refresh_token)
    line.later(TAB_GRACE + SECOND)
    await line.use(opening.refresh_token)
    row = await line.db.fetchrow("select action, owner, subject from platform.audit")

    assert row is not None
    assert tuple(row) == (
        "session.refresh_token_reused",
        OWNER,
        f"session:{opening.session}",
    )


async def test_a_session_that_is_used_lives_on_and_one_that_is_not_ends(line: Line) -> None:
    token = (await line.begin()).refresh_token
    for _ in range(3):
        line.later(LIFE - SECOND)
        following = await line.use(token)
        assert following is not None
        token = following
    line.later(LIFE)

    assert await line.use(token) is None


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "\x00", "\ud800", "é" * 100])
async def test_a_token_that_was_never_given_changes_nothing(line: Line, token: str) -> None:
    opening = await line.begin()

    assert await line.use(token) is None
    assert await line.use(opening.refresh_token) is not None


async def test_no_token_of_an_ended_session_works(line: Line) -> None:
    opening = await line.begin()
    async with line.db.transaction() as session:
        await sessions.end(session, OWNER, opening.session)

    assert await line.use(opening.refresh_token) is None


async def test_nobody_ends_the_session_of_somebody_else(line: Line) -> None:
    """The answer is the one for a session that does not exist."""
    opening = await line.begin()
    async with line.db.transaction() as session:
        for owner, identifier in ((STRANGER, opening.session), (OWNER, ids.new())):
            with pytest.raises(NotFound, match="There is no session with this id"):
                await sessions.end(session, owner, identifier)

    assert await line.use(opening.refresh_token) is not None


async def test_ending_all_leaves_the_one_that_asks_and_those_of_others(line: Line) -> None:
    kept, ended, others = await line.begin(), await line.begin(), await line.begin(STRANGER)
    async with line.db.transaction() as session:
        await sessions.end_all(session, OWNER, but=kept.session)

    assert await line.use(kept.refresh_token) is not None
    assert await line.use(others.refresh_token) is not None
    assert await line.use(ended.refresh_token) is None


async def test_only_living_sessions_of_ones_own_are_listed(line: Line, codec: Codec) -> None:
    first, second, _ = await line.begin(), await line.begin(), await line.begin(STRANGER)
    ended = await line.begin()
    principal = Principal(OWNER, f"session:{second.session}", frozenset("*"))
    async with line.db.transaction() as session:
        await sessions.end(session, OWNER, ended.session)
    async with line.db.read() as session:
        rows = await sessions.listed(session, OWNER, before=None, limit=10)
    views = [sessions.view(codec, row, principal) for row in rows]

    assert [(view.id, view.is_current) for view in views] == [
        (second.session, True),
        (first.session, False),
    ]
    assert (views[0].address, views[0].device) == ("192.0.2.7", "A browser")


async def test_neither_tokens_nor_places_are_kept_in_the_open(line: Line) -> None:
    opening = await line.begin()
    await line.use(opening.refresh_token)
    rows = [
        *await line.db.fetch("select s::text as row from platform.sessions s"),
        *await line.db.fetch("select t::text as row from platform.refresh_tokens t"),
    ]
    kept = " ".join(row["row"] for row in rows)

    for secret in (opening.refresh_token, CLIENT.address, CLIENT.device):
        assert secret not in kept
        assert secret.encode().hex() not in kept


async def test_what_is_over_is_deleted_with_its_tokens(line: Line) -> None:
    ended, living = await line.begin(), await line.begin()
    async with line.db.transaction() as session:
        await sessions.end(session, OWNER, ended.session)
    line.later(timedelta(days=1, minutes=1))
    async with line.db.transaction() as session:
        await sessions.forget_old(session)
    rows = await line.db.fetch(
        "select s.id from platform.sessions s join platform.refresh_tokens t on t.session = s.id"
    )

    assert [row["id"] for row in rows] == [living.session]
    assert len(await line.db.fetch("select from platform.refresh_tokens")) == 1


def test_an_api_key_has_no_session() -> None:
    principal = Principal(OWNER, f"api-key:{ids.new()}", frozenset("*"))

    with pytest.raises(BadRequest, match="no session"):
        sessions.current(principal)


async def test_a_repeated_request_finds_its_successor_while_secrets_are_replaced(
    line: Line, db: Database
) -> None:
    """A token that one process exchanged by the old secret, asked for of one with both."""
    opening = await line.begin()
    following = await line.use(opening.refresh_token)
    both = parse_secrets(f"new:{'n' * 32},old:{'k' * 32}")
    async with listening(db) as listener, opened_tokens(both, db, listener) as tokens:
        line.tokens = tokens

        assert await line.use(opening.refresh_token) == following
        assert following is not None
        assert await line.use(following) is not None
