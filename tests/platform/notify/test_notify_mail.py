"""Messages by mail, through a real SMTP server of the sandbox."""

import asyncio

import pytest
from support import working
from telling import ANN, OWNER, greeting, reached, row_of, tell, told

from forthwith.platform.notify import Address, notify
from forthwith.platform.runtime import Runtime
from forthwith.sandbox.mail import MailFault, MailServer


async def test_a_message_reaches_its_mailbox(telling: Runtime, mail: MailServer) -> None:
    notification = await told(telling, greeting())
    async with working(telling):
        row = await reached(telling, notification)

    (caught,) = mail.mailbox.caught
    assert row["state"] == "sent"
    assert row["sent_at"] is not None
    assert caught.recipients == [ANN]
    assert caught.headers["from"] == "Forthwith <no-reply@forthwith.example>"
    assert caught.headers["subject"] == "Hello Ann"
    assert caught.headers["message-id"] == f"<{notification}@forthwith.example>"
    assert caught.headers["auto-submitted"] == "auto-generated"
    assert caught.body == "Your code is 42.\n"


@pytest.mark.parametrize(
    ("language", "subject", "body"),
    [
        ("zh-TW", "王小明,您好", "代碼:42\n"),
        ("ja", "王小明さん、こんにちは", "コード:42\n"),
        ("fr", "Hello 王小明", "Your code is 42.\n"),
    ],
)
async def test_a_message_is_written_in_the_language_asked_for_or_in_english(
    telling: Runtime, mail: MailServer, language: str, subject: str, body: str
) -> None:
    notice = greeting(data={"name": "王小明", "code": 42}, language=language)
    notification = await told(telling, notice)
    async with working(telling):
        await reached(telling, notification)

    (caught,) = mail.mailbox.caught
    assert (caught.headers["subject"], caught.body) == (subject, body)
    assert caught.headers["content-language"] == language


async def test_twenty_callers_with_one_event_send_one_message(
    telling: Runtime, mail: MailServer
) -> None:
    made = await asyncio.gather(*(tell(telling, greeting()) for _ in range(20)))
    (notification,) = [each for each in made if each is not None]
    async with working(telling):
        await reached(telling, notification)
    rows = await telling.db.fetch("select from platform.notifications")

    assert len(rows) == 1
    assert len(mail.mailbox.caught) == 1


async def test_an_event_told_again_after_it_was_sent_is_not_sent_again(
    telling: Runtime, mail: MailServer
) -> None:
    notification = await told(telling, greeting())
    async with working(telling):
        await reached(telling, notification)

    assert await tell(telling, greeting()) is None
    assert await tell(telling, greeting("e2")) is not None


async def test_callers_who_name_the_same_addresses_in_another_order_do_not_lock_each_other_out(
    telling: Runtime,
) -> None:
    addresses = [Address("mail", f"{number}@example.org") for number in range(8)]
    notices = [greeting(to=addresses), greeting(to=addresses[::-1])] * 5
    made = await asyncio.gather(*(tell(telling, each) for each in notices))
    rows = await telling.db.fetch("select from platform.notifications")

    assert len([each for each in made if each is not None]) == 1
    assert len(rows) == 8


async def test_a_message_whose_transaction_failed_was_never_told(
    telling: Runtime, mail: MailServer
) -> None:
    async def fail_after_telling() -> None:
        async with telling.db.transaction() as session:
            await notify(session, telling.jobs, greeting())
            raise RuntimeError("the rest of the transaction")

    with pytest.raises(RuntimeError):
        await fail_after_telling()

    assert await telling.db.fetch("select from platform.runs") == []
    assert await tell(telling, greeting()) is not None


async def test_nothing_personal_of_a_message_stands_in_the_database(telling: Runtime) -> None:
    notification = await told(telling, greeting(data={"name": "Ann Lee", "code": 42}))
    row = await row_of(telling, notification)
    stored = repr(dict(row))

    assert ANN not in stored
    assert "Ann Lee" not in stored
    assert "your code" not in stored.lower()


async def test_what_was_only_for_the_reader_is_forgotten_once_it_was_sent(
    telling: Runtime,
) -> None:
    """A link that resets a password is worth nothing in a database."""
    notification = await told(telling, greeting())
    async with working(telling):
        row = await reached(telling, notification)
    content = telling.codec.open(
        row["content"], f"platform.notifications|content|{notification}".encode()
    )

    assert content == {
        "target": ANN,
        "subject": "Hello Ann",
        "language": "en",
        "body": "",
        "data": {},
    }


