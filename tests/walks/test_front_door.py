"""The front door: what a person starts and pastes, twice, side by side, as root and not."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from benchmarks.front_door import opened
from benchmarks.processes import REPOSITORY

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
FORTHWITH = str(Path(sys.executable).with_name("forthwith"))
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"]


def _checkout(folder: Path) -> Path:
    """A checkout without its environment: the tests' own is used."""
    command = ["git", "clone", "--quiet", "--depth=1", REPOSITORY.as_uri(), str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture
def common() -> Iterator[Path]:
    """A folder that every user of the machine may enter."""
    folder = Path(mkdtemp(prefix="forthwith-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_the_printed_command_makes_a_contact(tmp_path: Path) -> None:
    """And a second start answers with the same contacts, to the key shown once."""
    home = {"FORTHWITH_HOME": str(tmp_path), "PORT": "8410"}
    with opened(["make", "run"], settings=home) as door:
        assert door.send()["status"] in {"queued", "running"}
        (card,) = door.finished()
        key = door.key
        assert "Started server process" not in door.output, "uvicorn has its own way of logging"
    assert card["cards"][0]["name"]["value"]

    with opened(["make", "run"], settings=home) as door:
        assert door.key == "$FORTHWITH_KEY"
        assert [item["id"] for item in door.finished(key)] == [card["id"]]


def test_make_run_twice_shares_one_database(tmp_path: Path) -> None:
    """The second takes the next port; when the first leaves, the second goes on."""
    home = {"FORTHWITH_HOME": str(tmp_path), "PORT": "8420"}
    with (
        opened(["make", "run"], settings=home) as first,
        opened(["make", "run"], settings=home) as second,
    ):
        key = first.key
        sent = first.send()
        assert [item["id"] for item in second.finished(key)] == [sent["card_id"]]
        first.stop()
        sent = second.send(key)
        assert second.finished(key)[0]["id"] == sent["card_id"]


def test_two_checkouts_know_nothing_of_each_other(tmp_path: Path) -> None:
    one, other = _checkout(tmp_path / "one"), _checkout(tmp_path / "other")
    port = {"PORT": "8430"}
    with (
        opened([FORTHWITH, "up"], one, port) as door,
        opened([FORTHWITH, "up"], other, port) as neighbour,
    ):
        door.send()
        assert len(door.finished()) == 1
        assert neighbour.contacts()["items"] == []
        assert door.key != neighbour.key


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="becoming another user needs root and setpriv",
)
def test_an_ordinary_user_gets_a_contact(common: Path) -> None:
    """As root does in the tests above."""
    asks = [*NOBODY, sys.executable, "-c", "import sys; print(sys.version)"]
    told = subprocess.run(asks, check=False, capture_output=True, text=True, cwd="/").stdout
    if told.strip() != sys.version:
        pytest.skip("the Python of these tests is closed to other users")
    checkout = _checkout(common / "checkout")
    for path in (checkout, *checkout.rglob("*")):
        os.chown(path, 65_534, 65_534)
    settings = {"PORT": "8440", "HOME": str(common), "XDG_CACHE_HOME": str(common / "cache")}
    with opened([*NOBODY, FORTHWITH, "up"], checkout, settings) as door:
        door.send()
        assert len(door.finished()) == 1
    assert (checkout / ".forthwith").stat().st_uid == 65_534
