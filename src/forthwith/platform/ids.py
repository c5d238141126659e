"""Identifiers: UUIDv7, made here, sortable by the time of their making."""

from datetime import UTC, datetime
from uuid import UUID

import uuid_utils.compat

_RANDOM_BITS = 80  # below the 48-bit millisecond timestamp


def new() -> UUID:
    """Make an id; of two ids of one process the later one is the greater."""
    return uuid_utils.compat.uuid7()


def made_at(identifier: UUID) -> datetime:
    """When a UUIDv7 was made, to the millisecond."""
    return datetime.fromtimestamp((identifier.int >> _RANDOM_BITS) / 1000, UTC)


def lowest(moment: datetime) -> UUID:
    """The lower bound of all ids made at or after `moment`; a partition's edge."""
    return UUID(int=int(moment.timestamp() * 1000) << _RANDOM_BITS)
