"""A receiver of webhooks that checks signatures as Standard Webhooks asks for.

`POST /hook` takes an event and answers 204, or 401 when no secret of `PUT /_sandbox/secrets` (a
JSON list of `whsec_...`) signed it; `GET /_sandbox/messages` lists what was taken.
"""

from dataclasses import dataclass, field
from typing import Any

import msgspec
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from forthwith.sandbox.receiving import refuse
from forthwith.sandbox.vendor import Vendor


class TakenEvent(msgspec.Struct, frozen=True):
    """An event whose signature was right: its id, which of our secrets signed it, its body."""

    id: str
    signed_by: list[str]
    body: Any


@dataclass(slots=True)
class WebhookReceiver:
    """What the receiver trusts, and what it took."""

    secrets: list[str] = field(default_factory=list)
    taken: list[TakenEvent] = field(default_factory=list)

    def vendor(self) -> Vendor:
        """The receiver as a server."""
        control = [
            Route("/secrets", self._set_secrets, methods=["PUT"]),
            Route("/messages", self._messages, methods=["GET"]),
        ]
        return Vendor(
            name="webhook",
            routes=[Route("/hook", self._take, methods=["POST"])],
            refuse=refuse,
            key_header="webhook-id",
            control=control,
        )

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        headers = dict(request.headers)
        signed_by = [each for each in self.secrets if _has_signed(each, body, headers)]
        if not signed_by:
            return JSONResponse({"error": "no signature of ours"}, status_code=401)
        event = msgspec.json.decode(body)
        self.taken.append(TakenEvent(headers["webhook-id"], signed_by, event))
        return Response(status_code=204)

    async def _set_secrets(self, request: Request) -> Response:
        self.secrets = msgspec.json.decode(await request.body(), type=list[str])
        return Response(status_code=204)

    async def _messages(self, _: Request) -> Response:
        return Response(msgspec.json.encode(self.taken), media_type="application/json")


def _has_signed(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    try:
        Webhook(secret).verify(body, headers, json_parse=False)
    except WebhookVerificationError:
        return False
    return True
