"""What the verbs of this room need of the process; its runtime is a floor above."""

from typing import Protocol

from forthwith.platform.config import PlatformSettings
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Database
from forthwith.platform.identity.passwords import Passwords
from forthwith.platform.identity.tokens import Tokens
from forthwith.platform.jobs import Jobs


class Opened(Protocol):
    """The open parts of a process; `Runtime` has them."""

    @property
    def settings(self) -> PlatformSettings:
        """Whether addresses must be confirmed."""

    @property
    def db(self) -> Database:
        """Where accounts are."""

    @property
    def codec(self) -> Codec:
        """What seals what they say."""

    @property
    def jobs(self) -> Jobs:
        """What happens behind an answer."""

    @property
    def passwords(self) -> Passwords:
        """What hashes passwords."""

    @property
    def tokens(self) -> Tokens:
        """What signs access tokens."""