async def test_a_mail_that_is_put_off_is_tried_again(telling: Runtime, mail: MailServer) -> None:
    mail.mailbox.faults = [MailFault("reply", status=451), MailFault("disconnect")]
    notification = await told(telling, greeting())
    async with working(telling):
        row = await reached(telling, notification)

    assert row["state"] == "sent"
    assert len(mail.mailbox.caught) == 1


async def test_a_mail_whose_answer_was_lost_comes_twice_with_one_message_id(
    telling: Runtime, mail: MailServer
) -> None:
    mail.mailbox.faults = [MailFault("lose")]
    notification = await told(telling, greeting())
    async with working(telling):
        await reached(telling, notification)

    first, second = mail.mailbox.caught
    assert first.headers == second.headers
    assert first.body == second.body


async def test_a_mail_that_is_refused_fails_with_its_reason(
    telling: Runtime, mail: MailServer
) -> None:
    mail.mailbox.faults = [MailFault("reply", status=550)]
    notification = await told(telling, greeting())
    async with working(telling):
        row = await reached(telling, notification)

    assert (row["state"], row["reason"]) == ("failed", "REFUSED")
    assert len(mail.mailbox.caught) == 0


async def test_a_failed_message_can_be_tried_again(telling: Runtime, mail: MailServer) -> None:
    mail.mailbox.faults = [MailFault("reply", status=550)]
    notification = await told(telling, greeting())
    async with working(telling):
        row = await reached(telling, notification)
        await telling.jobs.retry(OWNER, row["run"])
        row = await reached(telling, notification, "sent")

    assert row["reason"] is None
    assert len(mail.mailbox.caught) == 1


async def test_a_channel_that_nobody_has_fails_the_message(telling: Runtime) -> None:
    notification = await told(telling, greeting(to=[Address("pigeon", "loft 3")]))
    async with working(telling):
        row = await reached(telling, notification)

    assert (row["state"], row["reason"]) == ("failed", "NOT_CONFIGURED")


@pytest.mark.parametrize("target", ["ann", "ann@", "<ann@example.org>", "a@b, c@d", "ann@x y"])
async def test_a_target_that_is_no_mail_address_is_refused(
    telling: Runtime, mail: MailServer, target: str
) -> None:
    notification = await told(telling, greeting(to=[Address("mail", target)]))
    async with working(telling):
        row = await reached(telling, notification)

    assert (row["state"], row["reason"]) == ("failed", "REFUSED")
    assert len(mail.mailbox.caught) == 0


async def test_a_datum_cannot_add_a_header(telling: Runtime, mail: MailServer) -> None:
    name = "Ann\r\nBcc: eve@example.org\r\n\r\nBuy now\u2028\x00"
    notification = await told(telling, greeting(data={"name": name, "code": 42}))
    async with working(telling):
        await reached(telling, notification)

    (caught,) = mail.mailbox.caught
    assert "bcc" not in caught.headers
    assert caught.recipients == [ANN]
    assert caught.headers["subject"] == "Hello Ann Bcc: eve@example.org Buy now"
    assert caught.body == "Your code is 42.\n"


async def test_a_datum_is_never_evaluated(telling: Runtime, mail: MailServer) -> None:
    hostile = "{code} {0.__class__} %(x)s ${y} {{"
    notification = await told(telling, greeting(data={"name": hostile, "code": hostile}))
    async with working(telling):
        await reached(telling, notification)

    (caught,) = mail.mailbox.caught
    assert caught.headers["subject"] == f"Hello {hostile}"
    assert caught.body == f"Your code is {hostile}.\n"


async def test_half_a_surrogate_pair_does_not_stop_a_message(
    telling: Runtime, mail: MailServer
) -> None:
    notification = await told(telling, greeting(data={"name": "Ann\ud800", "code": 1}))
    async with working(telling):
        row = await reached(telling, notification)

    assert row["state"] == "sent"


async def test_a_missing_datum_is_told_to_the_caller(telling: Runtime) -> None:
    with pytest.raises(LookupError, match="code"):
        await tell(telling, greeting(data={"name": "Ann"}))


async def test_an_unknown_template_is_told_to_the_caller(telling: Runtime) -> None:
    with pytest.raises(LookupError, match=r"nobody\.knows"):
        await tell(telling, greeting(template="nobody.knows"))
