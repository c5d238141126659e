"""Security headers on every answer, with a content policy for each kind of page.

Answers of the API are data: nothing in them may run, load or be framed (OWASP REST cheat sheet).
Pages have what they need: LIFF pages LINE's own origins, the console what its framework (Vue,
compiled in the browser) asks for. What a route sets itself stays. HSTS is sent over https only: on
plain http it would be ignored, and on loopback it would lock a developer out of other servers on
the same name.
"""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALLOWED_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
ALLOWED_HEADERS: Final = (
    *("Authorization", "X-API-Key", "Content-Type", "Content-Encoding", "Idempotency-Key"),
    *("If-None-Match", "Last-Event-ID", "Prefer", "X-Request-Id"),
    *("X-Key-Id", "X-Timestamp", "X-Nonce", "X-Signature"),
)
EXPOSED_HEADERS: Final = (
    *("ETag", "Idempotency-Replayed", "Location", "Preference-Applied", "Retry-After"),
    *("RateLimit", "RateLimit-Policy", "X-Request-Id"),
)
"""What pages of ALLOWED_ORIGINS may send, and read beside the body."""

_HSTS: Final = (b"strict-transport-security", b"max-age=31536000")  # seconds: a year
_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_CLOSED: Final = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
API_POLICY: Final = f"default-src 'none'; {_CLOSED}"
LIFF_POLICY: Final = (
    "default-src 'self'; script-src 'self' https://static.line-scdn.net; "
    "connect-src 'self' https://api.line.me https://liffsdk.line-scdn.net; "
    "img-src 'self' data: blob: https://profile.line-scdn.net; media-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'"
)
CONSOLE_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' ws: wss:; worker-src 'self' blob:; media-src 'self' blob:; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)


class SecurityHeaders:
    """Adds what an answer does not say itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = _of_pages(scope["path"])

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", ())
                names = {name.lower() for name, _ in given}
                added = headers if scope["scheme"] != "https" else (*headers, _HSTS)
                message["headers"] = [*given, *(each for each in added if each[0] not in names)]
            await send(message)

        await self._app(scope, receive, guarded)


def _raw(policy: str, **more: str) -> tuple[tuple[bytes, bytes], ...]:
    named = {**_ALWAYS, "Content-Security-Policy": policy, **more}
    return tuple((name.lower().encode(), value.encode()) for name, value in named.items())


_API: Final = _raw(API_POLICY, **{"Cache-Control": "no-store"})
_PAGES: Final = {"liff": _raw(LIFF_POLICY), "console": _raw(CONSOLE_POLICY)}


def _of_pages(path: str) -> tuple[tuple[bytes, bytes], ...]:
    return _PAGES.get(path[1:].partition("/")[0], _API)
