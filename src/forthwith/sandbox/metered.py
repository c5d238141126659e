"""A plain metered vendor: the smallest service that has keys, quotas and a price.

`POST /v1/answers {"question": "..."}` with `Authorization: Bearer KEY` answers
`{"answer", "tokens", "call"}`. For tests and benchmarks of `platform/upstream`, where the
shape of a real vendor would only be in the way.
"""

import itertools

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from forthwith.sandbox.quotas import Refusal
from forthwith.sandbox.vendor import Vendor


def metered() -> Vendor:
    """A new vendor that has answered nothing yet."""
    calls = itertools.count(1)

    async def answer(request: Request) -> Response:
        body = await request.json()
        question = str(body.get("question", ""))
        return JSONResponse(
            {"answer": question[::-1], "tokens": len(question), "call": next(calls)}
        )

    return Vendor(
        name="metered",
        routes=[Route("/v1/answers", answer, methods=["POST"])],
        refuse=_refuse,
    )


def _refuse(refusal: Refusal) -> Response:
    if refusal.reason == "key":
        return JSONResponse({"error": {"code": "invalid_key"}}, status_code=401)
    headers = {"retry-after": f"{max(1, round(refusal.retry_after))}"}
    body = {"error": {"code": "quota", "window": refusal.reason}}
    return JSONResponse(body, status_code=429, headers=headers)
