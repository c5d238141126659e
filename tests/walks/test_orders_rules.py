"""What a shop takes, and what it refuses with the place that is wrong."""

import asyncio
from typing import Any

import httpx
import pytest
from ordering import NOODLES, SEED_BODY, SHOP, open_shop, order, place

from forthwith.platform.db import Database
from forthwith.platform.runtime import Runtime

QUICK = "/api/v1/orders/quick"


def _line(**changes: Any) -> dict[str, Any]:
    line = {"menu_item_id": "beef-noodles", "options": ["large"], "quantity": 2, "price": 160}
    return {**line, **changes}


async def _refused(guest: httpx.AsyncClient, body: dict[str, Any]) -> set[str]:
    """The places that an answer of 422 names."""
    answer = await guest.post(QUICK, json=body)
    assert answer.status_code == 422, answer.text
    return {each["pointer"] for each in answer.json()["errors"]}


@pytest.fixture
async def shop(staff: httpx.AsyncClient) -> dict[str, Any]:
    """The noodle shop, open."""
    return await open_shop(staff)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"menu_item_id": "pizza"}, "#/items/0/menu_item_id"),
        ({"menu_item_id": None, "item_name": "Pizza"}, "#/items/0/item_name"),
        ({"menu_item_id": None}, "#/items/0"),
        ({"quantity": 0}, "#/items/0/quantity"),
        ({"quantity": 1_000}, "#/items/0/quantity"),
        ({"quantity": "2"}, "#/items/0/quantity"),
        ({"price": -160}, "#/items/0/price"),
        ({"price": 159}, "#/items/0/price"),
        ({"price": 160.5}, "#/items/0/price"),
        ({"options": ["huge"]}, "#/items/0/options/0"),
        ({"options": ["large", "large"]}, "#/items/0/options"),
        ({"menu_item_id": "milk-tea", "options": [], "price": 60}, "#/items/0/options"),
        (
            {"menu_item_id": "milk-tea", "options": ["half", "none"], "price": 60},
            "#/items/0/options",
        ),
    ],
)
async def test_a_wrong_line_is_refused_with_its_place(
    guest: httpx.AsyncClient, changes: dict[str, Any], pointer: str
) -> None:
    assert await _refused(guest, order(items=[_line(**changes)])) == {pointer}


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"total_amount": 319}, "#/total_amount"),
        ({"shop": "nobodys-shop"}, "#/shop"),
        ({"shop": None}, "#"),
        ({"items": []}, "#/items"),
        ({"language": "fr"}, "#/language"),
        ({"tip": 10}, "#/tip"),
    ],
)
async def test_a_wrong_order_is_refused_with_its_place(
    guest: httpx.AsyncClient, changes: dict[str, Any], pointer: str
) -> None:
    places = await _refused(guest, order(**changes))

    assert {each.rstrip("/") for each in places} == {pointer}


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("name", ["紅燒牛肉麵", "braised  BEEF noodles", "牛肉麺", "우육면"])
async def test_a_dish_may_be_named_in_any_language_of_the_menu(
    guest: httpx.AsyncClient, name: str
) -> None:
    body = {"store_name": "lin's noodles", "items": [{"item_name": name, "quantity": 3}]}
    taken = await place(guest, body)
    status = (await guest.get(taken["polling_url"])).json()

    assert (status["verified"], status["shop"], status["total"]) == (True, "lin-noodles", 420)
    assert status["items"][0]["chinese"] == "紅燒牛肉麵"


@pytest.mark.usefixtures("shop")
async def test_a_known_shop_is_asked_for_its_prices_also_by_its_name(
    guest: httpx.AsyncClient,
) -> None:
    """The guest's own price is not believed where there is a menu."""
    line = {"item_name": "紅燒牛肉麵", "price": 1, "quantity": 1}

    assert await _refused(guest, {"store_name": "林家麵館", "items": [line]}) == {"#/items/0/price"}


async def test_at_an_unknown_shop_the_guests_prices_hold(guest: httpx.AsyncClient) -> None:
    items = [
        {"item_name": "蛋餅", "price": 35, "quantity": 2},
        {"item_name": "豆漿", "price": 20, "quantity": 1},
    ]
    taken = await place(guest, {"store_name": "巷口早餐", "items": items})
    status = (await guest.get(taken["polling_url"])).json()

    assert (status["verified"], status["shop"], status["total"]) == (False, None, 90)
    assert status["total_text"] == "NT$90"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"price": None}, "#/items/0/price"),
        ({"price": 10.5}, "#/items/0/price"),
        ({"item_name": None, "menu_item_id": "x"}, "#/items/0/item_name"),
        ({"options": ["large"]}, "#/items/0/options"),
        ({"item_name": "\u202e \n"}, "#/items/0/item_name"),
    ],
)
async def test_at_an_unknown_shop_a_line_needs_a_name_and_a_price(
    guest: httpx.AsyncClient, changes: dict[str, Any], pointer: str
) -> None:
    line = {"item_name": "蛋餅", "price": 35, "quantity": 1, **changes}

    assert await _refused(guest, {"store_name": "巷口早餐", "items": [line]}) == {pointer}


