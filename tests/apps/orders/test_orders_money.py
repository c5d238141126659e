"""Amounts in the units of each currency."""

from decimal import Decimal

import pytest

from forthwith.apps.orders import money


@pytest.mark.parametrize(
    ("amount", "currency", "minor", "text", "spoken"),
    [
        ("1120", "TWD", 1120, "NT$1,120", "1120元"),
        ("500", "JPY", 500, "¥500", "500日圓"),
        ("3.5", "USD", 350, "US$3.50", "3.50美元"),
        ("1.234", "KWD", 1234, "KWD 1.234", "1.234KWD"),
        ("0", "TWD", 0, "NT$0", "0元"),
    ],
)
def test_an_amount_is_printed_and_said_as_its_currency_does(
    amount: str, currency: str, minor: int, text: str, spoken: str
) -> None:
    found = money.minor(Decimal(amount), currency)

    assert found == minor
    assert money.text(found, currency) == text
    assert money.spoken(found, currency) == spoken
    assert money.major(found, currency) == float(amount)


@pytest.mark.parametrize(("amount", "currency"), [("0.5", "TWD"), ("1.005", "USD")])
def test_a_fraction_that_the_currency_does_not_have_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(ValueError, match="digits after the point"):
        money.minor(Decimal(amount), currency)


def test_what_binary_fractions_are_off_by_is_forgiven() -> None:
    assert money.minor(Decimal(str(0.1 + 0.2)), "USD") == 30
