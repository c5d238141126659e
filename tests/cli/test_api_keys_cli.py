"""`forthwith api-keys`."""

import json
from pathlib import Path

import httpx
import pytest
from command import forthwith

from forthwith.platform import ids
from forthwith.platform.runtime import Runtime

RUNS = "/api/v1/runs"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(180),
]  # each command is a process that starts anew


@pytest.mark.slow
async def test_a_key_is_made_rotated_and_revoked(
    api: httpx.AsyncClient, runtime: Runtime, against: dict[str, str], tmp_path: Path
) -> None:
    def keys(*arguments: str) -> str:
        done = forthwith("api-keys", *arguments, home=tmp_path, **against)
        assert done.returncode == 0, done.stderr
        return done.stdout

    async def status(key: str) -> int:
        async with httpx.AsyncClient(base_url=api.base_url) as client:
            return (await client.get(RUNS, headers={"X-API-Key": key})).status_code

    made = json.loads(keys("create", "the till", "--scope", "runs:read", "--days", "9", "--json"))
    new = json.loads(keys("rotate", made["id"], "--hours", "1", "--json"))
    both = [await status(made["key"]), await status(new["key"])]
    revoked = keys("revoke", new["id"])
    listed = json.loads(keys("list", "--json"))

    assert both == [200, 200]
    assert "the till" in revoked
    assert listed[0]["id"] == new["id"]
    assert listed[0]["state"] == "revoked"
    assert made["key"] not in json.dumps(listed)


def test_a_scope_that_no_route_asks_for_is_refused_with_those_there_are(
    against: dict[str, str], tmp_path: Path
) -> None:
    done = forthwith("api-keys", "create", "a", "--scope", "cards:fly", home=tmp_path, **against)

    assert done.returncode == 1
    assert "cards:read" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_key_that_does_not_exist_is_said_in_one_line(
    against: dict[str, str], tmp_path: Path
) -> None:
    for wrong in (str(ids.new()), "not-an-id"):
        done = forthwith("api-keys", "revoke", wrong, home=tmp_path, **against)

        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
