"""Collection of cyclic garbage, for processes that live long and make short-lived objects."""

import gc
from typing import Final

_NEW_OBJECTS: Final = 20_000
_COLLECTIONS: Final = 20


def collect_rarely() -> None:
    """Call once a process has started: what lives now is never looked at again.

    CPython looks after every 700 new containers, of which one request of an ORM makes more; a
    worker under load spent a fourteenth of its time in it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _COLLECTIONS, _COLLECTIONS)
