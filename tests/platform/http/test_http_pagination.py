import contextlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forthwith.platform.errors import Unprocessable
from forthwith.platform.http.pagination import PageRequest, _decode, page_request


@given(identifier=st.uuids())
async def test_a_cursor_leads_back_to_the_id_it_was_made_of(identifier: UUID) -> None:
    page = PageRequest(1, None).answer([identifier, UUID(int=0)], str, lambda row: row)

    assert await page_request(1, page["next"]) == PageRequest(1, identifier)


@given(cursor=st.text(max_size=64))
def test_any_text_is_a_cursor_of_ours_or_refused(cursor: str) -> None:
    with contextlib.suppress(Unprocessable):
        assert isinstance(_decode(cursor), UUID)


def test_a_page_that_is_not_full_is_the_last() -> None:
    rows = [UUID(int=2), UUID(int=1)]

    assert PageRequest(2, None).answer(rows, str, lambda row: row)["next"] is None


def test_a_page_shows_no_more_rows_than_asked_for() -> None:
    rows = [UUID(int=3), UUID(int=2), UUID(int=1)]

    assert PageRequest(2, None).answer(rows, lambda row: row.int, lambda row: row)["items"] == [
        3,
        2,
    ]


async def test_a_nul_in_a_cursor_is_refused() -> None:
    with pytest.raises(Unprocessable):
        await page_request(1, "\0")
