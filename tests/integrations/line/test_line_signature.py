"""A webhook is believed only with the signature of exactly its bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.integrations.line.signature import sign, verify

SECRET = "a channel's secret"
BODY = '{"destination":"U1","events":[],"note":"名片"}'.encode()


def test_the_signature_of_the_raw_body_is_believed() -> None:
    assert verify(SECRET, BODY, sign(SECRET, BODY))


def test_a_signature_known_from_elsewhere_is_computed_alike() -> None:
    """By: printf hello | openssl dgst -sha256 -hmac key -binary | base64."""
    assert sign("key", b"hello") == "kwezuRXvtRcf8U2MtV+8x5jGwO8UVtZt7RpqpyOli3s="


def test_the_same_json_in_other_bytes_is_not_believed() -> None:
    assert not verify(SECRET, BODY.replace(b",", b", "), sign(SECRET, BODY))


@pytest.mark.parametrize("secret", ["", "another secret"])
def test_another_secret_is_not_believed(secret: str) -> None:
    """Nor an unset one, with which everybody could sign."""
    assert not verify(secret, BODY, sign(SECRET, BODY))
    assert not verify("", BODY, sign("", BODY))


def test_no_header_is_not_believed() -> None:
    assert not verify(SECRET, BODY, None)


@given(body=st.binary(), header=st.text(st.characters(codec=None)))
def test_whatever_stands_in_the_header_is_no_signature(body: bytes, header: str) -> None:
    """Nothing of it raises: not ASCII, half characters, nothing at all."""
    assert not verify(SECRET, body, header)


@given(body=st.binary(), at=st.integers(0), flip=st.integers(1, 255))
def test_one_changed_byte_is_not_believed(body: bytes, at: int, flip: int) -> None:
    changed = bytearray(body + b"\0")
    changed[at % len(changed)] ^= flip

    assert not verify(SECRET, bytes(changed), sign(SECRET, body + b"\0"))
