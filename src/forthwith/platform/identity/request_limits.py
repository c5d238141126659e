"""Refuses requests beyond the limits, and tells callers how they stand.

Headers as in draft-ietf-httpapi-ratelimit-headers-10, problems of the registered type
quota-exceeded. Accounts are limited by their plan, keys by a limit of their own beside it, who
sends no credentials by address; documents by 60 a minute, the routes of signing in more narrowly
than others, and what guests of a shop look at more widely. Operators, health, metrics, webhooks
(which are signed) and the files of the console are not limited.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from forthwith.platform import activity, context
from forthwith.platform.config import RequestSettings
from forthwith.platform.context import Principal
from forthwith.platform.errors import TooMany
from forthwith.platform.http import Problem
from forthwith.platform.http.proxies import network_of
from forthwith.platform.identity.keys import OPERATOR
from forthwith.platform.identity.plans import BASIC, REQUESTS_PER_MINUTE
from forthwith.platform.identity.windows import Limit, RequestCounts, Standing

Subjects: TypeAlias = Sequence[tuple[Limit, str]]

QUOTA_EXCEEDED: Final = "https://iana.org/assignments/http-problem-types#quota-exceeded"
DOCUMENTS: Final = Limit("documents", 60)
_PLANS: Final = {name: Limit(name, requests) for name, requests in REQUESTS_PER_MINUTE.items()}
_SIGN_IN_SHARE: Final = 5  # signing in may take a fifth of what an address may send
_FREE: Final = frozenset({"/health", "/health/live", "/health/ready", "/metrics"})
_WEBHOOKS: Final = ("/webhook", "/callback")
_CONSOLE: Final = "/console/"  # its pages are made of many files, and have a guard of their own
_SIGN_IN: Final = frozenset(
    {
        *("/auth/register", "/auth/login", "/auth/refresh"),
        *("/auth/email/confirm", "/auth/email/resend"),
        *("/auth/password/forgot", "/auth/password/reset"),
    }
)
_DOCUMENTS: Final = "/ocr/"
_GUESTS: Final = ("/orders/", "/liff/")
_GUESTS_OF_A_SHOP: Final = 30  # share its address, and each may ask as often as one stranger


class RequestLimits:
    """Counts each request before its route runs, and who is there.

    Signing in is limited by address whoever sends it: a key is no licence to guess passwords.
    """

    def __init__(self, app: ASGIApp, *, settings: RequestSettings) -> None:
        self._app = app
        self._by_address = (
            Limit("address", settings.per_minute),
            Limit("address-hour", settings.per_hour, 3600),
        )
        self._guests = guests(settings)
        self._sign_in = Limit("sign-in", max(1, settings.per_minute // _SIGN_IN_SHARE))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        principal = context.principal.get()
        if principal is not None:
            activity.present.note(principal.owner)
        subjects = self._subjects(scope) if scope["type"] == "http" else ()
        if not subjects:
            await self._app(scope, receive, send)
            return
        counts: RequestCounts = scope["state"]["records"].counts
        standings: list[Standing] = []
        for limit, subject in subjects:
            standings.append(await counts.hit(limit, subject))
            if not standings[-1].allowed:
                await _refusal(standings, scope["path"])(scope, receive, send)
                return
        await self._app(scope, receive, _telling(standings, send))

    def _subjects(self, scope: Scope) -> Subjects:
        """What is counted, the narrowest first."""
        route = scope["path"].removeprefix("/api").removeprefix("/v1")
        is_webhook = scope["method"] == "POST" and route.endswith(_WEBHOOKS)
        if route in _FREE or is_webhook or route.startswith(_CONSOLE):
            return ()
        address = network_of(scope["client"][0] if scope.get("client") else "")
        first = [(self._sign_in, address)] if route in _SIGN_IN else []
        principal = context.principal.get()
        if principal is None and scope["method"] == "GET" and route.startswith(_GUESTS):
            return [(self._guests, address)]
        if principal is None:
            return [*first, *((limit, address) for limit in self._by_address)]
        if principal.role == OPERATOR:
            return first
        return [*first, *_of_account(principal, route)]


def guests(settings: RequestSettings) -> Limit:
    """What the guests of a shop may ask together: they follow their orders from one address."""
    return Limit("guests", settings.per_minute * _GUESTS_OF_A_SHOP)


def _of_account(principal: Principal, route: str) -> Subjects:
    account = str(principal.owner)
    subjects = [(_PLANS.get(principal.plan, _PLANS[BASIC]), account)]
    if route.startswith(_DOCUMENTS):
        subjects.insert(0, (DOCUMENTS, account))
    if principal.requests_per_minute is not None:
        subjects.insert(0, (_of_key(principal.requests_per_minute), principal.credential))
    return subjects


@lru_cache(maxsize=1024)
def _of_key(requests: int) -> Limit:
    return Limit("key", requests)


def _telling(standings: Sequence[Standing], send: Send) -> Send:
    """Adds to the answer how the caller stands."""

    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *_headers(standings)]
        await send(message)

    return tell


def _headers(standings: Sequence[Standing]) -> list[tuple[bytes, bytes]]:
    policies = ", ".join(_policy(standing.limit) for standing in standings)
    return [
        (b"ratelimit-policy", policies.encode()),
        (b"ratelimit", ", ".join(_left(standing) for standing in standings).encode()),
    ]


@lru_cache(maxsize=1024)
def _policy(limit: Limit) -> str:
    return f'"{limit.name}";q={limit.requests};w={limit.seconds}'


def _left(standing: Standing) -> str:
    seconds = math.ceil(standing.resets_in)
    return f'"{standing.limit.name}";r={standing.remaining};t={seconds}'


def _refusal(standings: Sequence[Standing], instance: str) -> Problem:
    met = standings[-1]
    seconds = max(1, math.ceil(met.resets_in))
    headers = {name.decode(): value.decode() for name, value in _headers(standings)}
    return Problem(
        status=TooMany.status,
        code=TooMany.code,
        title=TooMany.title,
        detail=f"More than {met.limit.requests:,} requests in {met.limit.seconds:,} seconds; "
        f"try again in {seconds:,}.",
        instance=instance,
        headers={**headers, "Retry-After": str(seconds)},
        kind=QUOTA_EXCEEDED,
        members={"violated-policies": [met.limit.name]},
    )
