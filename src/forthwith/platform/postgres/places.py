"""Where a cluster's files lie: reachable by its account, never shared by two checkouts."""

import hashlib
import os
import secrets
import shutil
import stat
from pathlib import Path

from forthwith.platform.errors import Unavailable
from forthwith.platform.postgres.accounts import Account

_SHARED = Path("/var/lib/forthwith")
_RUNTIME = Path("/tmp")  # noqa: S108 - short and the same for every user; see socket_folder
_RECORD = "location"
_BACK_REFERENCE = "belongs-to"


def short_hash(path: Path) -> str:
    """Twelve hex digits that tell one path from another."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def recorded_place(root: Path) -> Path | None:
    """The folder outside `root` that holds its cluster, if one was recorded.

    Raises:
        Unavailable: `root` was moved or copied since; going on would lose or share the data.
    """
    try:
        place = Path((root / _RECORD).read_text().strip())
    except FileNotFoundError:
        return None
    try:
        owner = (place / _BACK_REFERENCE).read_text().strip()
    except FileNotFoundError:
        owner = "nothing"
    if owner == str(root):
        return place
    raise Unavailable(
        f"{root / _RECORD} points to {place}, which belongs to {owner}. After a move, write "
        f"{root} into {place / _BACK_REFERENCE}; after a copy, delete {root / _RECORD} to "
        "begin with an empty database."
    )


def new_place(root: Path, account: Account) -> Path:
    """Choose where the cluster of `root` will lie: in `root`, if its account can get there.

    Root's own folders (/root/...) are closed to the account that PostgreSQL must run as, and
    modes of folders that exist are never changed. The cluster then lies in /var/lib/forthwith,
    where a system keeps its databases, in a folder named by the hash of `root` and a random
    part. `root` records it and the folder refers back, so a copied checkout is noticed, and
    one that was deleted and made again begins empty instead of meeting the old data.
    """
    if account.can_enter(root):
        return root
    place = shared_folder() / f"{short_hash(root)}-{secrets.token_hex(4)}"
    place.mkdir()
    place.chmod(0o711)  # the account passes through; the files inside have its own modes
    (place / _BACK_REFERENCE).write_text(f"{root}\n")
    unfinished = root / f"{_RECORD}.new"
    unfinished.write_text(f"{place}\n")
    unfinished.rename(root / _RECORD)
    return place


def give_up_place(root: Path, place: Path) -> None:
    """Forget a place outside `root` and remove what is left of it."""
    if place == root:
        return
    (root / _RECORD).unlink()
    shutil.rmtree(place)


def shared_folder() -> Path:
    """The folder of root that all accounts can read; made with mode 0755, never changed.

    Raises:
        Unavailable: it exists and others than root can write to it.
    """
    try:
        _SHARED.mkdir()
        _SHARED.chmod(0o755)  # the umask may have closed it
    except FileExistsError:
        found = _SHARED.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0 or found.st_mode & 0o022:
            raise Unavailable(
                f"{_SHARED} can be changed by others than root. Remove it, or set DATABASE_URL."
            ) from None
    return _SHARED


def socket_folder(place: Path, account: Account) -> Path:
    """The folder of the Unix socket; at most 55 bytes with the socket's name.

    It lies in /tmp and not in XDG_RUNTIME_DIR, because it must be the same for every process
    of the cluster, root's too, and outlive a login; and not in `place`, whose path may be
    longer than the 107 bytes of a socket's address (unix(7)). PostgreSQL touches its socket
    often enough for cleaners of /tmp to leave it.
    """
    return _RUNTIME / f"forthwith-{account.uid}-{short_hash(place)}"


def make_socket_folder(place: Path, account: Account) -> Path:
    """Make the folder of the socket, or check the one there is: mode 0700, the account's own.

    Raises:
        Unavailable: something that is not the account's own folder has the name.
    """
    folder = socket_folder(place, account)
    try:
        account.make_folder(folder)
    except FileExistsError:
        _refuse_planted(folder, account)
    return folder


def _refuse_planted(folder: Path, account: Account) -> None:
    """Anybody may write to /tmp: the folder could have been made or linked by a stranger."""
    found = folder.lstat()
    if stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077:
        if found.st_uid == account.uid:
            return
        if found.st_uid == os.geteuid() == 0:  # made by root, which was killed before giving it
            account.adopt_folder(folder)
            return
    raise Unavailable(
        f"{folder} is not a private folder of {account.name}: somebody else made it. "
        "Remove it, or set DATABASE_URL."
    )
