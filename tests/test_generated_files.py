"""Generated pages say what the code says."""

import subprocess
import sys

from support import REPOSITORY


def test_configuration_pages_are_up_to_date() -> None:
    """Configuration, metrics and .env.example list what the code has."""
    outcome = subprocess.run(
        [sys.executable, REPOSITORY / "scripts" / "reference.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert outcome.returncode == 0, outcome.stdout
