"""A worker is killed between sending and noting it: the receiver can tell the repetition."""

import asyncio
import os
import sys

import pytest
from support import working
from telling import greeting, reached, told, until

from forthwith.platform.runtime import Runtime
from forthwith.sandbox.mail import MailFault, MailServer

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


async def test_a_mail_that_a_killed_worker_had_sent_comes_again_with_the_same_id_only(
    telling: Runtime, mail: MailServer
) -> None:
    mail.mailbox.faults = [MailFault("hang", seconds=60)]
    notification = await told(telling, greeting())
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "forthwith", "work"),
        env={**os.environ, "CPU_PROCESSES": "1"},
        stdout=asyncio.subprocess.DEVNULL,
    )

    async def was_taken() -> bool:
        return len(mail.mailbox.caught) > 0

    try:
        await until(was_taken, within=90)
    finally:
        worker.kill()
        await worker.wait()
    async with working(telling):
        row = await reached(telling, notification, within=60)

    first, second = mail.mailbox.caught
    assert row["state"] == "sent"
    assert first.headers == second.headers
    assert first.body == second.body
