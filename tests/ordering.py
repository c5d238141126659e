"""A noodle shop, and guests who order there."""

from typing import Any, Final

import httpx

SEED_BODY: Final = {
    "store_name": "測試店家",
    "items": [{"item_name": "測試商品", "price": 100, "quantity": 1}],
    "total_amount": 100,
}
"""As the seed's own curl sends it."""

NOODLES: Final[dict[str, Any]] = {
    "id": "beef-noodles",
    "names": {"zh-TW": "紅燒牛肉麵", "en": "Braised beef noodles", "ja": "牛肉麺", "ko": "우육면"},
    "price": 140,
    "unit": "碗",
    "choices": [
        {
            "id": "size",
            "names": {"zh-TW": "份量", "en": "Size", "ja": "サイズ", "ko": "크기"},
            "options": [
                {
                    "id": "large",
                    "names": {"zh-TW": "大碗", "en": "Large", "ja": "大盛り", "ko": "대"},
                    "price": 20,
                }
            ],
        }
    ],
}
TEA: Final[dict[str, Any]] = {
    "id": "milk-tea",
    "names": {
        "zh-TW": "珍珠奶茶",
        "en": "Bubble tea",
        "ja": "タピオカミルクティー",
        "ko": "버블티",
    },
    "price": 60,
    "unit": "杯",
    "choices": [
        {
            "id": "sugar",
            "names": {"zh-TW": "甜度", "en": "Sugar"},
            "least": 1,
            "options": [
                {"id": "half", "names": {"zh-TW": "半糖", "en": "Half sugar"}},
                {"id": "none", "names": {"zh-TW": "無糖", "en": "No sugar"}},
            ],
        }
    ],
}
SHOP: Final[dict[str, Any]] = {
    "slug": "lin-noodles",
    "names": {"zh-TW": "林家麵館", "en": "Lin's Noodles", "ja": "林さんの麺", "ko": "린네 국수"},
    "sections": [
        {
            "id": "all",
            "names": {"zh-TW": "全部", "en": "Everything", "ja": "すべて", "ko": "전체"},
            "items": [NOODLES, TEA],
        }
    ],
}


def order(**changes: Any) -> dict[str, Any]:
    """Two large bowls in English, NT$320."""
    line = {"menu_item_id": "beef-noodles", "options": ["large"], "quantity": 2, "price": 160}
    body = {"shop": "lin-noodles", "language": "en", "items": [line], "total_amount": 320}
    return {**body, **changes}


async def open_shop(api: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    """The noodle shop, opened over HTTP by its staff."""
    answer = await api.post("/api/v1/orders/shops", json={**SHOP, **changes})
    assert answer.status_code == 201, answer.text
    opened: dict[str, Any] = answer.json()["data"]
    return opened


async def place(guest: httpx.AsyncClient, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """An order that was taken; what the answer says."""
    answer = await guest.post("/api/v1/orders/quick", json=body or order())
    assert answer.status_code == 202, answer.text
    taken: dict[str, Any] = answer.json()
    return taken
