"""What is kept of guests: sealed, handed over, deleted."""

from typing import Any

import httpx
from ordering import open_shop, order, place
from support import events, working

from forthwith.apps.orders.line import person_of
from forthwith.apps.orders.privacy import erase, export, names
from forthwith.platform.privacy import Subject
from forthwith.platform.runtime import Runtime

GUEST = "U0123456789abcdef0123456789abcdef"
WORDS = ("Haruki Tanaka", "no coriander please", "A-TABLE-17")


async def _ordered(staff: httpx.AsyncClient, guest: httpx.AsyncClient, runtime: Runtime) -> Any:
    """The order of one guest whom LINE knows, and an equal one of another."""
    await open_shop(staff)
    body = order(guest_name=WORDS[0], note=WORDS[1])
    taken = [await place(guest, body), await place(guest, body)]
    async with working(runtime):
        for each in taken:
            await events(guest, each["events_url"])
    row = await runtime.db.fetchrow("select id, owner from orders.orders order by run limit 1")
    assert row is not None
    person = person_of(runtime.codec, row["owner"], GUEST)
    await runtime.db.execute(
        "update orders.orders set person = $1 where id = $2", person, row["id"]
    )
    return row["owner"], taken


async def _standing(runtime: Runtime, *words: str) -> set[tuple[str, str]]:
    """Which of the words stand in plain text in which table."""
    tables = await runtime.db.fetch(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables"
        " where schemaname in ('orders', 'platform', 'pgqueuer')"
    )
    found = set()
    for table in tables:
        rows = await runtime.db.fetch(f"select t::text as row from {table['name']} t")  # noqa: S608
        text = "\n".join(row["row"] for row in rows)
        found |= {(table["name"], word) for word in words if word in text}
    return found


async def test_nothing_that_a_guest_wrote_stands_in_plain_text(
    staff: httpx.AsyncClient, guest: httpx.AsyncClient, speaking_runtime: Runtime
) -> None:
    await _ordered(staff, guest, speaking_runtime)

    assert await _standing(speaking_runtime, *WORDS) == set()


async def test_a_guest_is_handed_all_and_then_forgotten(
    staff: httpx.AsyncClient, guest: httpx.AsyncClient, speaking_runtime: Runtime
) -> None:
    """Their order goes with its run; the voice that an equal order has stays with that."""
    owner, taken = await _ordered(staff, guest, speaking_runtime)
    known = await names(speaking_runtime, owner, frozenset({GUEST}))
    subject = Subject(owner, known | {GUEST})
    files = {}
    async for file in export(speaking_runtime, subject):
        files[file.name] = b"".join([piece async for piece in file.content])
    deleted = await erase(speaking_runtime, subject)
    first, second = [await guest.get(each["polling_url"]) for each in taken]
    voice = await guest.get(second.json()["voice_url"])
    runs = await speaking_runtime.db.fetch(
        "select 1 from platform.runs where name = 'orders.process'"
    )

    assert WORDS[0] in files["orders/orders.json"].decode()
    assert len([name for name in files if name.endswith(".m4a")]) == 3
    assert deleted >= 1
    assert (first.status_code, second.status_code, voice.status_code) == (404, 200, 200)
    assert len(runs) == 1


async def test_the_last_order_with_a_voice_takes_it_along(
    staff: httpx.AsyncClient, guest: httpx.AsyncClient, speaking_runtime: Runtime
) -> None:
    owner, _ = await _ordered(staff, guest, speaking_runtime)
    blobs = [
        row["blob"] for row in await speaking_runtime.db.fetch("select blob from orders.recordings")
    ]
    await erase(speaking_runtime, Subject(owner))
    left = [await speaking_runtime.blobs.has(owner, each) for each in blobs]
    rows = await speaking_runtime.db.fetch(
        "select 1 from orders.orders union all select 1 from orders.recordings"
        " union all select 1 from orders.shops union all select 1 from orders.shop_names"
    )

    assert blobs
    assert not any(left)
    assert rows == []


async def test_nothing_of_an_owners_shop_is_left_in_any_table(
    staff: httpx.AsyncClient, guest: httpx.AsyncClient, speaking_runtime: Runtime
) -> None:
    """Copies for the next guests go too; the cache keeps for two hours that they were forgotten."""
    owner, _ = await _ordered(staff, guest, speaking_runtime)
    shop = await speaking_runtime.db.fetchrow("select id::text, slug from orders.shops")
    assert shop is not None
    copies = "select key from platform.cached_values where blob is not null and namespace ~ $1"
    before = await speaking_runtime.db.fetch(copies, "^orders")
    await erase(speaking_runtime, Subject(owner))
    tables = {table for table, _ in await _standing(speaking_runtime, shop["id"], shop["slug"])}

    assert {row["key"].partition(":")[0] for row in before} == {"orders_menu", "orders_shop"}
    assert await speaking_runtime.db.fetch(copies, "^orders") == []
    assert tables <= {"platform.audit", "platform.cached_values", "platform.cache_fences"}
