"""LINE as a channel of notifications: a push, which LINE delivers once for each message."""

from forthwith.integrations.line import messages
from forthwith.integrations.line.client import Line
from forthwith.integrations.line.settings import LineSettings
from forthwith.integrations.line.vendor import NAME
from forthwith.platform.errors import Exhausted, Refused
from forthwith.platform.notify.channels import Channel
from forthwith.platform.notify.errors import NotConfigured
from forthwith.platform.notify.notice import Message
from forthwith.platform.upstream.upstreams import Upstreams

_CLIENT = "line.notices"


class LineNotices:
    """The channel `line`; a target is the id of a person or group that knows the bot."""

    def __init__(self, upstreams: Upstreams) -> None:
        self._upstreams = upstreams

    @property
    def name(self) -> str:
        """How an `Address` names it."""
        return NAME

    async def send(self, message: Message) -> None:
        """Push subject and body; the message's id is the retry key.

        Raises `NotConfigured` without a channel, `Refused` when the month's messages are spent,
        and as `Line.push` does.
        """
        settings = LineSettings()
        if settings.channel_access_token is None:
            raise NotConfigured("LINE is not configured; set LINE_CHANNEL_ACCESS_TOKEN.")
        line = self._upstreams.client(
            _CLIENT, lambda: Line(self._upstreams[NAME], base_url=settings.base_url)
        )
        said = messages.text(f"{message.subject}\n\n{message.body}".strip())
        try:
            await line.push(message.target, messages.answer(said), retry_key=message.id)
        except Exhausted as error:
            raise Refused("The channel has no messages left for now.") from error


def line_notices(upstreams: Upstreams) -> Channel:
    """What an application declares among its channels."""
    return LineNotices(upstreams)
