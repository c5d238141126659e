"""Reading notifications; every query names the owner."""

from uuid import UUID

import httpx
from sqlalchemy import select

from forthwith.platform.crypto import Codec
from forthwith.platform.db import ReadSession
from forthwith.platform.notify.models import Notification, Receiver
from forthwith.platform.notify.notice import Content, content_place
from forthwith.platform.notify.preferences import Preferences
from forthwith.platform.notify.receivers import Browser, Webhook, opened
from forthwith.platform.notify.schemas import (
    BrowserView,
    NotificationView,
    PreferencesView,
    QuietHoursView,
    WebhookView,
)


async def listed(
    session: ReadSession,
    owner: UUID,
    *,
    status: str | None,
    channel: str | None,
    before: UUID | None,
    limit: int,
) -> list[Notification]:
    """Messages of this owner, newest first."""
    query = select(Notification).where(Notification.owner == owner)
    if status is not None:
        query = query.where(Notification.state == status)
    if channel is not None:
        query = query.where(Notification.channel == channel)
    if before is not None:
        query = query.where(Notification.id < before)
    return list(await session.scalars(query.order_by(Notification.id.desc()).limit(limit)))


def view(codec: Codec, row: Notification) -> NotificationView:
    """A message for its owner, without its body: that may be a link which opens an account."""
    content = codec.open(row.content, content_place(row.id), Content)
    return NotificationView(
        id=row.id,
        run_id=row.run,
        channel=row.channel,
        target=content.target,
        template=row.template,
        subject=content.subject,
        language=content.language,
        person=row.person,
        urgent=row.urgent,
        status=row.state,
        reason=row.reason,
        sent_with=row.leader if row.leader != row.id else None,
        created_at=row.created_at.isoformat(),
        sent_at=row.sent_at.isoformat() if row.sent_at else None,
    )


def webhook_view(codec: Codec, row: Receiver) -> WebhookView:
    """A webhook for its owner."""
    webhook = opened(codec, row, Webhook)
    return WebhookView(
        id=row.id,
        url=webhook.url,
        events=webhook.events,
        disabled_at=row.disabled_at.isoformat() if row.disabled_at else None,
        created_at=row.created_at.isoformat(),
    )


def browser_view(codec: Codec, row: Receiver) -> BrowserView:
    """A browser for its owner."""
    return BrowserView(
        id=row.id,
        push_service=httpx.URL(opened(codec, row, Browser).url).host,
        disabled_at=row.disabled_at.isoformat() if row.disabled_at else None,
        created_at=row.created_at.isoformat(),
    )


def preferences_view(wanted: Preferences) -> PreferencesView:
    """Preferences for their owner."""
    quiet = wanted.quiet_hours
    shown = QuietHoursView(f"{quiet.begin:%H:%M}", f"{quiet.until:%H:%M}") if quiet else None
    return PreferencesView(wanted.time_zone, shown, wanted.digest_minutes, wanted.muted)
