"""Ids of orders and links to voices."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.apps.orders import links
from forthwith.apps.orders.errors import LinkExpired, OrderNotFound
from forthwith.apps.orders.links import Linked
from forthwith.platform import clock
from forthwith.platform.crypto import Codec

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_an_id_is_random_in_every_bit_and_safe_in_a_url() -> None:
    made = {links.new_order_id() for _ in range(1_000)}
    texts = {links.shown(each) for each in made}
    ones = 0
    zeros = 0
    for each in made:
        ones |= each.int
        zeros |= ~each.int

    assert len(texts) == 1_000
    assert all(
        len(each) == 22 and each.replace("-", "").replace("_", "").isalnum() for each in texts
    )
    assert ones == 2**128 - 1
    assert zeros & (2**128 - 1) == 2**128 - 1
    assert {links.order_of(each) for each in texts} == made


@given(st.text(max_size=40))
def test_any_other_text_is_no_order(text: str) -> None:
    try:
        order = links.order_of(text)
    except OrderNotFound:
        return

    assert links.shown(order) == text


def test_a_link_is_the_same_for_hours_and_renewed_before_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Looked at every hour for five days, no link that is given out ends within six hours."""
    given_out = []
    for hours in range(120):
        now = NOON + timedelta(hours=hours)
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        until = links.good_until(NOON)
        given_out.append(until)
        assert until - now >= timedelta(hours=6)

    assert len(set(given_out)) == 7
    assert given_out == sorted(given_out)


def test_a_link_opens_its_voice_until_it_ends(
    codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked = Linked(links.new_order_id(), 0.7)
    token = links.sign(codec, linked, clock.now() + timedelta(hours=1))
    opened = links.opened(codec, token)
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert opened == linked
    with pytest.raises(LinkExpired):
        links.opened(codec, token)


@given(st.integers(0, 54), st.sampled_from("AZaz09-_"))
def test_a_link_that_was_changed_opens_nothing(at: int, letter: str) -> None:
    codec = Codec([b"k" * 32])
    token = links.sign(codec, Linked(links.new_order_id(), 1.0), clock.now() + timedelta(hours=1))
    changed = token[:at] + letter + token[at + 1 :]
    if changed == token or len(token) <= at:
        return

    with pytest.raises(LinkExpired):
        links.opened(codec, changed)
