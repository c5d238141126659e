"""Access tokens: ours are believed while their session lives, all others never."""

import base64
import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from cable import cable_to
from cryptography.hazmat.primitives.asymmetric import rsa
from signing import listening, until

from forthwith.platform import clock, ids
from forthwith.platform.config.signing import parse_secrets
from forthwith.platform.db import Database, opened
from forthwith.platform.identity import revocations
from forthwith.platform.identity.models import Account, LoginSession
from forthwith.platform.identity.tokens import (
    ACCESS_SECONDS,
    SKEW_SECONDS,
    Tokens,
    opened_tokens,
)

SECRET = "ab" * 32
OLD_SECRET = "cd" * 32
KEYS = parse_secrets(f"new:{SECRET},old:{OLD_SECRET}")
ACCOUNT, SESSION = UUID(int=1), UUID(int=2)


@pytest.fixture
async def tokens(db: Database) -> AsyncIterator[Tokens]:
    async with listening(db) as listener, opened_tokens(KEYS, db, listener) as issuer:
        yield issuer


def _claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": "forthwith",
        "aud": "forthwith-api",
        "sub": str(ACCOUNT),
        "sid": str(SESSION),
        "jti": "1",
        "iat": now,
        "exp": now + 7200,
        "role": "operator",
        "plan": "enterprise",
    }
    merged = {**claims, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def _signed(secret: Any = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    headers = changes.pop("headers", {"kid": "new"})
    return jwt.encode(_claims(**changes), secret, algorithm, headers)


def _raw(header: Any, claims: Any, signature: bytes = b"") -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def _attacks() -> dict[str, str]:
    now = int(time.time())
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    good = _signed()
    others = _signed(sub=str(UUID(int=9)))
    head, body, signature = good.split(".")
    return {
        "alg none": _raw({"alg": "none", "typ": "JWT", "kid": "new"}, _claims()),
        "alg None": _raw({"alg": "None", "kid": "new"}, _claims()),
        "alg none with our signature": f"{_raw({'alg': 'none', 'kid': 'new'}, {})[:-1]}{signature}",
        "no algorithm": _raw({"kid": "new"}, _claims()),
        "signed with RS256": _signed(rsa_key, "RS256"),
        "another length of hash": _signed(SECRET, "HS512"),
        "another secret": _signed("ef" * 32),
        "the secret of another kid": _signed(OLD_SECRET),
        "an unknown kid": _signed(headers={"kid": "other"}),
        "no kid": _signed(headers={}),
        "a kid that is a path": _signed("ef" * 32, headers={"kid": "../../dev/null"}),
        "a kid that is a list": _raw({"alg": "HS256", "kid": ["new"]}, _claims(), b"x"),
        "its own key in the header": _signed(
            "ef" * 32, headers={"kid": "other", "jwk": {"kty": "oct", "k": "7w"}}
        ),
        "expired": _signed(iat=now - 120, exp=now - 60),
        "expired within the skew": _signed(iat=now - 120, exp=now - 2),
        "from the future": _signed(iat=now + 3600),
        "not yet": _signed(nbf=now + 3600),
        "for another audience": _signed(aud="somebody-else"),
        "from another issuer": _signed(iss="somebody-else"),
        **{
            f"without {name}": _signed(**{name: None})
            for name in ("iss", "aud", "sub", "sid", "jti", "iat", "exp", "role", "plan")
        },
        "no signature": f"{head}.{body}.",
        "cut signature": good[:-4],
        "changed claims": f"{head}.{others.split('.')[1]}.{signature}",
        "two parts": f"{head}.{body}",
        "four parts": f"{good}.{signature}",
        "a token in a token": _raw({"alg": "HS256", "kid": "new"}, good, b"x"),
        "deep": "eyJ" + "W" * 900 + ".e30.e30",
        "a thousand brackets": f"{base64.urlsafe_b64encode(b'[' * 700).decode()}.e30.e30",
        "long": good + "A" * 10_000,
        "no base64": "eyJ*.*.*",
        "an escape": "eyJ\x00",
        "another alphabet": "eyJ\u00e9.\u00e9.\u00e9",
        "empty": "",
    }


ATTACKS = _attacks()


@pytest.mark.parametrize("attack", ATTACKS)
async def test_what_we_did_not_sign_for_us_and_now_is_nobody(tokens: Tokens, attack: str) -> None:
    assert tokens.principal_of(ATTACKS[attack]) is None


async def test_the_token_that_the_attacks_are_made_from_is_good(tokens: Tokens) -> None:
    """Otherwise the attacks would fail for another reason."""
    found = tokens.principal_of(_signed())

    assert found is not None
    assert found.role == "operator"
    assert tokens.principal_of(_signed(iat=int(time.time()) + SKEW_SECONDS - 5)) is not None
    assert tokens.principal_of(_signed(OLD_SECRET, headers={"kid": "old"})) is not None


async def test_an_issued_token_tells_who_and_in_which_session(tokens: Tokens) -> None:
    found = tokens.principal_of(tokens.issue(ACCOUNT, SESSION, "member", "premium"))

    assert found is not None
    assert (found.owner, found.role, found.plan) == (ACCOUNT, "member", "premium")
    assert found.credential == f"session:{SESSION}"
    assert found.may("cards:read")


async def test_a_token_ends_after_fifteen_minutes(
    tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that was verified before, and is only remembered."""
    token = tokens.issue(ACCOUNT, SESSION, "member", "basic")
    now = clock.now()
    assert tokens.principal_of(token) is not None
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=ACCESS_SECONDS))

    assert tokens.principal_of(token) is None


async def test_the_newest_secret_signs_and_older_ones_still_verify(db: Database) -> None:
    async with listening(db) as listener:
        async with opened_tokens(parse_secrets(f"old:{OLD_SECRET}"), db, listener) as before:
            old = before.issue(ACCOUNT, SESSION, "member", "basic")
        async with opened_tokens(KEYS, db, listener) as during:
            new = during.issue(ACCOUNT, SESSION, "member", "basic")
            assert during.principal_of(old) is not None
        async with opened_tokens(parse_secrets(f"new:{SECRET}"), db, listener) as after:
            assert after.principal_of(new) is not None
            assert after.principal_of(old) is None

    assert jwt.get_unverified_header(new) == {"alg": "HS256", "kid": "new", "typ": "JWT"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("short", "32 characters or more"),
        (f"a:{SECRET},b:short", "32 characters or more"),
        (f"a:{SECRET},a:{OLD_SECRET}", "two secrets the same"),
        (f"{SECRET},", "32 characters or more"),
    ],
)
def test_a_secret_that_is_no_use_is_refused_and_not_shown(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refusal:
        parse_secrets(text)
    assert SECRET not in str(refusal.value)


def test_a_secret_without_a_name_has_one_that_does_not_tell_it() -> None:
    one, two = parse_secrets(SECRET), parse_secrets(OLD_SECRET)

    assert one == parse_secrets(f" {SECRET} ")
    assert one[0].kid != two[0].kid
    assert one[0].kid not in SECRET


async def _begin(db: Database) -> UUID:
    session, now = ids.new(), clock.now()
    async with db.transaction() as writing:
        writing.add(
            LoginSession(
                id=session,
                owner=ACCOUNT,
                device=None,
                address=None,
                created_at=now,
                used_at=now,
                expires_at=now + timedelta(days=7),
            )
        )
    return session


_END = "update platform.sessions set ended_at = now() where id = $1"


@pytest.mark.parametrize("statement", [_END, "delete from platform.sessions where id = $1"])
async def test_every_process_hears_of_a_session_that_ends_however_it_ends(
    tokens: Tokens, db: Database, statement: str
) -> None:
    session = await _begin(db)
    token = tokens.issue(ACCOUNT, session, "member", "basic")
    assert tokens.principal_of(token) is not None

    await db.execute(statement, session)

    await until(lambda: tokens.principal_of(token) is None)
    assert tokens.principal_of(tokens.issue(ACCOUNT, SESSION, "member", "basic")) is not None


async def test_a_process_that_starts_later_knows_of_it_too(tokens: Tokens, db: Database) -> None:
    session = await _begin(db)
    token = tokens.issue(ACCOUNT, session, "member", "basic")
    await db.execute(_END, session)
    async with listening(db) as listener, opened_tokens(KEYS, db, listener) as later:
        assert later.principal_of(token) is None


async def test_another_plan_is_heard_of_before_the_token_ends(tokens: Tokens, db: Database) -> None:
    async with db.transaction() as session:
        session.add(Account(id=ACCOUNT, role="member"))
    token = tokens.issue(ACCOUNT, SESSION, "member", "basic")
    await db.execute(
        "update platform.accounts set plan = 'premium', plan_changed_at = now() where id = $1",
        ACCOUNT,
    )

    def plan() -> str | None:
        found = tokens.principal_of(token)
        return found.plan if found else None

    await until(lambda: plan() == "premium")
    async with listening(db) as listener, opened_tokens(KEYS, db, listener) as later:
        assert getattr(later.principal_of(token), "plan", None) == "premium"


async def test_a_process_that_hears_nothing_believes_no_token_for_long(
    db: Database, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And catches up, once it hears again, on what ended meanwhile."""
    monkeypatch.setattr(revocations, "TRUSTED_SECONDS", 0.3)
    session = await _begin(db)
    async with (
        cable_to(dsn) as cable,
        opened(Database(cable.dsn)) as far,
        listening(far) as listener,
        opened_tokens(KEYS, far, listener) as tokens,
    ):
        token = tokens.issue(ACCOUNT, session, "member", "basic")
        other = tokens.issue(ACCOUNT, SESSION, "member", "basic")
        assert tokens.principal_of(token) is not None
        await cable.cut()
        await db.execute(_END, session)
        await until(lambda: _is_refused(tokens, token), within=15)
        await cable.mend()
        await until(lambda: not _is_refused(tokens, other), within=15)

        assert tokens.principal_of(token) is None
        assert tokens.principal_of(other) is not None


def _is_refused(tokens: Tokens, token: str) -> bool:
    try:
        tokens.principal_of(token)
    except ConnectionError:
        return True
    return False


async def test_what_is_remembered_of_sessions_ends_with_their_tokens(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.monotonic()
    async with listening(db) as listener:
        heard = revocations.Revocations(db, listener, 900.0)
        await heard.open()
        assert heard._reading is not None
        await heard._reading
        heard._on_notice(f"ended|{SESSION}")
        heard._on_notice(f"plan|{ACCOUNT}|premium")
        assert heard.is_ended(SESSION)
        monkeypatch.setattr(clock, "monotonic", lambda: now + 2000)
        heard._on_notice(f"ended|{UUID(int=77)}")

        assert not heard.is_ended(SESSION)
        assert heard.plan_of(ACCOUNT) is None
        await heard.close()


async def test_remembered_tokens_are_bounded(
    tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forthwith.platform.identity.tokens._MOST_VERIFIED", 3)
    issued = [tokens.issue(ACCOUNT, ids.new(), "member", "basic") for _ in range(10)]
    for token in issued:
        assert tokens.principal_of(token) is not None

    assert len(tokens._verified) == 3


async def test_a_known_token_costs_a_hundredth_of_a_millisecond(tokens: Tokens) -> None:
    """CPU time of the best of some rounds; the bound is wide, a query would be far beyond it."""
    token = tokens.issue(ACCOUNT, SESSION, "member", "basic")
    rounds = []
    for _ in range(5):
        started = time.process_time()
        for _ in range(200):
            tokens.principal_of(token)
        rounds.append((time.process_time() - started) / 200)

    assert min(rounds) < 100e-6
