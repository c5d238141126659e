"""`forthwith cards` as people run it: a process, files, what it prints."""

import asyncio
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from model_cards import CARD, said
from model_vendors import picture
from support import EXAMPLES

from forthwith.sandbox.models import models_sandbox, stored

pytestmark = pytest.mark.slow  # each command is a process of its own

pytest.importorskip("rapidocr", reason="needs the extra ocr")

MEMBERS = {
    *("name", "company", "department", "title", "phones", "emails", "websites", "addresses"),
    *("tax_id", "line_id"),
}


def forthwith(*arguments: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line with nothing but a home that does not exist yet."""
    environment = {
        **{name: value for name, value in os.environ.items() if "DATABASE" not in name},
        "FORTHWITH_HOME": str(home),
        "HOME": str(home.parent),
    }
    command = [sys.executable, "-m", "forthwith", *map(str, arguments)]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=240
    )


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_photos_are_read_without_server_key_or_database(tmp_path: Path) -> None:
    """One JSON object a line, in the order of the arguments; a bad file spoils no other."""
    home = tmp_path / "home"
    text = tmp_path / "text.jpg"
    text.write_text("not a photo")
    photos = [EXAMPLES / "usa-icons.jpg", text, tmp_path / "absent.jpg", EXAMPLES / "taiwan.jpg"]
    outcome = forthwith("cards", "read", *photos, "--json", home=home)
    answers = [json.loads(line) for line in outcome.stdout.splitlines()]

    assert outcome.returncode == 1, outcome.stderr
    assert [answer["file"] for answer in answers] == [str(photo) for photo in photos]
    assert answers[1]["error"]["code"] == "UNSUPPORTED_MEDIA_TYPE"
    assert answers[2]["error"]["code"] == "UNREADABLE_FILE"
    for answer in (answers[0], answers[3]):
        assert answer["provider"] == "local"
        assert answer["seconds"] > 0
        assert set(answer["cards"][0]) >= MEMBERS
        assert {"value", "confidence", "boxes"} <= set(answer["cards"][0]["name"])
        assert {"kind", "printed", "e164"} <= set(answer["cards"][0]["phones"][0])
    assert not home.exists(), "reading a photo must start no database and make no key"


def test_a_folder_without_labels_is_a_sentence_not_a_trace(tmp_path: Path) -> None:
    """What is missing and where, exit 1."""
    outcome = forthwith("cards", "evaluate", tmp_path, home=tmp_path / "home")

    assert outcome.returncode == 1
    assert "labels.json cannot be read" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_a_model_that_is_not_set_is_a_sentence_not_a_trace(tmp_path: Path) -> None:
    photo = EXAMPLES / "taiwan.jpg"
    outcome = forthwith("cards", "read", photo, "--reader", "model", home=tmp_path / "home")

    assert outcome.returncode == 1
    assert "set GOOGLE_API_KEY" in outcome.stderr
    assert "Traceback" not in outcome.stderr


async def test_a_model_is_measured_on_a_labelled_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the same measure, with who has read and for how much."""
    (tmp_path / "card.jpg").write_bytes(picture().data)
    labels = {"card.jpg": {"fields": {"name": CARD["name"], "email": CARD["emails"]}}}
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    async with models_sandbox(stored({}, said({}))) as sandbox:
        for name, value in sandbox.environment().items():
            monkeypatch.setenv(name, value)
        command = ("cards", "evaluate", tmp_path, "--reader", "model", "--json")
        outcome = await asyncio.to_thread(partial(forthwith, *command, home=tmp_path / "home"))
    figures = json.loads(outcome.stdout)

    assert outcome.returncode == 0, outcome.stderr
    assert (figures["whole"], figures["reader"]) == (1, "model")
    assert figures["readers"]["gemini"]["photos"] == 1
    assert figures["readers"]["gemini"]["cost_micros"] > 0
