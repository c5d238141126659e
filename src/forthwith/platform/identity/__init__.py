"""Who is asking: accounts, API keys, access tokens, and the middleware that reads them."""

from forthwith.platform.identity.key_memory import KeyMemory
from forthwith.platform.identity.keys import PREFIX, ensure_operator, find_principal
from forthwith.platform.identity.middleware import Identity
from forthwith.platform.identity.models import Account, ApiKey
from forthwith.platform.identity.passwords import Passwords
from forthwith.platform.identity.tokens import Tokens, opened_tokens

__all__ = [
    "PREFIX",
    "Account",
    "ApiKey",
    "Identity",
    "KeyMemory",
    "Passwords",
    "Tokens",
    "ensure_operator",
    "find_principal",
    "opened_tokens",
]
