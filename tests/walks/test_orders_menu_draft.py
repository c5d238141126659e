"""A photo of a menu becomes a draft that a person confirms."""

import io

import httpx
import pytest
from ordering import open_shop
from PIL import Image, ImageDraw, ImageFont
from support import events, working

from forthwith.platform.runtime import Runtime

DRAFT = "/api/v1/orders/shops/lin-noodles/menu/draft"
pytestmark = pytest.mark.slow


def _photo(*rows: tuple[str, str]) -> bytes:
    """A menu in Pillow's own font: names on the left, prices on the right."""
    picture = Image.new("RGB", (900, 160 + 110 * len(rows)), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(44)
    for number, (name, price) in enumerate(rows):
        top = 80 + 110 * number
        draw.text((60, top), name, fill="black", font=font)
        draw.text((680, top), price, fill="black", font=font)
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


async def test_a_drafted_menu_is_put_as_it_is_and_ordered_from(
    staff: httpx.AsyncClient, guest: httpx.AsyncClient, speaking_runtime: Runtime
) -> None:
    """The photo is gone once the draft is there."""
    await open_shop(staff)
    photo = _photo(("Beef noodles", "140"), ("Bubble tea", "60"), ("Fried rice", "95"))
    answer = await staff.post(DRAFT, files={"photo": photo})
    submitted = answer.json()["data"]
    async with working(speaking_runtime):
        await events(staff, submitted["events_url"])
    run = (await staff.get(submitted["polling_url"])).json()["data"]
    sections = run["result"]["sections"]
    put = await staff.put("/api/v1/orders/shops/lin-noodles/menu", json={"sections": sections})
    line = {"item_name": "bubble tea", "quantity": 2}
    ordered = await guest.post(
        "/api/v1/orders/quick", json={"shop": "lin-noodles", "items": [line], "total_amount": 120}
    )
    blobs = speaking_runtime.settings.home.home / "blobs"

    assert answer.status_code == 202
    assert run["status"] == "succeeded"
    assert [each["price"] for each in sections[0]["items"]] == [140, 60, 95]
    assert put.status_code == 200
    assert ordered.status_code == 202
    assert not [path for path in blobs.rglob("*") if path.is_file()]


async def test_a_photo_without_prices_says_so(
    staff: httpx.AsyncClient, speaking_runtime: Runtime
) -> None:
    await open_shop(staff)
    answer = await staff.post(DRAFT, files={"photo": _photo(("Welcome", ""))})
    submitted = answer.json()["data"]
    async with working(speaking_runtime):
        await events(staff, submitted["events_url"])
    run = (await staff.get(submitted["polling_url"])).json()["data"]

    assert run["status"] == "failed"
    assert "no dishes with prices" in run["error"]["message"]


@pytest.mark.parametrize(("content", "status"), [(b"not a photo", 415), (b"", 400)])
async def test_what_is_no_photo_is_refused_at_once(
    staff: httpx.AsyncClient, content: bytes, status: int
) -> None:
    await open_shop(staff)

    assert (await staff.post(DRAFT, files={"photo": content})).status_code == status
