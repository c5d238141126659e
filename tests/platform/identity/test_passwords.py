"""Passwords: few at once, the same time for everybody, and not the ones guessed first."""

import asyncio

import pytest
from argon2 import PasswordHasher

from forthwith.platform.errors import Unavailable, Unprocessable
from forthwith.platform.identity import passwords
from forthwith.platform.identity.common_passwords import COMMON
from forthwith.platform.identity.passwords import NOBODYS_HASH, Passwords

EMAIL = "ann.lee@example.com"


@pytest.fixture
def hashing() -> Passwords:
    return Passwords()


async def test_a_password_is_known_again_and_no_other_is(hashing: Passwords) -> None:
    kept = await hashing.hash("three blue teapots")

    assert (await hashing.compare("three blue teapots", kept)).is_right
    assert not (await hashing.compare("Three blue teapots", kept)).is_right
    assert kept.startswith("$argon2id$")


async def test_what_keyboards_send_in_several_forms_is_one_password(hashing: Passwords) -> None:
    kept = await hashing.hash("caf\u00e9 \uff11\uff12\uff13")  # composed, full width

    assert (await hashing.compare("cafe\u0301 123", kept)).is_right


async def test_a_hash_of_older_parameters_is_made_anew(hashing: Passwords) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("three blue teapots")
    right = await hashing.compare("three blue teapots", old)

    assert right.is_right
    assert right.new_hash is not None
    assert (await hashing.compare("three blue teapots", right.new_hash)).new_hash is None
    assert (await hashing.compare("wrong", old)).new_hash is None


async def test_nobodys_password_takes_the_time_of_a_real_one(hashing: Passwords) -> None:
    """It has the parameters of today; no password is right."""
    assert not passwords._hasher.current_hasher.check_needs_rehash(NOBODYS_HASH)
    assert not (await hashing.compare("three blue teapots", None)).is_right
    assert not (await hashing.compare("three blue teapots", NOBODYS_HASH)).is_right


async def test_who_comes_when_too_many_wait_is_asked_to_come_back(
    hashing: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "MOST_WAITING", 1)
    asked = [asyncio.create_task(hashing.hash("three blue teapots")) for _ in range(5)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    refused = [each for each in done if isinstance(each, Unavailable)]

    assert len(refused) == 2
    assert all(each.retry_after for each in refused)
    assert await hashing.hash("three blue teapots")


async def test_who_leaves_still_counts_until_the_work_is_done(
    hashing: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise callers that hang up would fill the threads without end."""
    monkeypatch.setattr(passwords, "MOST_WAITING", 0)
    leaving = [asyncio.create_task(hashing.hash("three blue teapots")) for _ in range(2)]
    await asyncio.sleep(0.01)
    for task in leaving:
        task.cancel()

    with pytest.raises(Unavailable):
        await hashing.hash("three blue teapots")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "8 to 128"),
        ("x1" * 65, "8 to 128"),
        ("\ufdfa" * 8, "8 to 128"),  # each of them is 18 characters in the normal form
        (EMAIL, "not your e-mail address"),
        (EMAIL.upper(), "not your e-mail address"),
        ("ann.lee", "8 to 128"),
        ("passw0rd", "most common"),
        ("PassWord1", "most common"),
        ("12345678", "most common"),
        ("\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18", "most common"),  # full width
        ("aaaaaaaaaaaa", "most common"),
        ("ji32k7au4a83", "most common"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused(password: str, why: str) -> None:
    with pytest.raises(Unprocessable) as refusal:
        passwords.check(password, EMAIL)

    assert why in refusal.value.faults[0].detail
    assert password not in refusal.value.message + refusal.value.faults[0].detail


@pytest.mark.parametrize(
    "password",
    [
        "three blue teapots",
        "x1" * 64,
        "密碼是三個藍色茶壺",
        "a\x00b\x00c\x00d\x00",
        "🫖" * 4 + "blue",
    ],
)
def test_any_other_password_is_taken(password: str) -> None:
    passwords.check(password, EMAIL)


def test_the_list_of_common_ones_can_meet_what_it_is_compared_with() -> None:
    assert len(COMMON) > 300
    assert all(each == each.lower() and len(each) >= passwords.SHORTEST for each in COMMON)
