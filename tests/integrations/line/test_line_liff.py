"""A LIFF page's person is whom LINE says, for the channel and login that were asked about."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from line_channel import Running

from forthwith.integrations.line.liff import LiffLogin
from forthwith.integrations.line.settings import LineSettings
from forthwith.integrations.line.vendor import login_vendor
from forthwith.platform import clock
from forthwith.platform.errors import Transient, Unauthorized
from forthwith.platform.upstream import Upstream, in_memory
from forthwith.sandbox.line import names
from forthwith.sandbox.line.channel import LOGIN_CHANNEL


@pytest.fixture
async def login(channel: Running) -> AsyncIterator[LiffLogin]:
    """What verifies, with the settings that the sandbox gives."""
    channels = LineSettings(**channel.sandbox.environment()).login_channels
    upstream = Upstream(login_vendor(), in_memory())
    async with httpx.AsyncClient(base_url=channel.sandbox.url, trust_env=False) as http:
        yield LiffLogin(upstream, http, channels)
        await upstream.close()


async def test_a_persons_token_tells_who_it_is(channel: Running, login: LiffLogin) -> None:
    token = await channel.phone.id_token("ann", nonce="n1", name="Ann")
    identity = await login.verify(token, channel=LOGIN_CHANNEL, nonce="n1")

    assert (identity.user, identity.name) == (names.user_id("ann"), "Ann")


@pytest.mark.parametrize(
    "claims", [{"audience": "1999999999"}, {"valid_seconds": 0}, {"nonce": "another"}]
)
async def test_a_token_of_another_channel_time_or_login_is_refused(
    channel: Running, login: LiffLogin, claims: dict[str, object]
) -> None:
    token = await channel.phone.id_token("ann", **claims)

    with pytest.raises(Unauthorized):
        await login.verify(token, channel=LOGIN_CHANNEL, nonce="n1")


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 4_001, "'; --", "名片"])
async def test_what_is_no_token_is_refused(login: LiffLogin, token: str) -> None:
    with pytest.raises(Unauthorized):
        await login.verify(token, channel=LOGIN_CHANNEL)


async def test_a_channel_that_is_not_ours_is_refused_unasked(
    channel: Running, login: LiffLogin
) -> None:
    token = await channel.phone.id_token("ann", audience="1999999999")

    with pytest.raises(Unauthorized):
        await login.verify(token, channel="1999999999")
    assert await channel.calls("/oauth2/v2.1/verify") == []


async def test_lines_word_is_checked_again(
    channel: Running, login: LiffLogin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer about a token that is over is refused, whatever LINE's clock says."""
    token = await channel.phone.id_token("ann")
    claims = channel.sandbox.channel.id_tokens[token]
    now = clock.now
    late = timedelta(hours=2)
    monkeypatch.setattr("forthwith.integrations.line.liff.clock.now", lambda: now() + late)
    monkeypatch.setattr("forthwith.sandbox.line.login._fault", lambda *_: None)

    assert claims["exp"] < clock.now().timestamp()
    with pytest.raises(Unauthorized):
        await login.verify(token, channel=LOGIN_CHANNEL)


async def test_garbage_does_not_trip_the_breaker(channel: Running, login: LiffLogin) -> None:
    """Strangers may send as much of it as they like."""
    for number in range(30):
        with pytest.raises(Unauthorized):
            await login.verify(f"garbage-{number}", channel=LOGIN_CHANNEL)
    token = await channel.phone.id_token("ann")

    assert (await login.verify(token, channel=LOGIN_CHANNEL)).user == names.user_id("ann")


async def test_a_login_that_is_down_is_no_refusal(channel: Running, login: LiffLogin) -> None:
    await channel.behave(next_faults=[{"kind": "status", "status": 503}])

    with pytest.raises(Transient):
        await login.verify("a.b.c", channel=LOGIN_CHANNEL)


def test_a_liff_id_begins_with_its_channel() -> None:
    settings = LineSettings(LINE_LIFF_IDS="1657000000-abcDEFgh, 1658000000-xyz")

    assert settings.login_channels == {"1657000000", "1658000000"}
