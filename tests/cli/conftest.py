"""What the tests of the command line share."""

import pytest
from support import ENCRYPTION_KEY, JWT_SECRET

from forthwith.platform.runtime import Runtime


@pytest.fixture
def against(runtime: Runtime) -> dict[str, str]:
    """The environment of a process that shares the test's database and keys."""
    return {
        "DATABASE_URL": runtime.db.dsn,
        "ENCRYPTION_KEY": ENCRYPTION_KEY,
        "JWT_SECRET": JWT_SECRET,
        "COLUMNS": "160",
    }
