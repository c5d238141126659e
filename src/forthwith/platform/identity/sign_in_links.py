"""Links that sign an operator in once, without a password: printed where only they read.

`forthwith up` makes an operator with an API key and no person, so that there is no password to
sign in to a page with. Whoever reads the terminal has that key anyway.
"""

from uuid import UUID

from sqlalchemy import select

from forthwith.platform import audit
from forthwith.platform.crypto import Codec
from forthwith.platform.db import ReadSession, Session
from forthwith.platform.errors import NotFound
from forthwith.platform.identity import mail_tokens, sessions, signing_in
from forthwith.platform.identity.keys import OPERATOR
from forthwith.platform.identity.mail_tokens import Purpose
from forthwith.platform.identity.models import Account
from forthwith.platform.identity.opened import Opened
from forthwith.platform.identity.sessions import Client
from forthwith.platform.identity.signing_in import SignedIn


async def give(session: Session, codec: Codec, account: UUID) -> str:
    """A token that signs this account in, once and within an hour; earlier ones are void."""
    digest = codec.blind_index(str(account), "accounts.sign_in_link")
    await mail_tokens.void(session, Purpose.SIGN_IN, digest)
    given = await mail_tokens.give(
        session, codec, Purpose.SIGN_IN, owner=account, email_digest=digest
    )
    return given.token


async def first_operator(session: ReadSession) -> UUID:
    """The operator that was made at the first start. Raises `NotFound` before that."""
    query = select(Account.id).where(Account.role == OPERATOR).order_by(Account.id).limit(1)
    found = await session.scalar(query)
    if found is None:
        raise NotFound("There is no operator yet; run `forthwith migrate` first.")
    return found


async def follow(opened: Opened, token: str, client: Client) -> SignedIn:
    """Begin a session with the token of a link. Raises `Unprocessable` when it is not valid."""
    codec = opened.codec
    async with opened.db.transaction() as session:
        kept = await mail_tokens.take(session, codec, Purpose.SIGN_IN, token)
        opening = await sessions.begin(session, codec, kept.owner, client)
        await audit.record(
            session, codec, "sign_in.link_followed", owner=kept.owner, subject="sign-in"
        )
        return await signing_in.signed_in(session, opened, opening)
