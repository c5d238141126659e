import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest

from forthwith.platform.errors import Unavailable
from forthwith.platform.postgres import EmbeddedServer
from forthwith.platform.postgres.accounts import Account, account_for, name_of
from forthwith.platform.postgres.places import make_socket_folder, shared_folder

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="changing users needs root")
NOBODY = 65_534
STRANGER = 1  # "daemon" on Debian
NAMELESS = 3_000_000_000


@pytest.fixture
def base() -> Iterator[Path]:
    """A folder that every account can enter; pytest's own are closed to others."""
    folder = Path(mkdtemp(prefix="forthwith-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def _acting_as(uid: int) -> Iterator[None]:
    os.setegid(uid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@needs_root
def test_a_database_that_was_given_to_root_is_refused(base: Path) -> None:
    with pytest.raises(Unavailable, match="belongs to root"):
        account_for(base)


@needs_root
def test_root_runs_an_existing_database_as_its_owner(base: Path) -> None:
    os.chown(base, NOBODY, NOBODY)

    assert account_for(base).uid == NOBODY


@needs_root
def test_an_owner_without_a_name_runs_it_in_the_group_of_its_folder(base: Path) -> None:
    os.chown(base, NAMELESS, NAMELESS + 1)

    assert account_for(base) == Account(NAMELESS, NAMELESS + 1, f"user {NAMELESS}")


@needs_root
def test_root_never_runs_a_new_database_as_root(base: Path) -> None:
    assert account_for(base / "data").uid != 0


@needs_root
def test_an_ordinary_user_runs_a_new_database_itself(base: Path) -> None:
    with _acting_as(NOBODY):
        account = account_for(base / "data")

        assert account == Account(NOBODY, NOBODY, "nobody")
        assert account.can_enter(base)


@needs_root
def test_an_ordinary_user_is_refused_the_database_of_another(base: Path) -> None:
    os.chown(base, STRANGER, STRANGER)

    with _acting_as(NOBODY), pytest.raises(Unavailable, match=r"belongs to daemon.*DATABASE_URL"):
        account_for(base)


@needs_root
def test_a_folder_that_is_closed_to_a_user_is_refused_by_the_name_of_its_owner(
    base: Path,
) -> None:
    closed = base / "closed"
    closed.mkdir(mode=0o700)
    os.chown(closed, STRANGER, STRANGER)

    with _acting_as(NOBODY), pytest.raises(Unavailable, match=r"belongs to daemon.*DATABASE_URL"):
        EmbeddedServer.start_or_attach(closed / "postgres")


@needs_root
def test_a_socket_folder_that_a_killed_start_of_root_left_is_taken_over(base: Path) -> None:
    nobody = Account(NOBODY, NOBODY, "nobody")
    folder = make_socket_folder(base, nobody)
    os.chown(folder, 0, 0)

    assert make_socket_folder(base, nobody).stat().st_uid == NOBODY
    folder.rmdir()


@needs_root
def test_an_open_socket_folder_is_refused(base: Path) -> None:
    nobody = Account(NOBODY, NOBODY, "nobody")
    folder = make_socket_folder(base, nobody)
    folder.chmod(0o777)

    with pytest.raises(Unavailable, match="not a private folder of nobody"):
        make_socket_folder(base, nobody)
    folder.rmdir()


@needs_root
def test_the_folder_that_root_shares_can_be_read_by_all() -> None:
    assert shared_folder().stat().st_mode & 0o777 == 0o755


def test_a_user_without_a_name_is_called_by_the_number() -> None:
    assert name_of(NAMELESS) == f"user {NAMELESS}"
