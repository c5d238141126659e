"""Paths that let in by themselves do not stand in logs."""

import httpx
import pytest

ORDER = {"store_name": "路邊攤", "items": [{"item_name": "茶", "price": 30, "quantity": 1}]}


async def test_the_id_of_an_order_is_never_logged(
    guest: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = await guest.post("/api/v1/orders/quick", json=ORDER)
    order = answer.json()["order_id"]
    for path in (f"status/{order}", f"{order}/cancel"):
        await guest.request("POST" if "cancel" in path else "GET", f"/api/orders/{path}")
    await guest.get(f"/api/v1/orders/voice/{order}")
    said = "".join(capfd.readouterr())

    assert answer.status_code == 202
    assert "/orders/status/{order_id}" in said
    assert order not in said


async def test_other_paths_are_logged_as_they_are(
    staff: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    await staff.get("/api/v1/cards/01932c5e-7b1a-7c3e-9a51-0a8f2f3b4c5d")

    assert "/api/v1/cards/01932c5e-7b1a-7c3e-9a51-0a8f2f3b4c5d" in "".join(capfd.readouterr())
