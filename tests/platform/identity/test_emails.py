"""E-mail addresses: one form for one mailbox, refused when they are none."""

import pytest

from forthwith.platform.errors import Unprocessable
from forthwith.platform.identity.emails import normalised


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Ann@Example.COM", "ann@example.com"),
        ("ann@xn--mnchen-3ya.de", "ann@münchen.de"),
        ("ann@MÜNCHEN.de", "ann@münchen.de"),
        ("小明@例え.jp", "小明@例え.jp"),
        ("ann+cards@example.com", "ann+cards@example.com"),
        ("\u212aevin@example.com", "kevin@example.com"),  # the sign of the kelvin is a K
    ],
)
def test_what_means_one_mailbox_becomes_one_text(given: str, kept: str) -> None:
    assert normalised(given) == kept


@pytest.mark.parametrize(
    "other", ["\u0430nn@example.com", "ann@ex\u0430mple.com", "stra\u00dfe@x.de", "ann.@x.de "]
)
def test_what_only_looks_alike_is_another_mailbox_or_none(other: str) -> None:
    """A Cyrillic letter, or a sharp s, which is no `ss`."""
    try:
        found = normalised(other)
    except Unprocessable:
        return
    assert found not in {"ann@example.com", "strasse@x.de", "ann@x.de"}


@pytest.mark.parametrize(
    "text",
    [
        *("", "ann", "ann@", "@example.com", "ann@localhost", "ann@example", "a b@example.com"),
        *("ann@example.com\x00", "ann\r\nbcc: x@example.com", "ann@[127.0.0.1]", "ann@-x.de"),
        *("Ann <ann@example.com>", "ann@example.com,ben@example.com", "\ud800@example.com"),
        *(f"{'a' * 65}@example.com", f"ann@{'a' * 64}.com", "ann@@example.com", "a" * 10_000),
        *('"ann b"@example.com', "ann@example..com", "ann@exam\u200bple.com"),
    ],
)
def test_what_is_no_address_is_refused_at_its_place(text: str) -> None:
    with pytest.raises(Unprocessable) as refusal:
        normalised(text, "query/email")

    assert refusal.value.faults[0].pointer == "query/email"
