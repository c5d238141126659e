"""The face of the one way out."""

import subprocess
import sys

import pytest

from forthwith.platform import upstream


@pytest.mark.parametrize("name", upstream.__all__)
def test_every_name_of_the_face_can_be_imported(name: str) -> None:
    assert getattr(upstream, name).__name__ == name


def test_the_face_has_no_other_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Downstream'"):
        _ = upstream.Downstream  # type: ignore[attr-defined]


def test_limits_alone_load_no_client_of_a_database() -> None:
    """In an interpreter of its own, since this one has loaded everything."""
    asked = (
        "import sys, forthwith.platform.upstream.budgets;"
        "print(*({'sqlalchemy', 'asyncpg', 'redis'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)

    assert done.stdout.split() == []
