"""What goes over HTTP as a body, checked by pydantic.

Prices are numbers in the currency's own unit (`price: 100` is NT$100, `3.5` is $3.50), as guests'
pages and the seed have them; inside they are whole minor units.
"""

import re
import unicodedata
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from forthwith.platform.http import JsonBody

LanguageCode = Literal["zh-TW", "en", "ja", "ko"]
MOST_LINES: Final = 100
MOST_PIECES: Final = 999
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


def _one_line(value: str) -> str:
    """On one line, without signs that turn the text around them."""
    return _UNSEEN.sub(" ", unicodedata.normalize("NFC", value)).strip()


def _filled(value: str) -> str:
    line = _one_line(value)
    if not line:
        raise ValueError("write something here")
    return line


Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_filled)]
Words = Annotated[str, Field(max_length=300), AfterValidator(_one_line)]
Price = Annotated[
    Decimal, Field(ge=0, le=10_000_000, allow_inf_nan=False, strict=False, examples=[100])
]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", examples=["beef-noodles"])]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$", examples=["lin-noodles"])]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["TWD"])]


class OrderedItem(JsonBody):
    """A line of an order: from the menu by id, or by name in any of the menu's languages."""

    menu_item_id: Id | None = None
    item_name: Name | None = None
    options: list[Id] = Field(default_factory=list, max_length=30)
    quantity: Annotated[int, Field(ge=1, le=MOST_PIECES)]
    price: Annotated[Price | None, Field(description="Of one piece, options included.")] = None

    @model_validator(mode="after")
    def _is_named(self) -> "OrderedItem":
        if self.menu_item_id is None and self.item_name is None:
            raise ValueError("needs a menu_item_id or an item_name")
        return self


class QuickOrder(JsonBody):
    """An order: at a shop we know (`shop`, its slug), or anywhere (`store_name`)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "store_name": "測試店家",
                    "items": [{"item_name": "測試商品", "price": 100, "quantity": 1}],
                    "total_amount": 100,
                }
            ]
        }
    )

    shop: Slug | None = None
    store_name: Name | None = None
    items: Annotated[list[OrderedItem], Field(min_length=1, max_length=MOST_LINES)]
    total_amount: Price | None = None
    currency: Annotated[Currency | None, Field(description="At shops nobody knows.")] = None
    language: Annotated[LanguageCode, Field(description="What the guest reads.")] = "zh-TW"
    guest_name: Annotated[Words | None, Field(max_length=40)] = None
    table: Annotated[Words | None, Field(max_length=20)] = None
    note: Words | None = None
    line_id_token: Annotated[
        str | None, Field(max_length=4_000, description="What liff.getIDToken() gave.")
    ] = None

    @model_validator(mode="after")
    def _is_somewhere(self) -> "QuickOrder":
        if self.shop is None and self.store_name is None:
            raise ValueError("needs a shop (its slug) or a store_name")
        return self


def quick_order_schema() -> dict[str, Any]:
    """`openapi_extra` of the route that reads a `QuickOrder` itself; nothing is referred to."""
    schema = QuickOrder.model_json_schema()
    defined = schema.pop("$defs")
    schema["properties"]["items"]["items"] = defined[OrderedItem.__name__]
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


class NamesBody(JsonBody):
    """A name in one or more languages."""

    model_config = ConfigDict(populate_by_name=True)

    chinese: Annotated[Name | None, Field(alias="zh-TW", examples=["紅燒牛肉麵"])] = None
    english: Annotated[Name | None, Field(alias="en", examples=["Braised beef noodles"])] = None
    japanese: Annotated[Name | None, Field(alias="ja")] = None
    korean: Annotated[Name | None, Field(alias="ko")] = None

    @model_validator(mode="after")
    def _is_not_empty(self) -> "NamesBody":
        if not any((self.chinese, self.english, self.japanese, self.korean)):
            raise ValueError("needs a name in one language at least")
        return self


class OptionBody(JsonBody):
    """An option of a dish, and what it costs beyond it."""

    id: Id
    names: NamesBody
    price: Price = Decimal(0)


class ChoiceBody(JsonBody):
    """Options of which a guest takes from `least` to `most`."""

    id: Id
    names: NamesBody
    options: Annotated[list[OptionBody], Field(min_length=1, max_length=50)]
    least: Annotated[int, Field(ge=0, le=50)] = 0
    most: Annotated[int, Field(ge=1, le=50)] = 1


class DishBody(JsonBody):
    """A dish."""

    id: Id
    names: NamesBody
    price: Price
    unit: Annotated[str, Field(min_length=1, max_length=4, description="碗, 杯, 份 ...")] = "份"
    is_available: bool = True
    choices: list[ChoiceBody] = Field(default_factory=list, max_length=20)


class SectionBody(JsonBody):
    """A part of the menu."""

    id: Id
    names: NamesBody
    items: list[DishBody] = Field(default_factory=list, max_length=300)


Sections = Annotated[list[SectionBody], Field(max_length=50)]


class MenuBody(JsonBody):
    """A whole menu; with `version` it replaces that one only, so that no edit is lost."""

    sections: Sections
    version: int | None = None


class ShopBody(JsonBody):
    """A new shop, with its menu or without."""

    slug: Slug
    names: NamesBody
    currency: Currency = "TWD"
    timezone: Annotated[str, Field(max_length=64)] = "Asia/Taipei"
    is_open: bool = True
    sections: Sections = Field(default_factory=list)


class ShopChange(JsonBody):
    """What is to be another from now on; the rest stays."""

    names: NamesBody | None = None
    is_open: bool | None = None
