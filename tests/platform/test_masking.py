import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.platform.masking import KINDS, Kind, mask, masked

HIDEABLE = st.text(min_size=1).filter(lambda value: set(value) != {"*"})


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        ("annabel@example.com", Kind.EMAIL, "a***@***.com"),
        ("ann@example.com", Kind.EMAIL, "***@***.com"),
        ("no address at all", Kind.EMAIL, "***"),
        ("0912345678", Kind.PHONE, "***78"),
        ("1234567", Kind.PHONE, "***"),
        ("A123456789", Kind.ID_NUMBER, "***89"),
        ("王小明", Kind.NAME, "***"),
        ("王明", Kind.NAME, "**"),
        ("Annabel", Kind.NAME, "A***"),
        ("fw_0123456789012345678901234567890123456789012", Kind.TOKEN, "***"),
        ("台北市信義路五段7號", Kind.ADDRESS, "***"),
        ("Ann said so.", Kind.TEXT, "***"),
        ("", Kind.NAME, ""),
    ],
)
def test_a_value_is_hidden_by_its_kind(value: str, kind: Kind, shown: str) -> None:
    assert mask(value, kind) == shown


@given(value=HIDEABLE, kind=st.sampled_from(Kind))
def test_a_masked_value_is_never_whole_and_never_longer(value: str, kind: Kind) -> None:
    shown = mask(value, kind)

    assert shown != value
    assert len(shown) <= len(value)


@given(local=st.from_regex(r"[a-z.]{1,20}", fullmatch=True), kind=st.sampled_from(Kind))
def test_of_an_address_no_two_letters_of_the_mailbox_are_shown(local: str, kind: Kind) -> None:
    shown = mask(f"{local}@example.com", kind)

    assert len(shown.partition("@")[0].replace("*", "")) <= 2


@given(value=st.text(max_size=7), kind=st.sampled_from([Kind.PHONE, Kind.ID_NUMBER, Kind.TOKEN]))
def test_of_a_short_number_nothing_is_shown(value: str, kind: Kind) -> None:
    assert set(mask(value, kind)) <= {"*"}


def test_a_record_is_masked_however_deep_its_members_are() -> None:
    record = {"fields": 3, "card": {"name": "王小明", "phones": [{"phone": "0912345678"}]}}

    assert masked(record) == {"fields": 3, "card": {"name": "***", "phones": [{"phone": "***78"}]}}


@given(value=st.recursive(HIDEABLE, lambda inner: st.lists(inner, min_size=1), max_leaves=5))
def test_a_member_that_names_a_kind_never_shows_its_value_in_whatever_shape(
    value: object,
) -> None:
    for name in KINDS:
        assert masked({name: value})[name] != value
