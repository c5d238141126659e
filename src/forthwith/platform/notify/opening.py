"""The channels of a process, as its settings have them."""

from collections.abc import Sequence

from forthwith.platform.config import NotifySettings, PlatformSettings
from forthwith.platform.crypto import Codec, load_or_make_keys
from forthwith.platform.db import Database
from forthwith.platform.guard import Guard, Policy
from forthwith.platform.notify.channels import (
    Channel,
    Channels,
    Mail,
    Postbox,
    Push,
    Vapid,
    Webhooks,
)


def open_channels(
    settings: PlatformSettings, db: Database, codec: Codec, more: Sequence[Channel] = ()
) -> Channels:
    """Mail, webhooks, web push, and those of applications.

    One without its settings fails each message and says why.
    """
    postbox = Postbox(db, codec, guard_of(settings.notify))
    push = Push(postbox, _vapid(settings))
    return Channels([Mail(settings.notify), Webhooks(postbox), push, *more])


def guard_of(settings: NotifySettings) -> Guard:
    """What receivers are reached through, and their URLs checked with."""
    return Guard(Policy(settings.webhook_networks, plain_http=settings.webhook_http))


def _vapid(settings: PlatformSettings) -> Vapid | None:
    """The configured key; one of this home, made once, unless there is a fleet to share it."""
    configured = settings.notify.vapid_private_key
    if configured is not None:
        key = bytes.fromhex(configured.get_secret_value())
    elif settings.database.dsn is None:
        key = load_or_make_keys(settings.home.home / "secrets" / "vapid.key")[0]
    else:
        return None
    return Vapid(key, settings.notify.vapid_subject)
