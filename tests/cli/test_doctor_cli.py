"""What the doctor says of Redis."""

from pathlib import Path

import pytest
from redis_server import redis_server_in

from forthwith.cli import doctor
from forthwith.platform.config import PlatformSettings


async def _rows(settings: PlatformSettings, capsys: pytest.CaptureFixture[str]) -> str:
    await doctor.examine(settings)
    return capsys.readouterr().out


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal on which no row is broken."""
    monkeypatch.setattr(doctor.console, "width", 300)


async def test_a_redis_that_nobody_asked_for_is_well(
    settings: PlatformSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    out = await _rows(settings, capsys)

    assert "not configured; PostgreSQL does its work" in out


@pytest.mark.redis
async def test_a_redis_that_answers_is_named_with_its_version(
    settings: PlatformSettings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    with redis_server_in(tmp_path) as server:
        monkeypatch.setenv("REDIS_URL", server.url)
        out = await _rows(PlatformSettings(), capsys)

    row = next(line for line in out.splitlines() if " redis " in line)
    assert "ok" in row
    assert "Redis " in row


async def test_a_redis_that_is_not_there_is_told_without_its_password(
    settings: PlatformSettings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://:s3cret@127.0.0.1:9/0")
    assert await doctor.examine(PlatformSettings()) == 1
    out = capsys.readouterr().out

    assert "check REDIS_URL" in out
    assert "s3cret" not in out
