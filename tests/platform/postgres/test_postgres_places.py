import os
from pathlib import Path

import pytest

from forthwith.platform.errors import Unavailable
from forthwith.platform.postgres.accounts import Account
from forthwith.platform.postgres.places import recorded_place, short_hash, socket_folder

SOCKET_PATH_BYTES = 107
LARGEST_UID = 2**32 - 1


def test_two_folders_have_two_hashes() -> None:
    assert short_hash(Path("/work/one/.forthwith")) != short_hash(Path("/work/two/.forthwith"))


def test_the_hash_of_a_folder_stays_the_same() -> None:
    """Written out: a change would move every socket while servers run."""
    assert short_hash(Path("/work/one/.forthwith")) == "bab6395908aa"


def test_the_socket_of_the_longest_path_fits_into_an_address() -> None:
    place = Path("/", *["folder" * 20] * 30)
    folder = socket_folder(place, Account(LARGEST_UID, LARGEST_UID, "somebody"))

    assert len(os.fsencode(folder / ".s.PGSQL.5432")) <= SOCKET_PATH_BYTES


def test_two_accounts_do_not_share_a_socket_folder(tmp_path: Path) -> None:
    one, two = Account(1001, 1001, "one"), Account(1002, 1002, "two")

    assert socket_folder(tmp_path, one) != socket_folder(tmp_path, two)


def test_a_root_without_a_record_holds_its_own_cluster(tmp_path: Path) -> None:
    assert recorded_place(tmp_path) is None


def test_a_recorded_place_that_refers_back_is_used(tmp_path: Path) -> None:
    root, place = _root_with_record(tmp_path)
    (place / "belongs-to").write_text(f"{root}\n")

    assert recorded_place(root) == place


def test_a_moved_root_is_refused_with_what_to_write_where(tmp_path: Path) -> None:
    root, place = _root_with_record(tmp_path)
    (place / "belongs-to").write_text("/before/the/move\n")

    with pytest.raises(Unavailable, match=f"write {root} into {place / 'belongs-to'}"):
        recorded_place(root)


def test_a_record_of_a_place_that_is_gone_is_refused(tmp_path: Path) -> None:
    """Beginning with an empty database would hide that the data is missing."""
    root, _ = _root_with_record(tmp_path)

    with pytest.raises(Unavailable, match="belongs to nothing"):
        recorded_place(root)


def _root_with_record(tmp_path: Path) -> tuple[Path, Path]:
    root, place = tmp_path / "root", tmp_path / "place"
    root.mkdir()
    place.mkdir()
    (root / "location").write_text(f"{place}\n")
    return root, place
