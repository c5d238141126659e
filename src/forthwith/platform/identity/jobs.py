"""What happens behind the answers of the open routes, where nobody can time it; and tidying up."""

from typing import Final
from uuid import UUID

from forthwith.platform.identity import accounts, mail_tokens, sessions, signing_in, throttle
from forthwith.platform.identity.opened import Opened
from forthwith.platform.jobs import Run, Schedule, Weight, job

_QUEUE: Final = "identity"

SCHEDULES: Final = (Schedule("identity.tidy", "17 * * * *"),)


@job("identity.register", queue=_QUEUE, weight=Weight.CRITICAL)
async def register(run: Run, runtime: Opened, *, waiting: UUID) -> None:
    """Mail whoever has the address of a registration that waits."""
    await run.write("mail", accounts.answer_registration, runtime, waiting)


@job("identity.resend", queue=_QUEUE, weight=Weight.CRITICAL)
async def resend(run: Run, runtime: Opened, *, email_digest: str) -> None:
    """Mail the confirmation of a waiting registration again."""
    await run.write("mail", accounts.answer_resend, runtime, bytes.fromhex(email_digest))


@job("identity.forgot_password", queue=_QUEUE, weight=Weight.CRITICAL)
async def forgot_password(run: Run, runtime: Opened, *, email_digest: str) -> None:
    """Mail a token for a new password, if there is an account."""
    await run.write("mail", signing_in.answer_forgotten, runtime, bytes.fromhex(email_digest))


@job("identity.tidy", weight=Weight.LOW)
async def tidy(run: Run, runtime: Opened) -> None:
    """Delete sessions, tokens and counts that are over."""
    async with run.transaction() as session:
        await sessions.forget_old(session)
        await mail_tokens.forget_old(session)
    await throttle.forget_old(runtime.db)


JOBS: Final = (register, resend, forgot_password, tidy)
