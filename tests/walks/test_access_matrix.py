"""Every route times every kind of caller: anonymous, unscoped, other, owner, operator."""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
from access_table import ROUTES, Row
from accounts import add_account
from fastapi.routing import APIRoute, iter_route_contexts
from support import API_KEY

from forthwith.apps.cards.models import Card
from forthwith.apps.orders import links, shops
from forthwith.apps.orders.bodies import ShopBody
from forthwith.apps.orders.carts import Cart
from forthwith.apps.orders.menus import Language
from forthwith.apps.orders.models import Order
from forthwith.apps.orders.queries import content_place
from forthwith.apps.orders.service import PROCESS
from forthwith.platform import clock, ids
from forthwith.platform.db import Database
from forthwith.platform.identity.keys import add_key
from forthwith.platform.identity.models import LoginSession
from forthwith.platform.notify import receivers
from forthwith.platform.privacy.models import Export
from forthwith.platform.runtime import Runtime
from forthwith.server import create_app

UNSCOPED = "nothing:at-all"
"""A scope that no route asks for."""
CALLERS = {
    "anonymous": None,
    "unscoped": "fw_test-key-of-the-owner-unscoped",
    "other": "fw_test-key-of-somebody-else",
    "operator": API_KEY,
    "owner": "fw_test-key-of-the-owner",
}
"""The owner comes last: whoever succeeds may change what the others ask for."""
ANY = {"token": "none", "version": "any", "name": "app.js"}
"""Parts of paths that stand for nobody's property."""


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path, as `METHOD /path`."""

    method: str
    path: str

    @property
    def name(self) -> str:
        """As the table names it."""
        return f"{self.method} {self.path}"


def _routes(runtime: Runtime) -> list[Route]:
    return [
        Route(method, str(context.path))
        for context in iter_route_contexts(create_app(runtime.settings, runtime).routes)
        if isinstance(context.original_route, APIRoute)
        for method in sorted(context.methods or ())
    ]


def _canonical(route: Route) -> Route:
    """What an alias of the seeds stands for."""
    for alias in ("/api/", "/"):
        if route.path.startswith(alias) and not route.path.startswith("/api/v1/"):
            under = f"/api/v1/{route.path.removeprefix(alias)}"
            if f"{route.method} {under}" in ROUTES:
                return Route(route.method, under)
    return route


def test_every_route_has_a_row_and_every_row_a_route(runtime: Runtime) -> None:
    routes = {each.name for each in _routes(runtime)}
    canonical = {_canonical(each).name for each in _routes(runtime)}

    assert canonical - ROUTES.keys() == set()
    assert ROUTES.keys() - routes == set()


@pytest.fixture
async def owner(db: Database, api: httpx.AsyncClient) -> UUID:
    """A member with every scope, and with a key of no use; there is somebody else too."""
    owner = await add_account(db, CALLERS["owner"] or "")
    await add_account(db, CALLERS["other"] or "")
    async with db.transaction() as session:
        await add_key(session, owner, "of no use", CALLERS["unscoped"] or "", [UNSCOPED])
    await db.execute("update platform.accounts set plan = 'enterprise'")
    return owner


async def _resources(runtime: Runtime, owner: UUID) -> dict[str, UUID | str]:
    """One of everything of the owner's, by the name it has in paths."""
    blob = await runtime.blobs.put(owner, io.BytesIO(b"a photo"))
    found = {name: ids.new() for name in ("card_id", "key_id", "export_id", "session_id", "run_id")}
    now = clock.now()
    async with runtime.db.transaction() as session:
        run = found["run_id"]
        args = {"card_id": found["card_id"]}
        await runtime.jobs.enqueue(session, "cards.read", args, owner=owner, run=run)
        session.add(
            Card(
                id=found["card_id"], owner=owner, run=run, photo=blob.sha256, media_type="image/png"
            )
        )
        session.add(Export(id=found["export_id"], owner=owner, run=run, expires_at=_later()))
        session.add(
            LoginSession(
                id=found["session_id"],
                owner=owner,
                device=None,
                address=None,
                created_at=now,
                used_at=now,
                expires_at=_later(),
            )
        )
        await add_key(session, owner, "another", f"fw_{found['key_id']}", ["cards:read"])
    row = await runtime.db.fetchrow(
        "select id from platform.api_keys where name = 'another' order by id desc limit 1"
    )
    assert row is not None
    receiving = await _receivers(runtime, owner)
    ordered = await _shop_and_order(runtime, owner)
    return {**found, **receiving, **ordered, "key_id": row["id"], "account_id": owner}


async def _shop_and_order(runtime: Runtime, owner: UUID) -> dict[str, str]:
    """A shop of the owner's with an order that waits, in place of those before."""
    await runtime.db.execute("delete from orders.shop_names")
    await runtime.db.execute("delete from orders.shops")
    body = ShopBody.model_validate({"slug": "lin-noodles", "names": {"en": "Lin"}})
    shop, menu = shops.drawn_up(owner, body)
    async with runtime.db.transaction() as session:
        await shops.create(session, runtime.codec, shop, menu)
    cart = Cart(menu.names, shop.slug, "TWD", "Asia/Taipei", Language.ENGLISH, (), True)
    order, run = links.new_order_id(), ids.new()
    row = {
        "id": order,
        "owner": owner,
        "run": run,
        "shop": shop.id,
        "content": runtime.codec.seal(cart, content_place(order)),
    }
    await runtime.jobs.enqueue_with(Order, row, PROCESS, {"order": order}, owner=owner, run=run)
    return {"slug": shop.slug, "order_id": links.shown(order)}


async def _receivers(runtime: Runtime, owner: UUID) -> dict[str, UUID]:
    """A webhook and a browser of the owner's, who may not have many."""
    await runtime.db.execute("delete from platform.notification_receivers where owner = $1", owner)
    hook = receivers.Webhook("https://hooks.example/owner", (receivers.new_secret(),))
    browser = receivers.Browser("https://push.example/owner", "", "")
    webhook_id = ids.new()
    async with runtime.db.transaction() as session:
        await receivers.add_webhook(session, runtime.codec, owner, webhook_id, hook)
        browser_id = await receivers.add_browser(session, runtime.codec, owner, browser)
    return {"webhook_id": webhook_id, "browser_id": browser_id}


def _later() -> datetime:
    return clock.now() + timedelta(days=1)


async def _status(client: httpx.AsyncClient, key: str | None, route: Route, row: Row) -> int:
    """Only the status: the stream of a run that nobody works on never ends."""
    headers = {} if key is None else {"X-API-Key": key}
    async with client.stream(route.method, route.path, headers=headers, json=row.body) as answer:
        return answer.status_code


def _fits(status: int, expected: int | None) -> bool:
    return status not in {401, 403, 500} if expected is None else status == expected


@pytest.mark.timeout(180)
async def test_every_caller_gets_at_every_route_what_the_table_says(
    runtime: Runtime, api: httpx.AsyncClient, owner: UUID
) -> None:
    wrong = {}
    async with httpx.AsyncClient(base_url=api.base_url, timeout=30) as client:
        for name, row in ROUTES.items():
            method, _, path = name.partition(" ")
            filled = Route(method, path.format(**ANY, **await _resources(runtime, owner)))
            for caller, key in CALLERS.items():
                status = await _status(client, key, filled, row)
                if not _fits(status, getattr(row, caller)):
                    wrong[name, caller] = status, getattr(row, caller)

    assert wrong == {}
