"""The account that runs PostgreSQL, which refuses to run as root."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from forthwith.platform.errors import Unavailable

_UNPRIVILEGED = ("postgres", "nobody")  # the first that exists runs new clusters of root
_ENVIRONMENT = {
    # A clean one: PGDATA, PGOPTIONS or LD_LIBRARY_PATH of the caller would change the server.
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LC_ALL": "C",
    "TZ": "UTC",
}


@dataclass(frozen=True, slots=True)
class Account:
    """A user that PostgreSQL runs as, and what this process does on its behalf."""

    uid: int
    gid: int
    name: str

    @property
    def is_other(self) -> bool:
        """Whether this process (then root) has to change its user to become the account."""
        return self.uid != os.geteuid()

    def run(
        self, command: Sequence[str | Path], *, cwd: Path, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as this account, wait, and keep what it printed; seconds.

        `cwd` must be open to the account: PostgreSQL's programs ask for their own folder.
        """
        return subprocess.run(  # noqa: S603 - our own binaries, no shell
            command,
            cwd=cwd,
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            user=self.uid if self.is_other else None,
            group=self.gid if self.is_other else None,
            extra_groups=[] if self.is_other else None,
        )

    def can_enter(self, folder: Path) -> bool:
        """Whether the account reaches into the folder, asked of the kernel."""
        if not self.is_other:
            return True
        return self.run(["test", "-x", folder], cwd=Path("/"), timeout=10).returncode == 0

    def adopt(self, descriptor: int) -> None:
        """Give the account a file that root has just made for it; others' files stay theirs."""
        if self.is_other and os.fstat(descriptor).st_uid == 0:
            os.fchown(descriptor, self.uid, self.gid)

    def open_private(self, path: Path, flags: int) -> int:
        """Open a file of mode 0600 that belongs to the account, making it if needed."""
        descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        self.adopt(descriptor)
        return descriptor

    def make_folder(self, path: Path) -> None:
        """Make a folder of mode 0700 that belongs to the account; an existing one is an error."""
        path.mkdir(mode=0o700)
        self.adopt_folder(path)

    def adopt_folder(self, path: Path) -> None:
        """Give the account a folder that root has made, unless a link stands in its place."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            self.adopt(descriptor)
        finally:
            os.close(descriptor)


def account_for(data: Path) -> Account:
    """The account that runs the cluster in `data`, existing or to be made.

    An existing cluster is run as its owner, by the owner or by root. It is never chowned:
    that would break it for its owner.

    Raises:
        Unavailable: the cluster belongs to somebody else, or to root.
    """
    if not data.exists():
        return _current() if os.geteuid() != 0 else _unprivileged()
    owner = data.stat()
    if os.geteuid() not in (0, owner.st_uid):
        raise belongs_to_another(data)
    if owner.st_uid == 0:
        raise Unavailable(
            f"{data} belongs to root, and PostgreSQL refuses to run as root. "
            "Give the folder back to the user who made it, or set DATABASE_URL."
        )
    return Account(owner.st_uid, _group_of(owner.st_uid, owner.st_gid), name_of(owner.st_uid))


def belongs_to_another(path: Path) -> Unavailable:
    """The one line for a user who may not use somebody else's database."""
    return Unavailable(
        f"{path} belongs to {name_of(path.stat().st_uid)}, and you are "
        f"{name_of(os.geteuid())}: use that account, or set DATABASE_URL."
    )


def name_of(uid: int) -> str:
    """The user's name, or the number where the machine has no name for it."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _group_of(uid: int, otherwise: int) -> int:
    try:
        return pwd.getpwuid(uid).pw_gid
    except KeyError:
        return otherwise


def _current() -> Account:
    return Account(os.geteuid(), os.getegid(), name_of(os.geteuid()))


def _unprivileged() -> Account:
    for name in _UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, name)
    raise Unavailable(
        "PostgreSQL refuses to run as root, and this machine has no user 'nobody' to run it as. "
        "Run as an ordinary user, or set DATABASE_URL."
    )
