"""The append-only event log: numbered per stream, told by NOTIFY, followed live."""

from forthwith.platform.db import FAILURES
from forthwith.platform.events.feed import Feed
from forthwith.platform.events.listener import Listener
from forthwith.platform.events.log import StoredEvent, append, event_place, read_after
from forthwith.platform.events.models import Event, Stream

__all__ = [
    "FAILURES",
    "Event",
    "Feed",
    "Listener",
    "StoredEvent",
    "Stream",
    "append",
    "event_place",
    "read_after",
]
