"""The state of one channel: what both its people and its bot look at."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from forthwith.platform import clock
from forthwith.sandbox.line import names
from forthwith.sandbox.line.chats import Chats
from forthwith.sandbox.line.contents import Contents
from forthwith.sandbox.line.knobs import LineKnobs
from forthwith.sandbox.line.rules import Json
from forthwith.sandbox.line.tokens import ReplyTokens, RetryKeys

BOT_NAME: Final = "Forthwith"
LOGIN_CHANNEL: Final = "1657000000"


class Channel:
    """A bot's channel, and the login channel beside it. Both belong to nobody but this sandbox.

    Secret and token are new in every process: a server that listens beyond this machine must
    not believe webhooks that anybody can sign.
    """

    def __init__(self) -> None:
        self.secret = secrets.token_hex(16)
        self.token = secrets.token_hex(32)
        self.bot = names.user_id(BOT_NAME)
        self.knobs = LineKnobs()
        self.webhook_url: str | None = None
        self.chats = Chats()
        self.contents = Contents()
        self.reply_tokens = ReplyTokens()
        self.retry_keys = RetryKeys()
        self.id_tokens: dict[str, Json] = {}
        self.used = 0

    def event(
        self, kind: str, user: str, group: str | None = None, *, is_answerable: bool, **members: Any
    ) -> Json:
        """An event of a person, in a group or not, that happens now."""
        event: Json = {
            "type": kind,
            "webhookEventId": names.event_id(),
            "deliveryContext": {"isRedelivery": False},
            "timestamp": int(clock.now().timestamp() * 1000),
            "source": _source(user, group),
            "mode": "standby" if self.knobs.is_standby else "active",
        }
        if is_answerable and not self.knobs.is_standby:
            event["replyToken"] = self.reply_tokens.make(group or user)
        return event | members

    def spend(self, recipients: int) -> bool:
        """Count messages of the month; False when they are more than are left."""
        limit = self.knobs.monthly_limit
        if limit is not None and self.used + recipients > limit:
            return False
        self.used += recipients
        return True


def _source(user: str, group: str | None) -> Mapping[str, str]:
    if group is None:
        return {"type": "user", "userId": user}
    return {"type": "group", "groupId": group, "userId": user}
