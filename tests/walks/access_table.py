"""Who may do what: for each route the status that each kind of caller gets.

A route without a row, or a row without a route, fails tests/walks/test_access_matrix.py.
"""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Row:
    """Statuses of one route; None is anything but 401 and 403.

    `owner` is a member with every scope asking for their own, `other` one asking for the
    owner's, `unscoped` the owner with a key of another scope.
    """

    owner: int | None = 200
    other: int | None = 200
    operator: int | None = 200
    unscoped: int | None = 403
    anonymous: int | None = 401
    body: Any = None


def _open(body: Any = None) -> Row:
    """Everybody, also without credentials."""
    return Row(None, None, None, None, None, body)


def _own(status: int | None = 200, body: Any = None) -> Row:
    """Everybody with the scope, each for what is their own."""
    return Row(status, status, status, body=body)


def _only(status: int | None = 200, body: Any = None) -> Row:
    """What belongs to the owner: for all others, operators too, it is not there."""
    return Row(status, 404, 404, body=body)


def _operators(status: int | None = 200, body: Any = None) -> Row:
    """Operators only, whatever the scopes of others."""
    return Row(403, 403, status, body=body)


def _signed(body: Any = None) -> Row:
    """Whoever brings a signature, in the body's header or in the link; no credential helps."""
    return Row(*(401,) * 5, body=body)


def _own_pages() -> Row:
    """Only what a page of this server sends; no credential makes up for that."""
    return Row(*(403,) * 5)


_A_SHOP: Final = {"slug": "a-new-shop", "names": {"en": "A new shop"}}
_A_KEY: Final = {"name": "laptop", "scopes": ["cards:read"]}
_PASSWORDS: Final = {"current_password": "a long one of before", "new_password": "a longer one"}
_BROWSER: Final = {
    "endpoint": "https://push.example/browser",
    "keys": {
        "p256dh": "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tK"
        "fA-eFivOM1drMV7Oy7ZAaDe_UfU",
        "auth": "AAAAAAAAAAAAAAAAAAAAAA",
    },
}

ROUTES: Final = {
    "GET /health": _open(),
    "GET /health/live": _open(),
    "GET /health/ready": _open(),
    "GET /metrics": _open(),
    "GET /api/v1/health": _open(),
    "GET /stats": _open(),
    "GET /docs": _open(),
    "GET /docs/{name}": _open(),
    "GET /performance-report": _open(),
    "POST /api/v1/auth/register": _open(),
    "POST /api/v1/auth/email/confirm": _open(),
    "POST /api/v1/auth/email/resend": _open(),
    "POST /api/v1/auth/login": _open(),
    "POST /api/v1/auth/refresh": _open(),
    "POST /api/v1/auth/password/forgot": _open(),
    "POST /api/v1/auth/password/reset": _open(),
    "POST /api/v1/auth/logout": _own(None),
    "GET /api/v1/auth/profile": _own(None),
    "PATCH /api/v1/auth/profile": _own(None, {"name": "Ann"}),
    "GET /api/v1/auth/sessions": _own(),
    "DELETE /api/v1/auth/sessions/{session_id}": _only(),
    "POST /api/v1/auth/password/change": _own(None, _PASSWORDS),
    "GET /api/v1/accounts": _operators(),
    "POST /api/v1/accounts/{account_id}/plan": _operators(body={"plan_type": "premium"}),
    "GET /api/v1/audit": _operators(),
    "GET /api/v1/api-keys": _own(),
    "POST /api/v1/api-keys": _own(201, _A_KEY),
    "POST /api/v1/api-keys/{key_id}/rotate": _only(201, {}),
    "DELETE /api/v1/api-keys/{key_id}": _only(),
    "GET /api/v1/runs": _own(),
    "GET /api/v1/runs/{run_id}": _only(),
    "GET /api/v1/runs/{run_id}/events": _only(),
    "POST /api/v1/runs/{run_id}/cancel": _only(),
    "POST /api/v1/runs/{run_id}/retry": _only(409),
    "GET /api/v1/costs": _own(),
    "GET /api/v1/notifications": _own(),
    "GET /api/v1/notifications/preferences": _own(),
    "PUT /api/v1/notifications/preferences": _own(body={}),
    "GET /api/v1/notifications/webhooks": _own(),
    "POST /api/v1/notifications/webhooks": _own(201, {"url": "https://hooks.example/"}),
    "POST /api/v1/notifications/webhooks/{webhook_id}/rotate": _only(),
    "POST /api/v1/notifications/webhooks/{webhook_id}/test": _only(202),
    "DELETE /api/v1/notifications/webhooks/{webhook_id}": _only(),
    "GET /api/v1/notifications/push": _own(),
    "POST /api/v1/notifications/push": _own(201, _BROWSER),
    "DELETE /api/v1/notifications/push/{browser_id}": _only(),
    "GET /api/v1/privacy": _own(),
    "POST /api/v1/privacy/export": _own(202),
    "GET /api/v1/privacy/exports/{export_id}": _only(),
    "GET /api/v1/privacy/exports/{export_id}/file": _only(409),
    "DELETE /api/v1/privacy": Row(202, 202, 409),
    "POST /api/v1/cards": _own(415),
    "GET /api/v1/cards": _own(),
    "GET /api/v1/cards/export": _own(),
    "GET /api/v1/cards/{card_id}": _only(),
    "GET /api/v1/cards/{card_id}/events": _only(),
    "GET /api/v1/cards/{card_id}/photo": _only(),
    "GET /api/v1/cards/{card_id}/vcard": _only(422),
    "GET /api/v1/cards/{card_id}/qr": _only(422),
    "DELETE /api/v1/cards/{card_id}": _only(),
    "GET /api/v1/cards/shared/{token}/vcard": _signed(),
    "GET /api/v1/cards/shared/{token}/qr": _signed(),
    "POST /api/v1/cards/line/webhook": _signed({"events": []}),
    "POST /callback": _signed({"events": []}),
    "GET /api/v1/orders/shops/{slug}": _open(),
    "POST /api/v1/orders/quick": _open(),
    "GET /api/v1/orders/status/{order_id}": _open(),
    "GET /api/v1/orders/{order_id}/events": _open(),
    "POST /api/v1/orders/{order_id}/cancel": _open(),
    "POST /api/v1/orders/{order_id}/retry": _open(),
    "GET /api/v1/orders/voice/{token}": _signed(),
    "GET /api/v1/orders": _own(),
    "GET /api/v1/orders/shops": _own(),
    "POST /api/v1/orders/shops": _own(None, _A_SHOP),
    "PATCH /api/v1/orders/shops/{slug}": _only(body={"is_open": False}),
    "DELETE /api/v1/orders/shops/{slug}": _only(),
    "GET /api/v1/orders/shops/{slug}/menu": _only(),
    "PUT /api/v1/orders/shops/{slug}/menu": _only(body={"sections": []}),
    "POST /api/v1/orders/shops/{slug}/menu/draft": _only(415),
    "GET /api/v1/orders/shops/{slug}/live": _only(),
    "POST /api/v1/orders/{order_id}/accept": _only(),
    "POST /api/v1/orders/{order_id}/done": _only(),
    "GET /liff/orders": _open(),
    "GET /liff/orders/{slug}": _open(),
    "GET /liff/assets/{version}/{name}": _open(),
    "GET /counter": _open(),
    "GET /counter/shops": _open(),
    "GET /counter/sign-in": _open(),
    "POST /counter/sign-in": _own_pages(),
    "POST /counter/sign-in/link": _own_pages(),
    "POST /counter/session": _own_pages(),
    "POST /counter/sign-out": _own_pages(),
}
