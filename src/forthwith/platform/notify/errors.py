"""What notifications cannot do."""

from forthwith.platform.errors import Conflict, NotFound


class NotConfigured(Conflict):
    """A channel lacks its settings, or this installation does not have it: trying is no use."""

    code = "NOT_CONFIGURED"


class ReceiverNotFound(NotFound):
    """The owner has no such receiver."""

    code = "RECEIVER_NOT_FOUND"
