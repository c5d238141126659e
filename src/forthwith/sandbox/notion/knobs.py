"""How the sandbox's Notion behaves beyond latency, budget and faults."""

from typing import Annotated

import msgspec

from forthwith.sandbox.knobs import Seconds


class NotionKnobs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings of the workspace.

    A query finds a new page only `index_seconds` after it was made. `upload_bytes` is what the
    workspace's plan takes of a file.
    """

    index_seconds: Seconds = 0.0
    upload_bytes: Annotated[int, msgspec.Meta(ge=0)] = 20 * 1024 * 1024
