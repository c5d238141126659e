"""Who is asking: accounts, API keys, and the middleware that reads them."""

from forthwith.platform.identity.key_memory import KeyMemory
from forthwith.platform.identity.keys import PREFIX, ensure_operator, find_principal
from forthwith.platform.identity.middleware import Identity
from forthwith.platform.identity.models import Account, ApiKey

__all__ = [
    "PREFIX",
    "Account",
    "ApiKey",
    "Identity",
    "KeyMemory",
    "ensure_operator",
    "find_principal",
]
