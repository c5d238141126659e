"""Amounts: whole minor units inside, the currency's own unit outside."""

from decimal import Decimal
from typing import Final

_WITHOUT_MINOR_UNIT: Final = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "TWD", "UGX", "VND"}
    | {"VUV", "XAF", "XOF", "XPF"}
)
"""ISO 4217, and TWD, whose cents nobody has seen for decades."""
_OF_THOUSANDS: Final = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_SYMBOLS: Final = {"TWD": "NT$", "JPY": "¥", "KRW": "₩", "USD": "US$", "EUR": "€", "HKD": "HK$"}
_SPOKEN: Final = {
    "TWD": "元",
    "JPY": "日圓",
    "KRW": "韓元",
    "USD": "美元",
    "EUR": "歐元",
    "HKD": "港幣",
    "CNY": "人民幣",
    "GBP": "英鎊",
    "SGD": "新幣",
}
_NOISE: Final = Decimal("0.000001")
"""What sums of binary fractions are off by; anything more is another amount."""


def decimals(currency: str) -> int:
    """How many digits a price in this currency has after the point."""
    if currency in _WITHOUT_MINOR_UNIT:
        return 0
    return 3 if currency in _OF_THOUSANDS else 2


def minor(amount: Decimal, currency: str) -> int:
    """An amount in minor units. Raises ValueError for one that the currency does not have."""
    scaled = amount.scaleb(decimals(currency))
    whole = scaled.to_integral_value()
    if abs(scaled - whole) > _NOISE:
        raise ValueError(f"{currency} has {decimals(currency)} digits after the point")
    return int(whole)


def major(amount: int, currency: str) -> float:
    """The number that prices are outside; whole where the currency has no minor unit."""
    places = decimals(currency)
    return amount / 10**places if places else amount


def text(amount: int, currency: str) -> str:
    """As it is printed: `NT$1,120`, `US$3.50`, `THB 80.00`."""
    symbol = _SYMBOLS.get(currency, f"{currency} ")
    return f"{symbol}{_digits(amount, currency, ',')}"


def spoken(amount: int, currency: str) -> str:
    """As a Chinese text says it: `1120元`."""
    return f"{_digits(amount, currency, '')}{_SPOKEN.get(currency, currency)}"


def _digits(amount: int, currency: str, separator: str) -> str:
    places = decimals(currency)
    value = Decimal(amount).scaleb(-places)
    return f"{value:{separator}.{places}f}"
