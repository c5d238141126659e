"""What was saved since the last batch, summed up by who, what and how."""

from typing import TypeAlias
from uuid import UUID

import msgspec

from forthwith.platform import ids
from forthwith.platform.upstream.costs.charge import Charge, Usage

_Kind: TypeAlias = tuple[UUID, str, str, str, str, str | None, str | None, UUID | None]


class Savings:
    """Charges of calls that were not made; equal ones become one line."""

    def __init__(self) -> None:
        self._lines: dict[_Kind, Charge] = {}

    def add(self, charge: Charge) -> None:
        """Add one."""
        kind = _kind(charge)
        known = self._lines.get(kind)
        self._lines[kind] = charge if known is None else _sum(known, charge)

    def taken(self) -> list[Charge]:
        """All lines, which are forgotten here."""
        lines = list(self._lines.values())
        self._lines.clear()
        return lines


def _kind(charge: Charge) -> _Kind:
    return (
        charge.owner,
        charge.app,
        charge.vendor,
        charge.operation,
        charge.source,
        charge.model,
        charge.prompt_version,
        charge.run,
    )


def _sum(one: Charge, other: Charge) -> Charge:
    usage = Usage(
        tokens_in=one.usage.tokens_in + other.usage.tokens_in,
        tokens_out=one.usage.tokens_out + other.usage.tokens_out,
        calls=one.usage.calls + other.usage.calls,
    )
    micros = one.micros + other.micros
    return msgspec.structs.replace(one, id=ids.new(), usage=usage, micros=micros)
