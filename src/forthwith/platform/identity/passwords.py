"""Passwords: argon2id hashes in a bounded number of threads, and which ones are refused.

A hash takes 64 MB and a quarter of a second of a core (pwdlib's recommendation, RFC 9106), so
that two are made at once and a few wait; who comes after that is asked to come back.
"""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

from pwdlib import PasswordHash

from forthwith.platform.errors import Fault, Unavailable, Unprocessable
from forthwith.platform.identity.common_passwords import COMMON

T = TypeVar("T")

SHORTEST: Final = 8  # characters; NIST SP 800-63B, 5.1.1.2
LONGEST: Final = 128
THREADS: Final = 2
MOST_WAITING: Final = 16  # about four seconds of two threads
_RETRY_SECONDS: Final = 5
NOBODYS_HASH: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$c29tZWJvZHktdW5rbm93bg$"
    "bm8tcGFzc3dvcmQtaGFzLXRoaXMtaGFzaC1hdC1hbGw"
)
"""What a password is compared with when nobody has the address: it takes the same time."""

_hasher: Final = PasswordHash.recommended()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether a password was right, and its new hash where the kept one is out of date."""

    is_right: bool
    new_hash: str | None = None


class Passwords:
    """Hashes and compares passwords beside the event loop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._busy = 0

    def close(self) -> None:
        """Take no more work."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """The hash to keep. Raises `Unavailable` when too many are waiting."""
        return await self._beside(lambda: _hasher.hash(normalised(password)))

    async def compare(self, password: str, kept: str | None) -> Comparison:
        """Compare with a kept hash; None takes the same time, and is always wrong.

        Raises `Unavailable` when too many are waiting.
        """
        comparison = await self._beside(lambda: _compare(password, kept or NOBODYS_HASH))
        return comparison if kept is not None else Comparison(is_right=False)

    async def _beside(self, work: Callable[[], T]) -> T:
        if self._busy >= THREADS + MOST_WAITING:
            raise Unavailable(
                "Too many people are signing in at this moment; try again in a few seconds.",
                retry_after=_RETRY_SECONDS,
            )
        self._busy += 1
        future = self._threads.submit(work)
        future.add_done_callback(self._on_done)  # also when whoever asked has left
        return await asyncio.wrap_future(future)

    def _on_done(self, _: object) -> None:
        self._busy -= 1


def _compare(password: str, kept: str) -> Comparison:
    is_right, new_hash = _hasher.verify_and_update(normalised(password), kept)
    return Comparison(is_right, new_hash)


def normalised(password: str) -> str:
    """One form for what keyboards send in several (NFKC); NIST SP 800-63B, 5.1.1.2."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, email: str, pointer: str = "#/password") -> None:
    """Refuse a password that is guessed first.

    Raises `Unprocessable` that says why at the member `pointer`.
    """
    given = normalised(password)
    if not SHORTEST <= len(given) <= LONGEST:
        _refuse(f"use {SHORTEST} to {LONGEST} characters", pointer)
    plain = given.lower()
    if plain in {email.lower(), email.lower().partition("@")[0]}:
        _refuse("choose one that is not your e-mail address", pointer)
    if plain in COMMON or len(set(plain)) == 1:
        _refuse("choose one that is not among the most common ones", pointer)


def _refuse(why: str, pointer: str) -> None:
    raise Unprocessable("This password is not safe.", faults=[Fault(pointer, why)])