async def test_dollars_of_elsewhere_have_cents(guest: httpx.AsyncClient) -> None:
    """Sums of binary fractions are right to the cent."""
    items = [{"item_name": "Soup", "price": 0.1, "quantity": 3}]
    body = {"store_name": "Corner", "items": items, "currency": "USD", "total_amount": 0.1 * 3}
    taken = await place(guest, body)
    status = (await guest.get(taken["polling_url"])).json()

    assert (status["total"], status["total_text"]) == (0.3, "US$0.30")


async def test_a_closed_shop_takes_no_order_until_it_opens(
    staff: httpx.AsyncClient, guest: httpx.AsyncClient
) -> None:
    """Each change holds from the very next order on."""
    await open_shop(staff)
    await place(guest)
    await staff.patch("/api/v1/orders/shops/lin-noodles", json={"is_open": False})
    places = await _refused(guest, order())
    await staff.patch("/api/v1/orders/shops/lin-noodles", json={"is_open": True})

    assert places == {"#/shop"}
    await place(guest)


async def test_a_sold_out_dish_is_refused(
    staff: httpx.AsyncClient, guest: httpx.AsyncClient
) -> None:
    sold_out = {**NOODLES, "is_available": False}
    sections = [{"id": "all", "names": {"en": "All"}, "items": [sold_out]}]
    await open_shop(staff, sections=sections)

    assert await _refused(guest, order()) == {"#/items/0"}


async def test_no_process_gives_an_old_price_after_an_edit(
    staff: httpx.AsyncClient, guest: httpx.AsyncClient, speaking_runtime: Runtime
) -> None:
    """Edited behind this process's back, as by another whose notice was lost."""
    await open_shop(staff)
    await place(guest)
    await staff.put("/api/v1/orders/shops/lin-noodles/menu", json={"sections": _dearer()})
    now = await speaking_runtime.db.fetchrow("select version, menu from orders.shops")
    assert now is not None
    await speaking_runtime.db.execute("update orders.shops set version = version + 1")
    line = _line(price=180)
    answer = await guest.post(QUICK, json=order(items=[line], total_amount=360))

    assert answer.status_code == 202
    assert await _refused(guest, order()) == {"#/items/0/price"}


def _dearer() -> list[dict[str, Any]]:
    noodles = {**NOODLES, "price": 160}
    return [{"id": "all", "names": {"en": "All"}, "items": [noodles]}]


@pytest.mark.usefixtures("shop")
async def test_a_double_tap_is_one_order(guest: httpx.AsyncClient) -> None:
    """The key makes it one, also when the shop has closed in between."""
    key = {"Idempotency-Key": "0d2b4f9e-7a55-4f0e-9c3e-b7c1f2a4d6e8"}
    first = await guest.post(QUICK, json=order(), headers=key)
    second = await guest.post(QUICK, json=order(), headers=key)
    other = await guest.post(QUICK, json=order(note="no onions"), headers=key)

    assert second.json()["order_id"] == first.json()["order_id"]
    assert second.headers["idempotency-replayed"] == "true"
    assert other.status_code == 422


@pytest.mark.usefixtures("shop")
async def test_two_taps_at_the_same_moment_are_one_order(
    guest: httpx.AsyncClient, db: Database
) -> None:
    key = {"Idempotency-Key": "1f0e6c1a-3f53-4a8f-8f0a-0a53cf0e2a11"}
    taps = [guest.post(QUICK, json=order(), headers=key) for _ in range(8)]
    answers = await asyncio.gather(*taps)
    rows = await db.fetch("select 1 from orders.orders")

    assert {each.status_code for each in answers} == {202}
    assert len({each.json()["order_id"] for each in answers}) == 1
    assert len(rows) == 1


@pytest.mark.usefixtures("shop")
async def test_two_guests_behind_one_address_who_order_the_same_have_two_orders(
    guest: httpx.AsyncClient,
) -> None:
    """Two friends at a table: losing one's noodles would be worse than cooking them twice."""
    first, second = await place(guest), await place(guest)

    assert first["order_id"] != second["order_id"]


