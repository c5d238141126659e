"""What guests and the counter read and hear: templates around the menu's own names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from forthwith.apps.orders import money
from forthwith.apps.orders.carts import Cart, Line
from forthwith.apps.orders.menus import Language
from forthwith.apps.orders.schemas import Summary

_SPOKEN_LENGTH: Final = 900
"""A voice takes a thousand characters; numbers grow when they become words."""


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language."""

    total: str
    table: str
    note: str
    colon: str
    brackets: tuple[str, str]
    comma: str
    stages: Mapping[str, str]
    ordered: str


_CODES: Final = (
    *("waiting", "summarising", "speaking", "finishing"),
    *("completed", "failed", "cancelled"),
)


def _stages(*texts: str) -> Mapping[str, str]:
    return dict(zip(_CODES, texts, strict=True))


WORDS: Final[Mapping[Language, Words]] = {
    Language.CHINESE: Words(
        *("合計", "桌號", "備註", "：", ("（", "）"), "、"),
        _stages(
            *("已收到訂單", "正在整理訂單", "正在產生語音", "快好了"),
            *("完成", "處理失敗", "已取消"),
        ),
        "您的訂單",
    ),
    Language.ENGLISH: Words(
        *("Total", "Table", "Note", ": ", (" (", ")"), ", "),
        _stages(
            *("Order received", "Writing your order in Chinese"),
            *("Speaking your order in Chinese", "Almost there"),
            *("Ready", "It did not work", "Cancelled"),
        ),
        "Your order",
    ),
    Language.JAPANESE: Words(
        *("合計", "テーブル", "備考", "：", ("（", "）"), "、"),
        _stages(
            *("注文を受け付けました", "注文を中国語にしています", "中国語の音声を作っています"),
            *("もうすぐです", "完了", "処理できませんでした", "キャンセルしました"),
        ),
        "ご注文",
    ),
    Language.KOREAN: Words(
        *("합계", "테이블", "메모", ": ", (" (", ")"), ", "),
        _stages(
            *("주문을 받았습니다", "주문을 중국어로 옮기는 중", "중국어 음성을 만드는 중"),
            *("거의 다 됐습니다", "완료", "처리하지 못했습니다", "취소되었습니다"),
        ),
        "주문 내역",
    ),
}


def order_number(number: int) -> str:
    """The number that is called out: A-001 to A-999, then B-001."""
    letter, digits = divmod(number - 1, 999)
    return f"{chr(ord('A') + letter % 26)}-{digits + 1:03}"


def summary(cart: Cart, number: int) -> Summary:
    """The order in words, for the counter and for the guest."""
    return Summary(_listed(cart, number, Language.CHINESE), _listed(cart, number, cart.language))


def dish_name(line: Line, language: Language) -> str:
    """A dish with its options: `紅燒牛肉麵（大碗）`."""
    name = line.names.into(language)
    if not line.options:
        return name
    words = WORDS[language]
    opening, closing = words.brackets
    options = words.comma.join(each.into(language) for each in line.options)
    return f"{name}{opening}{options}{closing}"


def spoken_order(cart: Cart) -> str:
    """What a guest would say at the counter, in Chinese."""
    said = "".join(f"{_said(line)}。" for line in cart.lines)
    if len(said) > _SPOKEN_LENGTH:
        pieces = sum(line.quantity for line in cart.lines)
        said = f"一共{len(cart.lines)}種餐點，{pieces}份，請看螢幕上的訂單。"
    table = f"桌號{cart.table}。" if cart.table else ""
    total = money.spoken(cart.total, cart.currency)
    return f"您好，我要點餐。{said}{table}一共{total}。謝謝。"


def _said(line: Line) -> str:
    names = (line.names, *line.options)
    dish = "，".join(each.into(Language.CHINESE) for each in names)
    return f"{dish}，{line.quantity}{line.unit}"


def _listed(cart: Cart, number: int, language: Language) -> str:
    words = WORDS[language]
    rows = [f"{cart.shop_name.into(language)} {order_number(number)}"]
    rows += [_row(line, cart.currency, language) for line in cart.lines]
    rows.append(f"{words.total}{words.colon}{money.text(cart.total, cart.currency)}")
    if cart.table:
        rows.append(f"{words.table}{words.colon}{cart.table}")
    if cart.note:
        rows.append(f"{words.note}{words.colon}{cart.note}")
    return "\n".join(rows)


def _row(line: Line, currency: str, language: Language) -> str:
    amount = money.text(line.amount, currency)
    return f"{dish_name(line, language)} ×{line.quantity}  {amount}"
