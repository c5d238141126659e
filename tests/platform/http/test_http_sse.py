import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.platform.http import ServerSentEvent, last_event_id


@pytest.mark.parametrize(
    ("header", "after"),
    [
        (None, 0),
        ("", 0),
        ("0", 0),
        ("7", 7),
        ("-1", 0),
        ("1.5", 0),
        ("seven", 0),
        ("７", 0),
        ("²", 0),
        (" 7", 0),
        ("9" * 64, 2**31 - 1),
        ("\xff", 0),
    ],
)
def test_a_last_event_id_is_a_number_or_the_beginning(header: str | None, after: int) -> None:
    assert last_event_id(header) == after


@given(header=st.text())
def test_no_last_event_id_breaks_the_stream_or_the_column_it_is_compared_with(header: str) -> None:
    assert 0 <= last_event_id(header) < 2**31


def test_an_event_goes_over_the_wire_as_one_block_whatever_its_data_holds() -> None:
    event = ServerSentEvent(3, "progress", {"stage": "a\nb\r\n\n王"})

    assert event.encode() == (
        'id: 3\nevent: progress\ndata: {"stage":"a\\nb\\r\\n\\n王"}\n\n'.encode()
    )
