"""What is not configured, not there any more, or erased meanwhile."""

from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from support import working
from telling import ANN, OWNER, Hook, PushSandbox, due_now, greeting, news, reached, told, until

from forthwith import registry
from forthwith.platform.config import PlatformSettings
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.notify import Address, receivers, sending
from forthwith.platform.notify.channels import Channels, Mail, Postbox, Push, Webhooks
from forthwith.platform.notify.notice import Message
from forthwith.platform.notify.opening import guard_of, open_channels
from forthwith.platform.runtime import Runtime, open_runtime
from forthwith.sandbox.mail import MailServer


async def test_a_mail_without_a_server_fails_and_says_so(
    telling: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SMTP_URL")
    settings = PlatformSettings().notify
    telling = replace(telling, channels=Channels([Mail(settings)]))
    notification = await told(telling, greeting())
    async with working(telling):
        row = await reached(telling, notification)

    assert (row["state"], row["reason"]) == ("failed", "NOT_CONFIGURED")


async def test_a_push_without_a_key_fails_and_says_so(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID, push_service: PushSandbox
) -> None:
    made = await api.post("/notifications/push", json=await push_service.subscription())
    postbox = Postbox(telling.db, telling.codec, guard_of(telling.settings.notify))
    telling = replace(telling, channels=Channels([Push(postbox, None)]))
    target = Address("push", made.json()["data"]["id"])
    notification = await told(telling, greeting(owner=owner, to=[target]))
    async with working(telling):
        row = await reached(telling, notification)

    assert (row["state"], row["reason"]) == ("failed", "NOT_CONFIGURED")


async def test_a_fleet_without_a_key_of_its_own_has_no_web_push(
    db: Database, codec: Codec, settings: PlatformSettings
) -> None:
    """A key made on one machine would mean nothing to the browsers of the next."""
    push = open_channels(settings, db, codec)["push"]

    assert isinstance(push, Push)
    assert push.public_key is None


async def test_one_machine_makes_its_key_of_web_push_once(
    db: Database, codec: Codec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORTHWITH_HOME", str(tmp_path))
    pushes = [open_channels(PlatformSettings(), db, codec)["push"] for _ in range(2)]
    keys = {push.public_key for push in pushes if isinstance(push, Push)}

    assert len(keys) == 1
    assert None not in keys
    assert (tmp_path / "secrets" / "vapid.key").stat().st_mode & 0o077 == 0


async def test_two_channels_of_one_name_are_a_mistake(telling: Runtime) -> None:
    mail = Mail(telling.settings.notify)

    with pytest.raises(ValueError, match="same name"):
        Channels([mail, mail])


async def test_a_disabled_webhook_gets_nothing_by_its_id_either(
    telling: Runtime, api: httpx.AsyncClient, owner: UUID, hook: Hook
) -> None:
    made = (await api.post("/notifications/webhooks", json={"url": hook.url})).json()["data"]
    async with telling.db.transaction() as session:
        await receivers.disable(session, owner, UUID(made["id"]))
    notification = await told(telling, greeting(owner=owner, to=[Address("webhook", made["id"])]))
    async with working(telling):
        row = await reached(telling, notification)

    assert row["reason"] == "REFUSED"
    assert await hook.outcomes() == []


@pytest.mark.parametrize("target", ["nobody", str(UUID(int=1))])
async def test_a_target_that_is_no_webhook_is_refused(telling: Runtime, target: str) -> None:
    notification = await told(telling, greeting(to=[Address("webhook", target)]))
    async with working(telling):
        row = await reached(telling, notification)

    assert (row["state"], row["reason"]) == ("failed", "REFUSED")
    assert isinstance(telling.channels["webhook"], Webhooks)


async def test_a_message_that_was_erased_is_not_sent(telling: Runtime, mail: MailServer) -> None:
    notification = await told(telling, greeting())
    await telling.db.execute("delete from platform.notifications")

    async def is_over() -> bool:
        row = await telling.db.fetchrow("select state from platform.runs")
        return row is not None and row["state"] == "succeeded"

    async with working(telling):
        await until(is_over, within=30)
    await sending.send(telling.db, telling.codec, telling.channels, notification)

    assert len(mail.mailbox.caught) == 0


async def test_messages_are_forgotten_by_a_run(telling: Runtime) -> None:
    notification = await told(telling, greeting())
    waiting = await told(telling, news("rain", to=[Address("mail", f"x{ANN}")]))
    async with working(telling):
        await reached(telling, notification)
        await telling.db.execute("update platform.notifications set state = 'sent'")
        async with telling.db.transaction() as session:
            await telling.jobs.enqueue(session, "notify.forget", {}, owner=OWNER)

        async def is_done() -> bool:
            await due_now(telling)
            states = await telling.db.fetch("select state from platform.runs")
            return {row["state"] for row in states} == {"succeeded"}

        await until(is_done, within=30)
    rows = await telling.db.fetch("select id from platform.notifications order by id")

    assert [row["id"] for row in rows] == [notification, waiting], "neither is old"


@dataclass
class Pigeon:
    """A channel of an application's own."""

    flown: list[Message]
    name: str = "pigeon"

    async def send(self, message: Message) -> None:
        """Let it fly."""
        self.flown.append(message)


async def test_an_application_brings_a_channel_of_its_own(telling: Runtime, dsn: str) -> None:
    pigeon = Pigeon([])
    notification = await told(telling, greeting(to=[Address("pigeon", "loft 3")]))
    jobs = registry.jobs(())
    bringing = open_runtime(telling.settings, dsn, jobs, (), channels=[lambda _: pigeon])
    async with bringing as runtime, working(runtime):
        row = await reached(telling, notification)

    assert row["state"] == "sent"
    assert [message.target for message in pigeon.flown] == ["loft 3"]