@pytest.mark.usefixtures("shop")
async def test_a_key_that_could_be_guessed_is_refused(guest: httpx.AsyncClient) -> None:
    answer = await guest.post(QUICK, json=order(), headers={"Idempotency-Key": "1"})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b'{"items": 7}', b'{"store_name":"x"', b"\xff"]
)
async def test_what_is_no_order_is_refused(guest: httpx.AsyncClient, body: bytes) -> None:
    answer = await guest.post(QUICK, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_order_comes_as_json(guest: httpx.AsyncClient) -> None:
    answer = await guest.post(QUICK, data={"store_name": "x"})

    assert answer.status_code == 415


async def test_the_described_order_is_the_one_that_is_taken(guest: httpx.AsyncClient) -> None:
    """With its lines in place: what is read by hand must not be forgotten in the description."""
    described = (await guest.get("/openapi.json")).json()["paths"]["/api/v1/orders/quick"]["post"]
    schema = described["requestBody"]["content"]["application/json"]["schema"]

    assert "quantity" in schema["properties"]["items"]["items"]["properties"]
    assert "$ref" not in str(schema)


async def test_a_name_or_slug_is_one_shops(staff: httpx.AsyncClient) -> None:
    await open_shop(staff)
    same_slug = await staff.post("/api/v1/orders/shops", json={**SHOP, "names": {"en": "Other"}})
    same_name = await staff.post("/api/v1/orders/shops", json={**SHOP, "slug": "other"})

    assert [same_slug.status_code, same_name.status_code] == [409, 409]
    assert (await staff.get("/api/v1/orders/shops/other")).status_code == 404


async def test_of_two_edits_at_once_none_is_lost(staff: httpx.AsyncClient) -> None:
    opened = await open_shop(staff)
    edit = {"sections": _dearer(), "version": opened["version"]}
    first = await staff.put("/api/v1/orders/shops/lin-noodles/menu", json=edit)
    second = await staff.put("/api/v1/orders/shops/lin-noodles/menu", json=edit)

    assert [first.status_code, second.status_code] == [200, 409]


async def test_a_menu_that_contradicts_itself_is_refused_with_its_places(
    staff: httpx.AsyncClient,
) -> None:
    choice = {**NOODLES["choices"][0], "least": 2, "most": 1}
    dish = {**NOODLES, "price": 10.5, "choices": [choice]}
    section = {"id": "all", "names": {"en": "All"}, "items": [dish, NOODLES]}
    answer = await staff.post("/api/v1/orders/shops", json={**SHOP, "sections": [section]})
    places = {each["pointer"] for each in answer.json()["errors"]}

    assert answer.status_code == 422
    assert {"#/sections", "#/sections/0/items/0/price"} <= places
    assert "#/sections/0/items/0/choices/0/most" in places


async def test_a_menu_comes_back_as_it_was_sent(staff: httpx.AsyncClient) -> None:
    opened = await open_shop(staff)
    kept = (await staff.get("/api/v1/orders/shops/lin-noodles/menu")).json()["data"]
    again = await staff.put(
        "/api/v1/orders/shops/lin-noodles/menu", json={"sections": kept["sections"]}
    )

    assert kept == opened
    assert again.json()["data"]["sections"] == kept["sections"]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("language", "name", "dish"),
    [
        ("zh-TW", "林家麵館", "紅燒牛肉麵"),
        ("en", "Lin's Noodles", "Braised beef noodles"),
        ("ja", "林さんの麺", "牛肉麺"),
        ("ko", "린네 국수", "우육면"),
    ],
)
async def test_a_guest_reads_the_menu_in_their_language(
    guest: httpx.AsyncClient, language: str, name: str, dish: str
) -> None:
    url = f"/api/v1/orders/shops/lin-noodles?language={language}"
    answer = await guest.get(url)
    again = await guest.get(url, headers={"If-None-Match": answer.headers["etag"]})
    shop = answer.json()["data"]

    assert (shop["name"], shop["sections"][0]["items"][0]["name"]) == (name, dish)
    assert shop["languages"] == ["zh-TW", "en", "ja", "ko"]
    assert again.status_code == 304


async def test_hostile_words_are_kept_as_words(guest: httpx.AsyncClient) -> None:
    """Nothing that a guest writes is code, a new line or a turn of the text."""
    hostile = "<script>alert(1)</script>'; drop table orders.orders; --\u202e\nABC\x00"
    body = {**SEED_BODY, "note": hostile, "table": "{{7*7}}"}
    taken = await place(guest, body)
    answer = await guest.get(taken["polling_url"])

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
