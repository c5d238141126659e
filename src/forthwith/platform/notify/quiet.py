"""Quiet hours: when people are not to be disturbed, in their own time."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec


class QuietHours(msgspec.Struct, frozen=True):
    """From one local time to another, over midnight where `until` comes first in the day."""

    begin: time
    until: time

    def end(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When the quiet hours end in which `now` lies, in UTC; None outside of them."""
        local = now.astimezone(zone)
        if not self._covers(local.time()):
            return None
        ends = [moment for moment in self._ends(local) if moment > now]
        return min(moment for moment in ends if not self._covers(moment.astimezone(zone).time()))

    def _covers(self, at: time) -> bool:
        if self.begin <= self.until:
            return self.begin <= at < self.until
        return at >= self.begin or at < self.until

    def _ends(self, local: datetime) -> list[datetime]:
        """The ends of the coming days: both of them where clocks are set back over one.

        One that clocks jump over lies as far behind the jump as it was in the hour left out; or
        in the quiet hours again, and the next day's is the end.
        """
        days = [local.date() + timedelta(days=ahead) for ahead in range(3)]
        return [
            datetime.combine(day, self.until.replace(fold=fold), local.tzinfo).astimezone(UTC)
            for day in days
            for fold in (0, 1)
        ]
