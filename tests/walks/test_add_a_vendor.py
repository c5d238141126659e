"""docs/howto/add-a-vendor.md, followed to the letter against the sandbox."""

import importlib
import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from support import REPOSITORY

import forthwith.apps
import forthwith.integrations
from forthwith.platform.upstream import Upstream, in_memory
from forthwith.platform.upstream.upstreams import Upstreams
from forthwith.sandbox import metered, serving

PAGE = REPOSITORY / "docs" / "howto" / "add-a-vendor.md"
ROOM = "forthwith.integrations.metered"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The page's files where it says, beside the checkout's own."""
    for path, code in re.findall(r"```python\n# (\S+)\n(.*?)```", PAGE.read_text(), re.DOTALL):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        (file.parent / "__init__.py").touch()
        file.write_text(code)
    for package in (forthwith.integrations, forthwith.apps):
        folder = tmp_path / "src" / package.__name__.replace(".", "/")
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    monkeypatch.setenv("METERED_API_KEY", "one")
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith((ROOM, "forthwith.apps.quest"))]:
        del sys.modules[name]


def _loaded(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("followed", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_its_own_test_passes(tree: Path) -> None:
    module = _loaded(tree / "tests/integrations/metered/test_metered_client.py")

    await module.test_a_revoked_key_is_seen_by_no_caller()


async def test_the_application_it_declares_is_answered_and_falls_back(tree: Path) -> None:
    declared = importlib.import_module("forthwith.apps.questions.vendors").vendors()
    client = importlib.import_module(f"{ROOM}.client")
    service = importlib.import_module("forthwith.apps.questions.service")
    upstreams = Upstreams(declared, in_memory())
    async with serving(metered().app()) as url, httpx.AsyncClient(base_url=url) as http:
        asking = client.Metered(upstreams["metered"], http)
        answered = await service.answer(asking, "abc")
    async with httpx.AsyncClient(base_url="http://127.0.0.1:9") as nowhere:
        unreachable = client.Metered(Upstream(declared[0], in_memory()), nowhere)
        guessed = await service.answer(unreachable, "abc")

    assert answered == ("metered", "cba")
    assert guessed == ("local", "no idea")


def test_its_code_is_clean(tree: Path) -> None:
    """By the same rules as the rest; imports inside are meant where it says so."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--config",
        str(REPOSITORY / "pyproject.toml"),
    ]
    told = subprocess.run(
        [*command, "--extend-ignore", "PLC0415,D104,I001,S101,INP001,D103", str(tree)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 0, told.stdout
