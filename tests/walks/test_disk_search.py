"""The search that the sealing walks rely on finds what stands there."""

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from disk_search import found_in
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NAME = "王小明 Ann@Example"
ENCODINGS = {
    "UTF-8": lambda text: text.encode(),
    "UTF-16": lambda text: text.encode("utf-16-le"),
    "percent": lambda text: quote(text).encode(),
    "JSON": lambda text: json.dumps({"name": text}).encode(),
    "hex": lambda text: text.encode().hex().encode(),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_text_is_found_in_every_form(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"before " + ENCODINGS[name](NAME) + b" after")

    assert found_in([tmp_path], {NAME, "somebody else"}) == {NAME}


@given(before=st.binary(max_size=20), after=st.binary(max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_text_is_found_inside_of_anything_in_base64(
    tmp_path: Path, before: bytes, after: bytes
) -> None:
    (tmp_path / "file").write_bytes(base64.b64encode(before + NAME.encode() + after))

    assert found_in([tmp_path], {NAME}) == {NAME}
