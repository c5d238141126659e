"""docs/howto/tell-people.md is followed."""

import re
from typing import Any
from uuid import UUID

from support import REPOSITORY, working
from telling import reached

from forthwith.platform.runtime import Runtime
from forthwith.sandbox.mail import MailServer

PAGE = (REPOSITORY / "docs" / "howto" / "tell-people.md").read_text()


async def test_what_the_page_shows_mails_somebody(telling: Runtime, mail: MailServer) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(block, names)  # noqa: S102 - our own page
    async with telling.db.transaction() as session:
        await names["tell"](session, telling, UUID(int=7), "one")
    (row,) = await telling.db.fetch("select id from platform.notifications")
    async with working(telling):
        await reached(telling, row["id"])

    assert mail.mailbox.caught[0].headers["subject"] == "Ann was read"
