"""What a shop's staff calls: shops and menus, the list of orders, the counter."""

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Header, Query, Request, Response
from pydantic import AwareDatetime

from forthwith.apps.orders import links, live, menu_drafts, queries, service, shops, views
from forthwith.apps.orders.bodies import MenuBody, ShopBody, ShopChange
from forthwith.apps.orders.schemas import Counter, DraftSubmitted, State
from forthwith.platform import ids, images
from forthwith.platform.context import Principal
from forthwith.platform.http import (
    KEY_RULE,
    Answer,
    EventStream,
    PageRequest,
    Router,
    accepted,
    answer_once,
    idempotency_key,
    keep_answer,
    page_request,
    require,
    upload_schema,
    uploaded_file,
)
from forthwith.platform.runtime import Current, Runtime

router = Router(prefix="/orders", tags=["orders"])

Reader = Annotated[Principal, Depends(require("orders:read"))]
Writer = Annotated[Principal, Depends(require("orders:write"))]
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


@router.get("/shops")
async def list_shops(runtime: Current, principal: Reader) -> Response:
    """Your shops, without their menus."""
    found = await queries.shops(runtime.db, principal.owner)
    items = [shops.kept(each, await queries.menu(runtime, each), with_menu=False) for each in found]
    return Answer({"items": items})


@router.post("/shops", status_code=201)
async def create_shop(
    request: Request,
    runtime: Current,
    principal: Writer,
    body: ShopBody,
    _: Annotated[str | None, Header(alias="Idempotency-Key", description=KEY_RULE)] = None,
) -> Response:
    """Open a shop, with its menu or without; 409 for a slug or name that is in use."""
    shop, menu = shops.drawn_up(principal.owner, body)

    async def create(row: dict[str, object] | None) -> None:
        async with runtime.db.transaction() as session:
            await keep_answer(session, row)
            await shops.create(session, runtime.codec, shop, menu)
        await queries.forget_shop(runtime, shop.slug)

    content = hashlib.sha256(await request.body()).digest()
    key = idempotency_key(request, principal.owner, content)
    answer = Answer(shops.kept(shop, menu), status=201, message="The shop is open to orders.")
    return await answer_once(runtime.db, runtime.codec, key, answer, create)


@router.patch("/shops/{slug}")
async def change_shop(runtime: Current, principal: Writer, slug: str, body: ShopChange) -> Response:
    """Give a shop other names, open or close it."""
    async with runtime.db.transaction() as session:
        changed = await shops.change(session, runtime.codec, principal.owner, slug, body)
    await queries.forget_shop(runtime, slug)
    return Answer(changed, message="The shop was changed.")


@router.delete("/shops/{slug}")
async def delete_shop(runtime: Current, principal: Writer, slug: str) -> Response:
    """Take a shop away with its menu; its orders stay."""
    async with runtime.db.transaction() as session:
        await shops.remove(session, runtime.codec, principal.owner, slug)
    await queries.forget_shop(runtime, slug)
    return Answer({"slug": slug}, message="The shop was taken away.")


@router.get("/shops/{slug}/menu")
async def get_menu(runtime: Current, principal: Reader, slug: str) -> Response:
    """The menu in all its languages, as it is edited."""
    shop = await queries.own_shop(runtime.db, principal.owner, slug)
    return Answer(shops.kept(shop, await queries.menu(runtime, shop)))


@router.put("/shops/{slug}/menu")
async def put_menu(runtime: Current, principal: Writer, slug: str, body: MenuBody) -> Response:
    """Replace the menu; 409 when it is not the one with `version` any more."""
    async with runtime.db.transaction() as session:
        changed = await shops.put_menu(session, runtime.codec, principal.owner, slug, body)
    await queries.forget_shop(runtime, slug)
    return Answer(changed, message="The menu was changed.")


@router.post(
    "/shops/{slug}/menu/draft",
    status_code=202,
    openapi_extra=upload_schema("photo", "JPEG, PNG, WebP or HEIC, at most 15 MB."),
)
async def draft_menu(request: Request, runtime: Current, principal: Writer, slug: str) -> Response:
    """Send a photo of the menu; the run's result is a draft to look at and PUT."""
    await queries.own_shop(runtime.db, principal.owner, slug)
    upload = await uploaded_file(request, "photo")
    try:
        images.check_header(upload.file.read(images.HEADER_BYTES), upload.size or 0)
        upload.file.seek(0)
        run = ids.new()
        await menu_drafts.submit(runtime, principal.owner, upload.file, run)
    finally:
        await upload.close()
    url = f"/api/v1/runs/{run}"
    submitted = DraftSubmitted(str(run), url, f"{url}/events")
    return accepted(submitted, location=url, message="The photo is safe; its reading has begun.")


@router.get(
    "/shops/{slug}/live",
    response_class=EventStream,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def follow_shop(runtime: Current, principal: Reader, slug: str) -> EventStream:
    """Open orders as server-sent events, then each that is new or has changed."""
    shop = await queries.own_shop(runtime.db, principal.owner, slug)
    return EventStream(live.counter(runtime, principal.owner, shop.id))


@router.get("")
async def list_orders(
    runtime: Current,
    principal: Reader,
    page: Annotated[PageRequest, Depends(page_request)],
    shop: Annotated[str | None, Query(max_length=64, description="Its slug.")] = None,
    status: Annotated[State | None, Query()] = None,
    counter: Annotated[Counter | None, Query()] = None,
    since: Annotated[AwareDatetime | None, Query(description="ISO 8601, with its zone.")] = None,
) -> Response:
    """Orders of your shops, newest first."""
    found = await queries.own_shop(runtime.db, principal.owner, shop) if shop else None
    wanted = queries.Wanted(
        limit=page.limit + 1,
        before=page.before,
        since=max(since, _LONG_AGO) if since else None,
        shop=found.id if found else None,
        status=status,
        counter=counter,
    )
    rows = await queries.listed(runtime.db, principal.owner, wanted)
    codec = runtime.codec
    return Answer(
        page.answer(rows, lambda row: views.counter_order(codec, row), lambda row: row.run)
    )


@router.post("/{order_id}/accept")
async def accept_order(runtime: Current, principal: Writer, order_id: str) -> Response:
    """The shop makes the order; 409 when it was cancelled."""
    order = await _own(runtime, principal, order_id)
    async with runtime.db.transaction() as session:
        await service.accept(session, runtime, principal.owner, order)
    return await _shown(runtime, order, "The order was accepted.")


@router.post("/{order_id}/done")
async def hand_order_over(runtime: Current, principal: Writer, order_id: str) -> Response:
    """The guest has the order; 409 when it was cancelled."""
    order = await _own(runtime, principal, order_id)
    async with runtime.db.transaction() as session:
        await service.hand_over(session, runtime, principal.owner, order)
    return await _shown(runtime, order, "The order is done.")


async def _own(runtime: Runtime, principal: Principal, order_id: str) -> UUID:
    order = links.order_of(order_id)
    return (await queries.find_own(runtime.db, principal.owner, order)).id


async def _shown(runtime: Runtime, order: UUID, message: str) -> Answer:
    row = await queries.find(runtime.db, order)
    return Answer(views.counter_order(runtime.codec, row), message=message)
