"""What an answer of a vendor, or its absence, is in the error tree.

Transient         an ill vendor: 408, 409 of a busy one, 425, 5xx
Throttled       429: this key has to wait; `retry_after` is always told
Unanswered      sent, and no answer came: done and paid, or not, nobody knows
KeyRejected       401, 403
Exhausted         402, 429 for more than an hour: this key is out of quota
BudgetSpent     our own limit of money, of an application or an owner
Refused           every other 4xx: asking again would be answered the same
"""

from forthwith.platform.errors import Exhausted, Transient


class Throttled(Transient):
    """The vendor asks this key to wait."""


class Unanswered(Transient):
    """The call was sent, and the answer is missing: it may have been done and paid."""


class BudgetSpent(Exhausted):
    """What an application or an owner may spend a day is spent."""
