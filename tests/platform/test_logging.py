import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from forthwith.platform import logging

_SPEAKER = """
import logging as standard
from uuid import UUID
from forthwith.platform import context, logging
from forthwith.platform.config import LogSettings

logging.configure(LogSettings(), service="api")
log = logging.get("speaker")

def speak():
    log.info("card_read", fields=3, email="ann@example.com", phone="0912345678", name="王小明")

speak()
context.request_id.set("request-1")
log.warning("slow_answer", path="/a\\nb")
context.run.set(context.RunContext(UUID(int=7), "cards.read", UUID(int=1), lambda: None))
try:
    1 / 0
except ZeroDivisionError:
    log.exception("run_failed")
standard.getLogger("some.library").warning("a library's words")
log.debug("not_said")
"""

_DEBUGGING = """
import logging as standard
from forthwith.platform import logging
from forthwith.platform.config import LogSettings

logging.configure(LogSettings(), service="api")
logging.get("forthwith.somewhere").debug("ours")
standard.getLogger("openai._base_client").debug("Request options: ann@example.com")
standard.getLogger("mail.log").info("RCPT TO:<ann@example.com>")
standard.getLogger("some.library").info("a library's words")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="module")
def lines(folder: Path) -> list[dict[str, Any]]:
    """What a process that is configured as the API writes to standard output."""
    return _said(_SPEAKER, LOG_DIR=str(folder / "made"), LOG_LEVEL="info")


def _said(script: str, **settings: str) -> list[dict[str, Any]]:
    told = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "APP_ENV": "test", **settings},
        capture_output=True,
        check=True,
        text=True,
        timeout=50,
    )
    return [json.loads(line) for line in told.stdout.splitlines()]


def _named(lines: list[dict[str, Any]], message: str) -> dict[str, Any]:
    return next(line for line in lines if line["message"] == message)


def test_every_line_has_the_members_of_the_contract(lines: list[dict[str, Any]]) -> None:
    members = {"timestamp", "level", "service", "version", "message", "module", "function", "line"}

    assert all(members <= line.keys() for line in lines)
    assert {line["service"] for line in lines} == {"api"}
    assert {line["environment"] for line in lines} == {"test"}


def test_a_line_names_the_place_that_spoke(lines: list[dict[str, Any]]) -> None:
    assert _named(lines, "card_read")["function"] == "speak"


def test_personal_values_are_masked_by_the_name_of_their_member(
    lines: list[dict[str, Any]],
) -> None:
    line = _named(lines, "card_read")

    assert (line["email"], line["phone"], line["name"]) == ("***@***.com", "***78", "***")
    assert line["fields"] == 3


def test_a_line_carries_the_request_and_the_run_it_belongs_to(lines: list[dict[str, Any]]) -> None:
    assert "request_id" not in _named(lines, "card_read")
    assert _named(lines, "slow_answer")["request_id"] == "request-1"
    assert _named(lines, "run_failed")["run_id"] == "00000000-0000-0000-0000-000000000007"


def test_an_exception_is_one_member_of_one_line(lines: list[dict[str, Any]]) -> None:
    assert "ZeroDivisionError" in _named(lines, "run_failed")["exception"]


def test_a_value_with_a_line_feed_stays_on_its_line(lines: list[dict[str, Any]]) -> None:
    assert _named(lines, "slow_answer")["path"] == "/a\nb"


def test_libraries_speak_in_the_same_shape(lines: list[dict[str, Any]]) -> None:
    assert _named(lines, "a library's words")["level"] == "warning"


def test_what_is_below_the_level_is_not_said(lines: list[dict[str, Any]]) -> None:
    assert not [line for line in lines if line["message"] == "not_said"]


def test_however_much_is_logged_no_library_tells_of_people() -> None:
    """Their debugging holds whole requests, and a mail server's lines the addresses."""
    said = [line["message"] for line in _said(_DEBUGGING, LOG_LEVEL="debug")]

    assert said == ["ours", "a library's words"]


def test_the_folder_gets_all_lines_and_the_errors_apart(
    lines: list[dict[str, Any]], folder: Path
) -> None:
    everything = (folder / "made" / "application.log").read_text().splitlines()
    errors = (folder / "made" / "error.log").read_text().splitlines()

    assert [json.loads(line)["message"] for line in everything] == [
        line["message"] for line in lines
    ]
    assert [json.loads(line)["message"] for line in errors] == ["run_failed"]


def test_a_line_on_a_terminal_cannot_be_forged_by_a_value() -> None:
    """A path may hold line feeds and escape sequences; a terminal must see neither."""
    event = {"level": "info", "message": "request_answered", "path": "/a\n12:00 error \x1b[31m"}

    line = logging._terminal_line(None, "info", event)

    assert "\n" not in line
    assert "\x1b" not in line
