"""`@cached(...)`: an async function whose answers are kept, keyed by its arguments."""

import hashlib
import inspect
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

import msgspec

from forthwith.platform.upstream.cache.cache import Cache
from forthwith.platform.upstream.cache.policy import AnyPolicy, Policy

P = ParamSpec("P")
R = TypeVar("R")

_encode: Final = msgspec.msgpack.Encoder(order="deterministic").encode
_in_use: list[Cache] = []

_REMEMBERED: Final = 1_000  # calls of one function whose keys are known; then it begins anew
_SHORT_BYTES: Final = 200


@contextmanager
def used(cache: Cache) -> Iterator[None]:
    """Let decorated functions of this process keep their answers in `cache` meanwhile."""
    _in_use.append(cache)
    try:
        yield
    finally:
        _in_use.remove(cache)


def cached(
    *, namespace: str, ttl: float | None = None, tags: tuple[str, ...] = (), **more: Any
) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """Keep what an async function answers for `ttl` seconds, or for CACHE_TTL_SECONDS.

    The key is made of the arguments as msgspec writes them, however they were passed. `tags` may
    name arguments: `("product:{asin}",)`. `more` are further members of `Policy`. The answer is
    decoded into the annotated type. While no cache is in use, the function is simply called.
    """

    def decorate(function: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        signature = inspect.signature(function, eval_str=True)
        policy: AnyPolicy = Policy(namespace=namespace, into=_answer(signature), ttl=ttl, **more)
        places = _Places(signature, tags, remember=not policy.personal)

        @wraps(function)
        async def asked(*args: P.args, **kwargs: P.kwargs) -> R:
            if not _in_use:
                return await function(*args, **kwargs)
            key, named = places.of(args, kwargs)
            load = lambda: function(*args, **kwargs)  # noqa: E731 - keeps the types of the call
            answer: R = await _in_use[-1].get_or_load(key, load, policy, tags=named)
            return answer

        return asked

    return decorate


def _answer(signature: inspect.Signature) -> Any:
    annotated = signature.return_annotation
    return object if annotated in (inspect.Signature.empty, Any) else annotated


class _Places:
    """The keys and tags of a function's calls.

    Binding arguments to their names takes ten times as long as encoding them, so a call that
    looks like an earlier one has its key; not where the arguments say something about a person.
    """

    def __init__(
        self, signature: inspect.Signature, tags: tuple[str, ...], *, remember: bool
    ) -> None:
        self._signature = signature
        self._tags = tags
        self._longest = _SHORT_BYTES if remember else 0
        self._known: dict[bytes, tuple[str, tuple[str, ...]]] = {}

    def of(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
        """The key and the tags of a call."""
        call = _encode((args, kwargs))
        place = self._known.get(call)
        if place is None:
            place = self._bound(args, kwargs)
            if len(call) <= self._longest:
                self._remember(call, place)
        return place

    def _bound(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        arguments = bound.arguments
        key = hashlib.blake2b(_encode(list(arguments.values())), digest_size=16).hexdigest()
        return key, tuple(tag.format_map(arguments) for tag in self._tags)

    def _remember(self, call: bytes, place: tuple[str, tuple[str, ...]]) -> None:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[call] = place
