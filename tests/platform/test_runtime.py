"""What a process opens: secrets, the database of its home, everything closed again."""

import stat

import pytest
from support import ENCRYPTION_KEY

from forthwith.platform.config import HomeSettings, PlatformSettings, SecretSettings
from forthwith.platform.crypto import SealBroken
from forthwith.platform.runtime import Runtime, database_dsn, load_codec, load_signing_keys
from forthwith.platform.upstream import cached

AT = b"table|column|row"


def test_the_configured_key_seals(settings: PlatformSettings) -> None:
    one, two = load_codec(settings), load_codec(settings)

    assert two.open_bytes(one.seal_bytes(b"Ann", AT), AT) == b"Ann"
    assert not (settings.home.home / "secrets").exists()


def test_a_home_without_configured_key_makes_its_own_once(
    settings: PlatformSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ENCRYPTION_KEY")
    alone = settings.model_copy(update={"secrets": SecretSettings()})
    sealed = load_codec(alone).seal_bytes(b"Ann", AT)
    key = settings.home.home / "secrets" / "encryption.key"

    assert load_codec(alone).open_bytes(sealed, AT) == b"Ann"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.read_text() != ENCRYPTION_KEY


def test_a_home_without_configured_secret_makes_its_own_for_tokens_once(
    settings: PlatformSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JWT_SECRET")
    alone = settings.model_copy(update={"secrets": SecretSettings()})
    made = load_signing_keys(alone)
    kept = settings.home.home / "secrets" / "jwt.key"

    assert load_signing_keys(alone) == made != load_signing_keys(settings)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_two_homes_do_not_read_one_another(
    settings: PlatformSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ENCRYPTION_KEY")
    one = settings.model_copy(update={"secrets": SecretSettings()})
    monkeypatch.setenv("FORTHWITH_HOME", str(settings.home.home / "other"))
    two = one.model_copy(update={"home": HomeSettings()})

    with pytest.raises(SealBroken):
        load_codec(two).open_bytes(load_codec(one).seal_bytes(b"Ann", AT), AT)


async def test_a_configured_database_is_used_as_it_is(settings: PlatformSettings, dsn: str) -> None:
    async with database_dsn(settings) as found:
        assert found == dsn
    assert not (settings.home.home / "postgres").exists()


async def test_a_request_finds_every_open_part(runtime: Runtime) -> None:
    state = runtime.state()

    assert state.keys() == {
        *("runtime", "db", "codec", "feed", "jobs", "keys", "records", "tokens"),
        *("channels", "stores", "upstreams"),
    }
    assert all(getattr(runtime, name) is state[name] for name in state.keys() - {"runtime"})


async def test_an_open_runtime_listens(runtime: Runtime) -> None:
    await runtime.listener.connected.wait()

    assert runtime.listener.connected.is_set()


async def test_while_a_runtime_is_open_decorated_functions_keep_their_answers(
    runtime: Runtime,
) -> None:
    calls = 0

    @cached(ttl=60, namespace="runtime-test")
    async def twice(number: int) -> int:
        nonlocal calls
        calls += 1
        return 2 * number

    await runtime.listener.connected.wait()

    assert [await twice(4), await twice(4)] == [8, 8]
    assert calls == 1
