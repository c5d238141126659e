"""How an owner wants to be told: when not, how often, and of what nothing at all."""

from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import ReadSession, Session
from forthwith.platform.notify.models import PreferenceRow
from forthwith.platform.notify.quiet import QuietHours


class Preferences(msgspec.Struct, frozen=True):
    """The wishes of one owner. Urgent messages pass all of them.

    `digest_minutes` overrides what templates ask for: 0 sends each message by itself.
    `muted` names channels (`push`), templates (`cards.read`) or both (`push:cards.read`).
    """

    time_zone: str = "Asia/Taipei"
    quiet_hours: QuietHours | None = None
    digest_minutes: int | None = None
    muted: tuple[str, ...] = ()

    def mutes(self, channel: str, template: str) -> bool:
        """Whether messages of this kind are not wanted."""
        return not {channel, template, f"{channel}:{template}"}.isdisjoint(self.muted)

    @property
    def zone(self) -> ZoneInfo:
        """The owner's time zone."""
        return ZoneInfo(self.time_zone)


DEFAULT: Final = Preferences()


def _place(owner: UUID) -> bytes:
    return place("platform.notification_preferences", "content", owner)


async def read(session: ReadSession, codec: Codec, owner: UUID) -> Preferences:
    """The owner's wishes, or the usual ones."""
    query = select(PreferenceRow.content).where(PreferenceRow.owner == owner)
    sealed = await session.scalar(query)
    return DEFAULT if sealed is None else codec.open(sealed, _place(owner), Preferences)


async def write(session: Session, codec: Codec, owner: UUID, wanted: Preferences) -> None:
    """Keep the owner's wishes."""
    statement = insert(PreferenceRow).values(owner=owner, content=codec.seal(wanted, _place(owner)))
    replaced = {"content": statement.excluded.content, "updated_at": func.now()}
    await session.execute(statement.on_conflict_do_update(index_elements=["owner"], set_=replaced))
