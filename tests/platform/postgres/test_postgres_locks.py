import os
import time
from pathlib import Path

import pytest

from forthwith.platform.errors import Unavailable
from forthwith.platform.postgres.locks import Hold, exclusive, lockers


def test_the_start_lock_is_free_again_after_use(tmp_path: Path) -> None:
    lock = tmp_path / "start.lock"
    with exclusive(lock, timeout=0):
        pass
    with exclusive(lock, timeout=0):
        assert lockers(lock) == (os.getpid(),)


def test_waiting_for_the_start_lock_ends_and_names_who_has_it(tmp_path: Path) -> None:
    lock = tmp_path / "start.lock"
    begun = time.monotonic()

    with (
        exclusive(lock, timeout=0),
        pytest.raises(Unavailable, match=str(os.getpid())),
        exclusive(lock, timeout=0.1),
    ):
        pass
    assert time.monotonic() - begun < 5


def test_only_the_last_of_two_holders_is_told_to_stop_the_server(tmp_path: Path) -> None:
    one, two = Hold(tmp_path / "holders.lock"), Hold(tmp_path / "holders.lock")

    assert not one.leave()
    assert two.leave()


def test_locks_do_not_reach_the_programs_we_start(tmp_path: Path) -> None:
    """In the postmaster, a lock would keep the server alive for ever."""
    hold = Hold(tmp_path / "holders.lock")

    assert not os.get_inheritable(hold.descriptor)
    hold.leave()


def test_a_lock_file_is_private(tmp_path: Path) -> None:
    lock = tmp_path / "holders.lock"
    Hold(lock).leave()

    assert lock.stat().st_mode & 0o777 == 0o600


def test_a_link_in_place_of_a_lock_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "start.lock").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OSError, match="symbolic links"):
        Hold(tmp_path / "start.lock")
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_that_nobody_locks_has_no_lockers(tmp_path: Path) -> None:
    assert lockers(tmp_path / "absent") == ()
