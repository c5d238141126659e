"""`/notifications`: what was told, where to tell it, and how you want to be told."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Header, Query, Request, Response

from forthwith.platform import ids
from forthwith.platform.context import Principal
from forthwith.platform.errors import Fault, Refused, Unprocessable
from forthwith.platform.http import (
    KEY_RULE,
    Answer,
    Db,
    PageRequest,
    Router,
    Sealing,
    accepted,
    answer_once,
    idempotency_key,
    keep_answer,
    page_request,
    require,
)
from forthwith.platform.notify import preferences, queries, receivers
from forthwith.platform.notify.channels import Push, Webhooks
from forthwith.platform.notify.channels.push import encrypted
from forthwith.platform.notify.notice import Address, Notice
from forthwith.platform.notify.schemas import BrowserRequest, PreferencesRequest, WebhookRequest
from forthwith.platform.notify.service import notify
from forthwith.platform.notify.templates import Template, register

router = Router(prefix="/notifications", tags=["notifications"])

Reader = Annotated[Principal, Depends(require("notifications:read"))]
Writer = Annotated[Principal, Depends(require("notifications:write"))]
Status = Literal["queued", "sent", "failed", "suppressed"]

_SHOWN_ONCE = "Keep the secret now: it is not shown again."
TEST = Template(
    "notify.test",
    subject={"zh-TW": "測試通知", "en": "A test", "ja": "テスト通知"},
    body={
        "zh-TW": "這是 Forthwith 的測試通知。",
        "en": "This is a test by Forthwith.",
        "ja": "Forthwith からのテスト通知です。",
    },
)
register(TEST)


@router.get("")
async def list_notifications(
    db: Db,
    codec: Sealing,
    principal: Reader,
    page: Annotated[PageRequest, Depends(page_request)],
    status: Annotated[Status | None, Query()] = None,
    channel: Annotated[str | None, Query(pattern="^[a-z][a-z0-9_]{0,31}$")] = None,
) -> Response:
    """What was told on your behalf, newest first."""
    async with db.read() as session:
        rows = await queries.listed(
            session,
            principal.owner,
            status=status,
            channel=channel,
            before=page.before,
            limit=page.limit + 1,
        )
    return Answer(page.answer(rows, lambda row: queries.view(codec, row), lambda row: row.id))


@router.get("/preferences")
async def get_preferences(db: Db, codec: Sealing, principal: Reader) -> Response:
    """When you are told, how often, and of what nothing at all."""
    async with db.read() as session:
        wanted = await preferences.read(session, codec, principal.owner)
    return Answer(queries.preferences_view(wanted))


@router.put("/preferences")
async def put_preferences(
    db: Db, codec: Sealing, principal: Writer, request: PreferencesRequest
) -> Response:
    """Say how you want to be told; urgent messages, such as for a password, come always."""
    wanted = request.preferences()
    async with db.transaction() as session:
        await preferences.write(session, codec, principal.owner, wanted)
    return Answer(queries.preferences_view(wanted))


@router.post("/webhooks", status_code=201)
async def add_webhook(
    request: Request,
    db: Db,
    codec: Sealing,
    principal: Writer,
    wanted: WebhookRequest,
    _: Annotated[str | None, Header(alias="Idempotency-Key", description=KEY_RULE)] = None,
) -> Response:
    """Register a URL for signed events (Standard Webhooks); the answer shows its secret, once."""
    webhooks = request.state.channels["webhook"]
    assert isinstance(webhooks, Webhooks)  # noqa: S101 - the platform's own channel
    try:
        webhooks.postbox.guard.check(wanted.url)
    except Refused as refused:
        raise _unprocessable("#/url", refused) from None
    receiver, secret = ids.new(), receivers.new_secret()
    target = receivers.Webhook(wanted.url, (secret,), tuple(dict.fromkeys(wanted.events)))

    async def create(idempotency: dict[str, object] | None) -> None:
        async with db.transaction() as session:
            await keep_answer(session, idempotency)
            await receivers.add_webhook(session, codec, principal.owner, receiver, target)

    shown = {
        "id": receiver,
        "url": wanted.url,
        "events": target.events,
        "secret": secret.value,
    }
    answer = Answer(shown, status=201, message=_SHOWN_ONCE)
    key = idempotency_key(request, principal.owner, wanted.model_dump_json().encode())
    return await answer_once(db, codec, key, answer, create)


@router.get("/webhooks")
async def list_webhooks(db: Db, codec: Sealing, principal: Reader) -> Response:
    """Your webhooks, without their secrets."""
    async with db.read() as session:
        rows = await receivers.listed(session, principal.owner, "webhook")
    return Answer({"items": [queries.webhook_view(codec, row) for row in rows]})


@router.post("/webhooks/{webhook_id}/rotate")
async def rotate_webhook(db: Db, codec: Sealing, principal: Writer, webhook_id: UUID) -> Response:
    """Give a webhook a new secret; for 24 hours events are signed with the old one, too."""
    async with db.transaction() as session:
        secret = await receivers.rotate(session, codec, principal.owner, webhook_id)
    return Answer({"id": webhook_id, "secret": secret.value}, message=_SHOWN_ONCE)


@router.post("/webhooks/{webhook_id}/test", status_code=202)
async def send_test(request: Request, db: Db, principal: Writer, webhook_id: UUID) -> Response:
    """Send a test event."""
    notice = Notice(
        owner=principal.owner,
        event_key=f"test {ids.new()}",
        template=TEST.name,
        to=[Address("webhook", str(webhook_id))],
        data={},
    )
    async with db.transaction() as session:
        await receivers.find(session, principal.owner, "webhook", webhook_id)
        notification = await notify(session, request.state.jobs, notice)
    told = {"notification": notification}
    return accepted(told, location="/api/v1/notifications", message="The test is on its way.")


@router.delete("/webhooks/{webhook_id}")
async def delete_webhook(db: Db, principal: Writer, webhook_id: UUID) -> Response:
    """Delete a webhook; what is not sent to it yet fails."""
    async with db.transaction() as session:
        await receivers.remove(session, principal.owner, "webhook", webhook_id)
    return Answer({"id": webhook_id}, message="The webhook was deleted.")


@router.post("/push", status_code=201)
async def add_browser(
    request: Request, db: Db, codec: Sealing, principal: Writer, wanted: BrowserRequest
) -> Response:
    """Register a browser by its push subscription; the same one again keeps its id."""
    target = wanted.target()
    try:
        _push(request).postbox.guard.check(target.url)
    except Refused as refused:
        raise _unprocessable("#/endpoint", refused) from None
    try:
        encrypted(target, b"a try")
    except Refused as refused:
        raise _unprocessable("#/keys", refused) from None
    async with db.transaction() as session:
        receiver = await receivers.add_browser(session, codec, principal.owner, target)
    return Answer({"id": receiver}, status=201, message="This browser will be told.")


@router.get("/push")
async def list_browsers(request: Request, db: Db, codec: Sealing, principal: Reader) -> Response:
    """Your browsers, and the key (`applicationServerKey`) that another one subscribes with."""
    public_key = _push(request).public_key
    async with db.read() as session:
        rows = await receivers.listed(session, principal.owner, "push")
    items = [queries.browser_view(codec, row) for row in rows]
    return Answer({"public_key": public_key, "items": items})


@router.delete("/push/{browser_id}")
async def delete_browser(db: Db, principal: Writer, browser_id: UUID) -> Response:
    """Tell a browser nothing any more."""
    async with db.transaction() as session:
        await receivers.remove(session, principal.owner, "push", browser_id)
    return Answer({"id": browser_id}, message="The browser was deleted.")


def _push(request: Request) -> Push:
    push = request.state.channels["push"]
    assert isinstance(push, Push)  # noqa: S101 - the platform's own channel
    return push


def _unprocessable(pointer: str, refused: Refused) -> Unprocessable:
    return Unprocessable(str(refused), faults=[Fault(pointer, str(refused))])
