"""`/auth`: register, sign in, stay signed in; `/accounts`: what operators do."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from forthwith.platform.context import Principal
from forthwith.platform.http import (
    Answer,
    PageRequest,
    Router,
    page_request,
    require,
    require_operator,
)
from forthwith.platform.identity import accounts, emails, people, sessions, signing_in
from forthwith.platform.identity.opened import Opened
from forthwith.platform.identity.people import Holder
from forthwith.platform.identity.schemas import (
    AccountView,
    Confirmation,
    Forgotten,
    Login,
    PasswordChange,
    PasswordReset,
    PlanChange,
    ProfileChange,
    Refresh,
    Register,
)
from forthwith.platform.identity.sessions import Client
from forthwith.platform.identity.signing_in import SignedIn
from forthwith.platform.identity.tokens import ACCESS_SECONDS
from forthwith.platform.masking import Kind, mask

auth: Final = Router(prefix="/auth", tags=["accounts"])
operators: Final = Router(prefix="/accounts", tags=["accounts"])

Reader = Annotated[Principal, Depends(require("account:read"))]
Writer = Annotated[Principal, Depends(require("account:write"))]
Page = Annotated[PageRequest, Depends(page_request)]


async def _opened(request: Request) -> Opened:
    opened: Opened = request.state.runtime
    return opened


async def _client(request: Request) -> Client:
    address = request.client.host if request.client else ""
    return Client(address, request.headers.get("user-agent", ""))


Parts = Annotated[Opened, Depends(_opened)]
From = Annotated[Client, Depends(_client)]


@auth.post("/register", status_code=202)
async def register(opened: Parts, client: From, wanted: Register) -> Response:
    """Ask for an account; a mail says how it goes on, also when there is one already."""
    email = emails.normalised(wanted.email)
    await accounts.register(opened, wanted, email, client)
    user = {"email": email, "name": wanted.name, "language": wanted.language}
    return Answer(
        {"user": user},
        status=202,
        message="Read your mail: it holds the token for /auth/email/confirm.",
        top={"user": user},
    )


@auth.post("/email/confirm")
async def confirm_email(opened: Parts, body: Confirmation) -> Response:
    """Confirm an address with the token of the mail; then sign in."""
    user = await accounts.confirm(opened, body.token)
    return Answer({"user": user}, message="The address is confirmed.", top={"user": user})


@auth.post("/email/resend", status_code=202)
async def resend_confirmation(opened: Parts, client: From, body: Forgotten) -> Response:
    """Have the confirmation sent again, if one is waiting."""
    await accounts.resend(opened, emails.normalised(body.email), client)
    return Answer(None, status=202, message="If an account waits for this address, a mail goes.")


@auth.post("/login")
async def sign_in(opened: Parts, client: From, body: Login) -> Response:
    """Sign in; the access token goes into `Authorization: Bearer`."""
    email = emails.normalised(body.email)
    return _tokens(await signing_in.sign_in(opened, email, body.password, client))


@auth.post("/refresh")
async def refresh(opened: Parts, body: Refresh) -> Response:
    """Exchange a refresh token, which works once, for new tokens; a second use ends the session."""
    return _tokens(await signing_in.refresh(opened, body.refresh_token))


@auth.post("/logout")
async def sign_out(opened: Parts, principal: Writer) -> Response:
    """End the session of the access token; its refresh token ends with it."""
    session_id = sessions.current(principal)
    async with opened.db.transaction() as session:
        await sessions.end(session, principal.owner, session_id)
    return Answer({"id": session_id}, message="You are signed out.")


@auth.get("/profile")
async def get_profile(opened: Parts, principal: Reader) -> Response:
    """Who you are."""
    async with opened.db.read() as session:
        user = people.user(opened.codec, await accounts.existing(session, principal.owner))
    return Answer(user, top={"user": user})


@auth.patch("/profile")
async def change_profile(opened: Parts, principal: Writer, change: ProfileChange) -> Response:
    """Change your name, or the language that you are written to in."""
    user = await accounts.change_profile(opened, principal.owner, change)
    return Answer(user, message="The profile was changed.", top={"user": user})


@auth.get("/sessions")
async def list_sessions(opened: Parts, principal: Reader, page: Page) -> Response:
    """Where you are signed in, newest first."""
    async with opened.db.read() as session:
        rows = await sessions.listed(
            session, principal.owner, before=page.before, limit=page.limit + 1
        )
    return Answer(
        page.answer(
            rows, lambda row: sessions.view(opened.codec, row, principal), lambda row: row.id
        )
    )


@auth.delete("/sessions/{session_id}")
async def end_session(opened: Parts, principal: Writer, session_id: UUID) -> Response:
    """Sign out somewhere else; its tokens stop working at once."""
    async with opened.db.transaction() as session:
        await sessions.end(session, principal.owner, session_id)
    return Answer({"id": session_id}, message="The session was ended.")


@auth.post("/password/change")
async def change_password(
    opened: Parts, client: From, principal: Writer, body: PasswordChange
) -> Response:
    """Set another password; all other sessions end."""
    await signing_in.change_password(
        opened, principal, body.current_password, body.new_password, client
    )
    return Answer(None, message="The password was changed; other sessions were ended.")


@auth.post("/password/forgot", status_code=202)
async def forgot_password(opened: Parts, client: From, body: Forgotten) -> Response:
    """Have a mail sent that allows a new password, if there is such an account."""
    await accounts.forgot_password(opened, emails.normalised(body.email), client)
    return Answer(None, status=202, message="If there is such an account, a mail goes to it.")


@auth.post("/password/reset")
async def reset_password(opened: Parts, body: PasswordReset) -> Response:
    """Set a password with the token of the mail; all sessions end."""
    await signing_in.reset_password(opened, body.token, body.new_password)
    return Answer(None, message="The password was changed; sign in with it.")


@operators.get("")
async def list_accounts(
    opened: Parts,
    _: Annotated[Principal, Depends(require_operator("accounts:read"))],
    page: Page,
    email: Annotated[
        str | None, Query(max_length=emails.LONGEST, description="Of one address only.")
    ] = None,
) -> Response:
    """All accounts, newest first; for operators only."""
    digest = None
    if email is not None:
        digest = people.email_digest(opened.codec, emails.normalised(email, "query/email"))
    async with opened.db.read() as session:
        rows = await accounts.listed(
            session, email_digest=digest, before=page.before, limit=page.limit + 1
        )
    return Answer(page.answer(rows, lambda row: _account(opened, row), lambda row: row.account.id))


@operators.post("/{account_id}/plan")
async def change_plan(
    opened: Parts,
    _: Annotated[Principal, Depends(require_operator("accounts:write"))],
    account_id: UUID,
    body: PlanChange,
) -> Response:
    """Put an account on another plan; for operators only."""
    await accounts.set_plan(opened, account_id, body.plan_type)
    return Answer({"id": account_id, "plan_type": body.plan_type}, message="The plan was changed.")


def _tokens(signed_in: SignedIn) -> Answer:
    """Tokens and user, under their own names and under those of OAuth 2 (RFC 6749, 5.1)."""
    tokens: dict[str, Any] = {
        "access_token": signed_in.access_token,
        "refresh_token": signed_in.refresh_token,
        "token_type": "Bearer",
        "expires_in": ACCESS_SECONDS,
    }
    data = {"tokens": tokens, "user": signed_in.user}
    return Answer(data, top={**data, **tokens}, headers={"Cache-Control": "no-store"})


def _account(opened: Opened, found: Holder) -> AccountView:
    user = people.user(opened.codec, found)
    return AccountView(
        id=user.id,
        email=mask(user.email, Kind.EMAIL) if user.email else None,
        role=user.role,
        plan_type=user.plan_type,
        created_at=user.created_at,
    )
