"""The same through real processes: an API and a worker, as people start them."""

import asyncio

import httpx
import pytest
from command import START_SECONDS, running, running_server
from line_bot import text_of
from support import EXAMPLES

from forthwith.platform.config import PlatformSettings
from forthwith.platform.db import Database
from forthwith.platform.identity import ensure_operator
from forthwith.sandbox.line import LinePhone, LineSandbox

USER = "Fang"


async def _says(phone: LinePhone, count: int) -> list[str]:
    async with asyncio.timeout(START_SECONDS):
        while True:
            entries = (await phone.messages_of(USER)).entries
            said = [text_of(each.message) for each in entries if each.author == "bot"]
            if len(said) >= count:
                return said
            await asyncio.sleep(0.1)


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.usefixtures("settings")
async def test_a_photo_and_a_word_are_answered_by_two_processes(
    line: LineSandbox, db: Database, settings: PlatformSettings
) -> None:
    """Server and worker share nothing but the database and the data folder."""
    await ensure_operator(db, None)
    environment = line.environment() | {"CPU_PROCESSES": "1"}
    async with (
        running("work", **environment),
        running_server(**environment) as url,
        LinePhone(line.url) as phone,
    ):
        line.deliver_to(f"{url}/api/v1/cards/line/webhook")
        await phone.send_images(USER, [(EXAMPLES / "usa-icons.jpg").read_bytes()])
        contact = (await _says(phone, 1))[0]
        await phone.send_text(USER, "list")
        listed = (await _says(phone, 2))[1]
        async with httpx.AsyncClient() as http:
            report = (await http.get(f"{url}/stats")).json()
        broken = await phone.broken()

    assert settings.database.dsn is not None
    assert "@" in contact
    assert "Open" in listed
    assert report["success_rate"] == 1.0
    assert report["active_tasks"] == 0
    assert broken == []
