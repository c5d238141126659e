"""The receivers of the sandbox take what is right, and say what is wrong with the rest."""

import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiosmtplib
import http_ece
import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from standardwebhooks.webhooks import Webhook

from forthwith.sandbox import serving
from forthwith.sandbox.mail import catching_mail
from forthwith.sandbox.push import PushService
from forthwith.sandbox.webhook import WebhookReceiver

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
async def hook() -> AsyncIterator[httpx.AsyncClient]:
    """A receiver of webhooks that trusts one secret."""
    async with (
        serving(WebhookReceiver().vendor().app()) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        await client.put("/_sandbox/secrets", json=[SECRET])
        yield client


def signed(body: str, *, at: datetime | None = None) -> dict[str, str]:
    """The headers of an event."""
    moment = at or datetime.now(UTC)
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("msg_1", moment, body),
    }


async def test_a_signed_event_is_taken_and_listed(hook: httpx.AsyncClient) -> None:
    taken = await hook.post("/hook", content='{"a":1}', headers=signed('{"a":1}'))
    (listed,) = (await hook.get("/_sandbox/messages")).json()

    assert taken.status_code == 204
    assert listed == {"id": "msg_1", "signed_by": [SECRET], "body": {"a": 1}}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed("another body"),
        signed('{"a":1}', at=datetime.now(UTC) - timedelta(minutes=6)),
        {**signed('{"a":1}'), "webhook-id": "msg_2"},
    ],
)
async def test_an_event_that_nobody_signed_now_is_refused(
    hook: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    assert (await hook.post("/hook", content='{"a":1}', headers=headers)).status_code == 401


@pytest.fixture
async def push() -> AsyncIterator[httpx.AsyncClient]:
    """A push service."""
    async with (
        serving(PushService().vendor().app()) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        yield client


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def pushed(push: httpx.AsyncClient, keys: dict[str, str], **claims: Any) -> dict[str, Any]:
    """A push as it should be, but for these claims."""
    point = KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    origin = str(push.base_url).rstrip("/")
    later = datetime.now(UTC) + timedelta(hours=1)
    said = {"aud": origin, "exp": later, "sub": "mailto:a@example.org", **claims}
    token = jwt.encode(said, KEY, algorithm="ES256")
    body = http_ece.encrypt(
        json.dumps({"title": "hello"}).encode(),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=_bytes(keys["p256dh"]),
        auth_secret=_bytes(keys["auth"]),
        version="aes128gcm",
    )
    headers = {
        "authorization": f"vapid t={token}, k={_text(point)}",
        "content-encoding": "aes128gcm",
        "ttl": "60",
    }
    return {"content": body, "headers": headers}


async def test_a_push_for_the_browser_is_shown(push: httpx.AsyncClient) -> None:
    browser = (await push.post("/_sandbox/subscriptions")).json()
    answer = await push.post(browser["endpoint"], **pushed(push, browser["keys"]))
    (shown,) = (await push.get("/_sandbox/messages")).json()

    assert answer.status_code == 201
    assert shown["payload"] == {"title": "hello"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-encoding": "aesgcm"}, 415),
        ({"ttl": "soon"}, 400),
        ({"authorization": "Bearer x"}, 401),
        ({"authorization": "vapid t=x, k=AAAA"}, 403),
    ],
)
async def test_a_push_with_wrong_headers_is_refused(
    push: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    browser = (await push.post("/_sandbox/subscriptions")).json()
    sent = pushed(push, browser["keys"])
    sent["headers"] |= headers

    assert (await push.post(browser["endpoint"], **sent)).status_code == status


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://push.example"},
        {"exp": datetime.now(UTC) - timedelta(hours=1)},
        {"exp": datetime.now(UTC) + timedelta(hours=25)},
    ],
)
async def test_a_token_for_another_service_or_time_is_refused(
    push: httpx.AsyncClient, claims: dict[str, Any]
) -> None:
    browser = (await push.post("/_sandbox/subscriptions")).json()
    answer = await push.post(browser["endpoint"], **pushed(push, browser["keys"], **claims))

    assert answer.status_code == 403


async def test_a_push_for_another_browser_cannot_be_read(push: httpx.AsyncClient) -> None:
    one, other = [(await push.post("/_sandbox/subscriptions")).json() for _ in range(2)]

    assert (await push.post(one["endpoint"], **pushed(push, other["keys"]))).status_code == 400


async def test_a_browser_that_left_is_gone(push: httpx.AsyncClient) -> None:
    browser = (await push.post("/_sandbox/subscriptions")).json()
    name = browser["endpoint"].rpartition("/")[2]
    await push.delete(f"/_sandbox/subscriptions/{name}")

    assert (await push.post(browser["endpoint"])).status_code == 410


async def test_a_mail_is_listed_and_faults_are_used_up_one_by_one() -> None:
    async with catching_mail() as server, httpx.AsyncClient(base_url=server.url) as client:
        fault = [{"kind": "reply", "status": 452}]
        set_up = await client.put("/_sandbox/faults", json=fault)
        wrong = await client.put("/_sandbox/faults", content="[{}]")
        port = int(server.smtp_url.rpartition(":")[2])

        async def send() -> None:
            text = "Subject: =?utf-8?b?5ZOI5ZuJ?=\n\nhello\n"
            await aiosmtplib.send(
                text, sender="a@b.example", recipients=["c@d.example"], port=port, start_tls=False
            )

        with pytest.raises(aiosmtplib.SMTPDataError, match="452"):
            await send()
        await send()
        (mail,) = (await client.get("/_sandbox/messages")).json()

    assert (set_up.status_code, wrong.status_code) == (204, 422)
    assert mail["recipients"] == ["c@d.example"]
    assert mail["headers"] == {"subject": "哈囉"}
    assert mail["body"] == "hello\n"
