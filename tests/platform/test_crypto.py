import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.platform.crypto import (
    Codec,
    SealBroken,
    key_id_of,
    load_or_make_keys,
    parse_keys,
    place,
)

OLD, NEW = b"o" * 32, b"n" * 32
AT = place("cards.cards", "reading", "1")
_MAKE_KEY = """
import sys, pathlib
from forthwith.platform.crypto import load_or_make_keys
print(load_or_make_keys(pathlib.Path(sys.argv[1]))[0].hex())
"""


@given(value=st.binary(max_size=2_000), row=st.text())
def test_what_is_sealed_for_a_place_opens_there(value: bytes, row: str) -> None:
    at = place("table", "column", row)

    sealed = Codec([OLD]).seal_bytes(value, at)

    assert Codec([OLD]).open_bytes(sealed, at) == value
    assert len(sealed) == len(value) + 33


def test_values_come_back_with_their_types() -> None:
    codec = Codec([OLD])

    opened = codec.open(codec.seal({"names": ["王小明", "Ann"]}, AT), AT, dict[str, list[str]])

    assert opened == {"names": ["王小明", "Ann"]}


@pytest.mark.parametrize(
    "elsewhere",
    [
        place("other.cards", "reading", "1"),
        place("cards.cards", "photo", "1"),
        place("cards.cards", "reading", "2"),
    ],
    ids=["another table", "another column", "another row"],
)
def test_a_value_that_was_moved_does_not_open(elsewhere: bytes) -> None:
    codec = Codec([OLD])

    with pytest.raises(SealBroken):
        codec.open_bytes(codec.seal_bytes(b"Ann", AT), elsewhere)


@given(at=st.integers(min_value=0, max_value=35), flip=st.integers(min_value=1, max_value=255))
def test_one_changed_byte_anywhere_breaks_the_seal(at: int, flip: int) -> None:
    codec = Codec([OLD])
    sealed = bytearray(codec.seal_bytes(b"Ann", AT))
    sealed[at] ^= flip

    with pytest.raises(SealBroken):
        codec.open_bytes(bytes(sealed), AT)


@given(length=st.integers(min_value=0, max_value=35))
def test_a_value_cut_short_does_not_open(length: int) -> None:
    codec = Codec([OLD])

    with pytest.raises(SealBroken):
        codec.open_bytes(codec.seal_bytes(b"Ann", AT)[:length], AT)


def test_a_value_of_an_unknown_key_does_not_open() -> None:
    with pytest.raises(SealBroken):
        Codec([NEW]).open_bytes(Codec([OLD]).seal_bytes(b"Ann", AT), AT)


def test_values_sealed_together_open_each_at_its_place_with_a_nonce_of_its_own() -> None:
    codec = Codec([OLD])
    elsewhere = place("cards.cards", "reading", "2")

    parts = codec.seal_parts([(b"one", AT), (b"two", elsewhere)])
    sealed = [b"".join(each) for each in parts]

    assert codec.open_bytes(sealed[0], AT) == b"one"
    assert codec.open_bytes(sealed[1], elsewhere) == b"two"
    assert len({header for header, _ in parts}) == 2


def test_after_rotation_old_values_open_and_new_ones_need_the_new_key() -> None:
    rotated = Codec([NEW, OLD])

    assert rotated.open_bytes(Codec([OLD]).seal_bytes(b"Ann", AT), AT) == b"Ann"
    assert Codec([NEW]).open_bytes(rotated.seal_bytes(b"Ann", AT), AT) == b"Ann"


def test_equal_values_are_sealed_differently() -> None:
    codec = Codec([OLD])

    assert codec.seal_bytes(b"Ann", AT) != codec.seal_bytes(b"Ann", AT)


def test_a_blind_index_is_equal_only_for_same_key_purpose_and_value() -> None:
    index = Codec([OLD]).blind_index("ann@example.com", "mail")

    assert Codec([OLD]).blind_index("ann@example.com", "mail") == index
    assert Codec([OLD]).blind_index("ann@example.com", "phone") != index
    assert Codec([OLD]).blind_index("bob@example.com", "mail") != index
    assert Codec([NEW]).blind_index("ann@example.com", "mail") != index


def test_look_ups_of_before_find_their_rows_while_a_new_key_seals() -> None:
    """The oldest key of the ring indexes until the deployment's own index key is handed in."""
    index = Codec([OLD]).blind_index("ann@example.com", "mail")

    assert Codec([NEW, OLD]).blind_index("ann@example.com", "mail") == index


def test_with_the_deployments_index_key_look_ups_outlive_the_old_key() -> None:
    before, after = Codec([OLD]), Codec([NEW])
    after.index_key = before.index_key

    assert after.blind_index("Ann", "name") == before.blind_index("Ann", "name")


def test_a_sealed_value_tells_which_key_sealed_it() -> None:
    rotated = Codec([NEW, OLD])
    sealed = Codec([OLD]).seal_bytes(b"Ann", AT)

    assert key_id_of(sealed) == Codec([OLD]).key_id
    assert rotated.key_ids == (Codec([NEW]).key_id, Codec([OLD]).key_id)
    assert rotated.seal_bytes(b"Ann", AT).startswith(rotated.marks[0])


def test_a_codec_refuses_to_be_without_key_or_with_a_short_one() -> None:
    with pytest.raises(ValueError, match="at least one key"):
        Codec([])
    with pytest.raises(ValueError, match="32 bytes"):
        Codec([b"short"])


def test_keys_are_read_from_the_setting_the_sealing_one_first() -> None:
    assert parse_keys(f"{NEW.hex()}, {OLD.hex()}") == [NEW, OLD]


@pytest.mark.parametrize("text", ["5ecret", "5ecre7" * 11, "aabb", f"{'5a' * 32},aabb"])
def test_a_wrong_key_setting_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="ENCRYPTION_KEY must be 64 hex digits") as refusal:
        parse_keys(text)

    assert text not in str(refusal.value)


def test_eight_racing_processes_make_one_key_file_of_mode_0600(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "encryption.key"
    command = [sys.executable, "-c", _MAKE_KEY, str(path)]
    racers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(8)]

    keys = {racer.communicate(timeout=50)[0].strip() for racer in racers}

    assert keys == {path.read_text()}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["encryption.key"]  # noqa: PTH208 - names are the point


def test_the_key_file_stays_as_it_is(tmp_path: Path) -> None:
    first = load_or_make_keys(tmp_path / "key")

    assert load_or_make_keys(tmp_path / "key") == first
