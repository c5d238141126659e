"""What the receivers of notifications share."""

from starlette.responses import JSONResponse, Response

from forthwith.sandbox.quotas import Refusal


def refuse(refusal: Refusal) -> Response:
    """429 with the time to wait: receivers have no keys that could be wrong."""
    headers = {"retry-after": f"{max(1, round(refusal.retry_after))}"}
    return JSONResponse({"error": refusal.reason}, status_code=429, headers=headers)
