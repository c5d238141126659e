"""What guests call, without credentials: the menu, ordering, following, hearing the order."""

import asyncio
import contextlib
import hashlib
import re
from typing import Annotated, Any, Final

import msgspec
from fastapi import Header, Query, Request, Response, WebSocket
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from forthwith.apps.orders import links, live, queries, recordings, service, views
from forthwith.apps.orders.bodies import LanguageCode, QuickOrder, quick_order_schema
from forthwith.apps.orders.errors import OrderNotFound, ShopNotFound
from forthwith.apps.orders.menus import Language
from forthwith.apps.orders.queries import OrderRow
from forthwith.apps.orders.schemas import Submitted
from forthwith.platform.errors import BadRequest, Fault, UnsupportedMedia
from forthwith.platform.http import (
    NOT_CHANGED,
    POLL_SECONDS,
    Answer,
    EventStream,
    Router,
    answer_once,
    idempotency_key,
    tagged,
)
from forthwith.platform.http.proxies import network_of
from forthwith.platform.identity.request_limits import guests
from forthwith.platform.runtime import Current, Runtime

router = Router(prefix="/orders", tags=["orders"])

_OPEN: Final[dict[str, Any]] = {"security": []}
"""The id or token in the path is what lets in."""
_KEY_RULE: Final = (
    "16 to 255 visible ASCII characters that nobody can guess, for example a UUID: "
    "whoever repeats them with the same order gets its order_id."
)
_SHORTEST_KEY: Final = 16
_WAIT: Final = re.compile(r"\bwait\s*=\s*(\d{1,4})\b")
_TRY_AGAIN_LATER: Final = 1013
_NO_SUCH_ORDER: Final = 4404
"""Of the codes that a WebSocket leaves to applications."""


@router.get("/shops/{slug}", responses=NOT_CHANGED, openapi_extra=_OPEN)
async def get_shop(
    request: Request,
    runtime: Current,
    slug: str,
    language: Annotated[LanguageCode, Query(description="What the guest reads.")] = "zh-TW",
) -> Response:
    """A shop with its menu in a language; 304 with If-None-Match while nothing changed."""
    shop = await queries.shop_by_slug(runtime.db, slug)
    if shop is None:
        raise ShopNotFound("There is no shop with this slug.")
    menu = await queries.menu(runtime, shop)
    liff_id = service.settings_of(runtime).liff_id
    return tagged(request, views.shop(shop, menu, Language(language), liff_id))


@router.post("/quick", status_code=202, openapi_extra={**_OPEN, **quick_order_schema()})
async def place_order(
    request: Request,
    runtime: Current,
    idempotency: Annotated[
        str | None, Header(alias="Idempotency-Key", description=_KEY_RULE)
    ] = None,
) -> Response:
    """Order; the order is safe when this answers. Poll or follow what the answer names."""
    body = await request.body()
    order = _read(request, body)
    _ensure_unguessable(idempotency)
    placing = await service.prepare(runtime, order)

    async def create(row: dict[str, object] | None) -> None:
        await service.place(runtime, placing, row)

    content = hashlib.sha256(body).digest() if idempotency else b""
    key = idempotency_key(request, placing.owner, content)
    answer = _submitted(links.shown(placing.id))
    return await answer_once(runtime.db, runtime.codec, key, answer, create)


@router.get("/status/{order_id}", responses=NOT_CHANGED, openapi_extra=_OPEN)
async def get_status(
    request: Request,
    runtime: Current,
    order_id: str,
    prefer: Annotated[
        str | None, Header(max_length=100, description="`wait=30`: answer when it has changed.")
    ] = None,
) -> Response:
    """How an order is; 304 with If-None-Match while nothing changed."""
    row = await queries.find(runtime.db, links.order_of(order_id))
    wait = _WAIT.search(prefer or "")
    if wait is None:
        return _status(request, runtime, row)
    seconds = min(int(wait[1]), live.LONGEST_WAIT_SECONDS)
    row = await _awaited(request, runtime, row, seconds)
    answer = _status(request, runtime, row)
    answer.headers["Preference-Applied"] = f"wait={seconds}"
    return answer


@router.get(
    "/{order_id}/events",
    response_class=EventStream,
    responses={200: {"content": {"text/event-stream": {}}}},
    openapi_extra=_OPEN,
)
async def follow_order(runtime: Current, order_id: str) -> EventStream:
    """The status as server-sent events, at once and at each change, until the order ends."""
    row = await queries.find(runtime.db, links.order_of(order_id))
    return EventStream(live.follow(runtime, row))


