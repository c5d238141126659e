"""Signing in to the pages of the shop: the browser keeps the session in a cookie.

The cookie has the refresh token, and only these routes read it: a page changes it for a short
access token, which it sends to the API as any program does. So the API takes no credential
from cookies, and what another site makes a browser send is refused here (`CsrfGuard`).
"""

from typing import Annotated, Final

from fastapi import Depends, Request, Response

from forthwith.platform.context import Principal
from forthwith.platform.errors import Unauthorized
from forthwith.platform.http import Answer, Router, require
from forthwith.platform.http.cookies import clear_cookie, cookie_name, set_cookie
from forthwith.platform.identity import emails, sessions, sign_in_links, signing_in
from forthwith.platform.identity.endpoints import From
from forthwith.platform.identity.schemas import Confirmation, Login
from forthwith.platform.identity.signing_in import SignedIn
from forthwith.platform.identity.tokens import ACCESS_SECONDS
from forthwith.platform.runtime import Current

PREFIX: Final = "/counter"
router = Router(prefix=PREFIX, include_in_schema=False)

_COOKIE: Final = "session"
Writer = Annotated[Principal, Depends(require("account:write"))]


@router.post("/sign-in")
async def sign_in(request: Request, runtime: Current, client: From, body: Login) -> Response:
    """Sign in with an address and a password."""
    email = emails.normalised(body.email)
    return _begun(request, await signing_in.sign_in(runtime, email, body.password, client))


@router.post("/sign-in/link")
async def follow_link(
    request: Request, runtime: Current, client: From, body: Confirmation
) -> Response:
    """Sign in with the token of a link, which works once."""
    return _begun(request, await sign_in_links.follow(runtime, body.token, client))


@router.post("/session")
async def go_on(request: Request, runtime: Current) -> Response:
    """Change the cookie for an access token, and for the next cookie."""
    kept = request.cookies.get(cookie_name(_COOKIE, secure=_is_secure(request)))
    if kept is None:
        raise Unauthorized("Sign in first.")
    return _begun(request, await signing_in.refresh(runtime, kept, grace=sessions.TAB_GRACE))


@router.post("/sign-out")
async def sign_out(request: Request, runtime: Current, principal: Writer) -> Response:
    """End the session of the access token, and forget the cookie."""
    session_id = sessions.current(principal)
    async with runtime.db.transaction() as session:
        await sessions.end(session, principal.owner, session_id)
    answer = Answer({"id": session_id}, message="You are signed out.")
    clear_cookie(answer, _COOKIE, secure=_is_secure(request))
    return answer


def _begun(request: Request, signed_in: SignedIn) -> Response:
    data = {
        "access_token": signed_in.access_token,
        "expires_in": ACCESS_SECONDS,
        "user": signed_in.user,
    }
    answer = Answer(data, headers={"Cache-Control": "no-store"})
    seconds = int(sessions.LIFE.total_seconds())
    secure = _is_secure(request)
    set_cookie(answer, _COOKIE, signed_in.refresh_token, secure=secure, seconds=seconds)
    return answer


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"
