import base64
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.apps.cards.errors import LinkExpired
from forthwith.apps.cards.links import LIFETIME_SECONDS, Linked, opened, sign
from forthwith.platform import clock
from forthwith.platform.crypto import Codec

CODEC = Codec([bytes(32)])
LINKED = Linked(UUID(int=1), UUID(int=2), 3)


def test_a_link_opens_the_contact_it_was_made_for() -> None:
    assert opened(CODEC, sign(CODEC, LINKED)) == LINKED


def test_a_link_is_too_old_after_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    token, made_at = sign(CODEC, LINKED), clock.now()
    monkeypatch.setattr(clock, "now", lambda: made_at + timedelta(seconds=LIFETIME_SECONDS + 1))

    with pytest.raises(LinkExpired):
        opened(CODEC, token)


def test_a_link_of_another_deployment_does_not_open() -> None:
    with pytest.raises(LinkExpired):
        opened(Codec([bytes(31) + b"1"]), sign(CODEC, LINKED))


@given(st.text(max_size=200))
def test_no_other_text_opens_anything(token: str) -> None:
    with pytest.raises(LinkExpired):
        opened(CODEC, token)


@given(st.integers(0, 40), st.integers(1, 255))
def test_a_changed_link_does_not_open(at: int, change: int) -> None:
    token = bytearray(base64.urlsafe_b64decode(sign(CODEC, LINKED)))
    token[at] ^= change

    with pytest.raises(LinkExpired):
        opened(CODEC, base64.urlsafe_b64encode(bytes(token)).decode())