@router.websocket("/{order_id}/ws")
async def follow_by_websocket(socket: WebSocket, order_id: str) -> None:
    """The same as the event stream, as JSON messages `{id, event, data}`."""
    runtime: Runtime = socket.state.runtime
    await socket.accept()
    if not await _may_ask(socket, runtime):
        await socket.close(_TRY_AGAIN_LATER)
        return
    try:
        row = await queries.find(runtime.db, links.order_of(order_id))
    except OrderNotFound:
        await socket.close(_NO_SUCH_ORDER)
        return
    telling = asyncio.create_task(_tell(socket, runtime, row))
    leaving = asyncio.create_task(_left(socket))
    await asyncio.wait({telling, leaving}, return_when=asyncio.FIRST_COMPLETED)
    for task in (telling, leaving):
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    with contextlib.suppress(RuntimeError):  # who has left needs no goodbye
        await socket.close()


@router.post("/{order_id}/cancel", openapi_extra=_OPEN)
async def cancel_order(runtime: Current, order_id: str) -> Response:
    """Cancel an order that the shop has not accepted; 409 when it has ended."""
    row = await service.cancel(runtime, links.order_of(order_id))
    return _told(runtime, row, "The order was cancelled.")


@router.post("/{order_id}/retry", openapi_extra=_OPEN)
async def retry_order(runtime: Current, order_id: str) -> Response:
    """Try a failed or cancelled order again; what was done stays done."""
    row = await service.retry(runtime, links.order_of(order_id))
    return _told(runtime, row, "The order is worked on again.")


@router.get(
    "/voice/{token}",
    response_class=Response,
    responses={200: {"content": {"audio/mp4": {}}}, 206: {"content": {"audio/mp4": {}}}},
    openapi_extra=_OPEN,
)
async def get_voice(request: Request, runtime: Current, token: str) -> Response:
    """The order spoken in Chinese, by a signed link; ranges are served."""
    return await recordings.answer(runtime, request, token)


def _read(request: Request, body: bytes) -> QuickOrder:
    """The order of a body. FastAPI's own reading takes a third of the whole request's time."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMedia("Send the order as application/json.")
    try:
        return QuickOrder.model_validate_json(body)
    except ValidationError as error:
        wrong = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
        raise RequestValidationError(wrong) from None


def _ensure_unguessable(key: str | None) -> None:
    """Guests share one space of keys: who guesses another's gets the other's order."""
    if key is not None and len(key) < _SHORTEST_KEY:
        wrong = Fault("header/Idempotency-Key", "for example a UUID")
        raise BadRequest(f"Idempotency-Key must be {_KEY_RULE}", faults=[wrong])


def _submitted(order_id: str) -> Answer:
    polling_url, base = f"{views.BASE}/status/{order_id}", f"{views.BASE}/{order_id}"
    submitted = Submitted(
        order_id=order_id,
        status="pending",
        polling_url=polling_url,
        events_url=f"{base}/events",
        ws_url=f"{base}/ws",
        cancel_url=f"{base}/cancel",
        retry_url=f"{base}/retry",
    )
    return Answer(
        submitted,
        status=202,
        message="The order is safe, and is being worked on.",
        top=msgspec.structs.asdict(submitted),
        headers={"Location": polling_url, "Retry-After": str(POLL_SECONDS)},
    )


async def _awaited(request: Request, runtime: Runtime, row: OrderRow, seconds: int) -> OrderRow:
    """The order once it is news to the caller, or after so many seconds."""
    known = request.headers.get("if-none-match")
    deadline = asyncio.get_running_loop().time() + seconds
    while views.state_of(row) in views.WORKED_ON and (known is None or views.tag(row) in known):
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            break
        row = await live.changed(runtime, row, left)
    return row


def _status(request: Request, runtime: Runtime, row: OrderRow) -> Response:
    """The tag is of the row, so that an unchanged order is answered without opening it."""
    tag = views.tag(row)
    headers = {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache"}
    if views.state_of(row) in views.WORKED_ON:
        headers["Retry-After"] = str(POLL_SECONDS)
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return _told(runtime, row, headers=headers)


def _told(
    runtime: Runtime, row: OrderRow, message: str = "", headers: dict[str, str] | None = None
) -> Answer:
    """The status, also at the top level, where the seed has it."""
    status = views.status(runtime.codec, row)
    return Answer(status, message=message, top=msgspec.structs.asdict(status), headers=headers)


async def _may_ask(socket: WebSocket, runtime: Runtime) -> bool:
    """Whether guests of this address have not asked too often; the middleware counts HTTP only."""
    address = network_of(socket.client.host if socket.client else "")
    standing = await runtime.records.counts.hit(guests(runtime.settings.requests), address)
    return standing.allowed


async def _tell(socket: WebSocket, runtime: Runtime, row: OrderRow) -> None:
    async for event in live.follow(runtime, row):
        if event is not None:
            message = {"id": event.id, "event": event.event, "data": event.data}
            await socket.send_text(msgspec.json.encode(message).decode())


async def _left(socket: WebSocket) -> None:
    """Wait until the guest has gone; what a guest says is not listened to."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
