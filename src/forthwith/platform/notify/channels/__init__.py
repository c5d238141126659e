"""The ways to reach people and machines, each behind the same face."""

from forthwith.platform.notify.channels.channel import Channel, ChannelOf, Channels
from forthwith.platform.notify.channels.mail import Mail
from forthwith.platform.notify.channels.posting import Postbox
from forthwith.platform.notify.channels.push import Push, Vapid
from forthwith.platform.notify.channels.webhook import Webhooks

__all__ = ["Channel", "ChannelOf", "Channels", "Mail", "Postbox", "Push", "Vapid", "Webhooks"]
