"""What is answered when a plan's quota is spent: how much it is, and when there is more.

Headers as in draft-ietf-httpapi-ratelimit-headers-10, beside those of the request limits.
"""

import math
from typing import Final

from fastapi import FastAPI, Request, Response

from forthwith.platform.http import Problem
from forthwith.platform.identity.plans import QUOTAS, QuotaSpent
from forthwith.platform.identity.request_limits import QUOTA_EXCEEDED

_DAY_SECONDS: Final = 86_400


def install(app: FastAPI) -> None:
    """Answer a spent quota as a problem of the registered type quota-exceeded."""
    app.add_exception_handler(QuotaSpent, _on_spent)


async def _on_spent(request: Request, error: Exception) -> Response:
    assert isinstance(error, QuotaSpent)  # noqa: S101 - the handler is registered for it
    return Problem(
        status=error.status,
        code=error.code,
        title=error.title,
        detail=error.message,
        instance=request.scope["path"],
        headers=_headers(error),
        kind=QUOTA_EXCEEDED,
        members={"violated-policies": [error.name]},
    )


def _headers(error: QuotaSpent) -> dict[str, str]:
    policy, standing = f'"{error.name}";q={error.most}', f'"{error.name}";r=0'
    if QUOTAS[error.name].per == "day":
        policy += f";w={_DAY_SECONDS}"
    if error.retry_after is None:
        return {"RateLimit-Policy": policy, "RateLimit": standing}
    seconds = str(max(1, math.ceil(error.retry_after)))
    return {
        "RateLimit-Policy": policy,
        "RateLimit": f"{standing};t={seconds}",
        "Retry-After": seconds,
    }
