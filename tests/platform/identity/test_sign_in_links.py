"""Links that sign an operator in once."""

from datetime import timedelta
from uuid import UUID

import pytest

from forthwith.platform import clock
from forthwith.platform.db import Database
from forthwith.platform.errors import NotFound, Unprocessable
from forthwith.platform.identity import sign_in_links
from forthwith.platform.identity.sessions import Client
from forthwith.platform.runtime import Runtime

TERMINAL = Client("127.0.0.1", "a browser")


async def _given(runtime: Runtime) -> str:
    async with runtime.db.transaction() as session:
        operator = await sign_in_links.first_operator(session)
        return await sign_in_links.give(session, runtime.codec, operator)


async def test_a_link_signs_the_operator_in(runtime: Runtime) -> None:
    signed_in = await sign_in_links.follow(runtime, await _given(runtime), TERMINAL)

    principal = runtime.tokens.principal_of(signed_in.access_token)
    assert principal is not None
    assert (principal.role, signed_in.user.email) == ("operator", None)


async def test_a_link_works_once(runtime: Runtime) -> None:
    token = await _given(runtime)
    await sign_in_links.follow(runtime, token, TERMINAL)

    with pytest.raises(Unprocessable):
        await sign_in_links.follow(runtime, token, TERMINAL)


async def test_a_link_does_not_outlive_its_hour(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await _given(runtime)
    later = clock.now() + timedelta(minutes=61)
    monkeypatch.setattr(clock, "now", lambda: later)

    with pytest.raises(Unprocessable):
        await sign_in_links.follow(runtime, token, TERMINAL)


async def test_a_newer_link_takes_the_place_of_the_one_before(runtime: Runtime) -> None:
    earlier = await _given(runtime)
    await _given(runtime)

    with pytest.raises(Unprocessable):
        await sign_in_links.follow(runtime, earlier, TERMINAL)


async def test_a_link_that_was_followed_is_audited(runtime: Runtime) -> None:
    await sign_in_links.follow(runtime, await _given(runtime), TERMINAL)

    row = await runtime.db.fetchrow(
        "select owner from platform.audit where action = 'sign_in.link_followed'"
    )
    assert row is not None
    assert isinstance(row["owner"], UUID)


async def test_before_the_first_start_nobody_can_be_signed_in(db: Database) -> None:
    async with db.read() as session:
        with pytest.raises(NotFound):
            await sign_in_links.first_operator(session)
