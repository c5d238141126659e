"""What runs in the processes that read."""

import subprocess
import sys


def test_a_reading_process_does_not_load_the_server() -> None:
    """Its libraries would double the seconds to the first contact."""
    code = (
        "import sys\n"
        "from forthwith.apps.cards.reading import local\n"
        "print([name for name in ('fastapi', 'sqlalchemy', 'asyncpg') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "[]\n"
