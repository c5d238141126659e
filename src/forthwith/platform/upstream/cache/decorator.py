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

        @wraps(function)
        async def asked(*args: P.args, **kwargs: P.kwargs) -> R:
            if not _in_use:
                return await function(*args, **kwargs)
            arguments = _bound(signature, args, kwargs)
            key = hashlib.blake2b(_encode(list(arguments.values())), digest_size=16).hexdigest()
            named = tuple(tag.format_map(arguments) for tag in tags)
            load = lambda: function(*args, **kwargs)  # noqa: E731 - keeps the types of the call
            answer: R = await _in_use[-1].get_or_load(key, load, policy, tags=named)
            return answer

        return asked

    return decorate


def _answer(signature: inspect.Signature) -> Any:
    annotated = signature.return_annotation
    return object if annotated in (inspect.Signature.empty, Any) else annotated


def _bound(
    signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    return bound.arguments
