"""The command line, run as people run it."""

import os
import subprocess
import sys
from pathlib import Path


def forthwith(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a process of its own."""
    command = [sys.executable, "-m", "forthwith", *arguments]
    return subprocess.run(
        command,
        env={**os.environ, "FORTHWITH_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
