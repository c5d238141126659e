"""`forthwith encryption`: status, a new key, rotation."""

import json
import stat
from pathlib import Path

import pytest
from command import forthwith
from support import ENCRYPTION_KEY, JWT_SECRET

from forthwith.platform import audit, ids
from forthwith.platform.crypto import Codec, parse_keys
from forthwith.platform.db import Database

pytestmark = pytest.mark.slow  # each command is a process of its own

NEW = "6b" * 32


@pytest.fixture
async def sealed(db: Database, codec: Codec) -> dict[str, str]:
    """The environment of a database with a value of the old key; a new one is in front."""
    async with db.transaction() as session:
        await audit.record(session, codec, "plan.changed", owner=ids.new(), subject="a", data="b")
    keys = f"{NEW},{ENCRYPTION_KEY}"
    return {"DATABASE_URL": db.dsn, "ENCRYPTION_KEY": keys, "JWT_SECRET": JWT_SECRET}


def _counts(home: Path, environment: dict[str, str]) -> dict[str, int]:
    told = json.loads(forthwith("encryption", "status", "--json", home=home, **environment).stdout)
    counted: dict[str, int] = told["values"]["platform.audit"]
    return counted


@pytest.mark.slow
def test_rotation_leaves_no_value_of_the_old_key(sealed: dict[str, str], tmp_path: Path) -> None:
    new, old = (Codec([key]).key_id for key in parse_keys(sealed["ENCRYPTION_KEY"]))
    before = _counts(tmp_path, sealed)
    rotated = forthwith("encryption", "rotate", home=tmp_path, **sealed)

    assert before == {old: 1}
    assert rotated.returncode == 0
    assert f"1 values are sealed anew with key {new}" in rotated.stdout
    assert _counts(tmp_path, sealed) == {new: 2}  # and the rotation's own entry


@pytest.mark.slow
def test_status_names_keys_by_their_ids_only(sealed: dict[str, str], tmp_path: Path) -> None:
    shown = forthwith("encryption", "status", home=tmp_path, **sealed)

    assert Codec(parse_keys(NEW)).key_id in shown.stdout
    assert not any(key in shown.stdout for key in sealed["ENCRYPTION_KEY"].split(","))


def test_a_new_key_of_a_home_seals_and_the_old_one_still_opens(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "encryption.key"
    alone = {"ENCRYPTION_KEY": "", "DATABASE_URL": "", "DB_HOST": "", "JWT_SECRET": ""}
    path.parent.mkdir()
    path.write_text(ENCRYPTION_KEY)

    told = forthwith("encryption", "new-key", home=tmp_path, **alone)
    keys = parse_keys(path.read_text())

    assert [key.hex() for key in keys[1:]] == [ENCRYPTION_KEY]
    assert Codec(keys).key_id in told.stdout
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_configured_key_is_not_touched_but_a_new_one_printed(
    sealed: dict[str, str], tmp_path: Path
) -> None:
    told = forthwith("encryption", "new-key", home=tmp_path, **sealed)

    assert len(parse_keys(told.stdout.strip())) == 1
    assert "ENCRYPTION_KEY of every process" in told.stderr
    assert not (tmp_path / "secrets").exists()
