"""The page that tells how to try a bot says what is."""

import re
import subprocess
import sys

import msgspec
from support import REPOSITORY

from forthwith.sandbox.line.knobs import LineKnobs

PAGE = (REPOSITORY / "docs" / "howto" / "try-a-line-bot.md").read_text()


def test_the_printed_program_runs() -> None:
    """As it stands."""
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    outcome = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=50
    )

    assert outcome.stdout == "['person', 'person', 'person'] 0.0\n", outcome.stderr


def test_every_knob_is_on_the_page() -> None:
    rows = re.findall(r"^\| (`.*?`) \|", PAGE, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}

    assert named == {field.name for field in msgspec.structs.fields(LineKnobs)}
