"""The voices as vendors: what they allow and cost."""

from collections.abc import Sequence
from typing import Final

from forthwith.platform.upstream import Limits, Vendor

ESPEAK: Final = "espeak"


def vendors() -> Sequence[Vendor]:
    """All voices; a cloud voice without a key is not configured, and not asked."""
    return (Vendor(name=ESPEAK, keyless=True, limits=Limits()),)
