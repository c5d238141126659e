"""The message to a guest in LINE: what was ordered, and the voice to play at the counter.

It is a run of its own, after the order is completed. Who the guest is, LINE says, of the token
that LIFF gave the page.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import update

from forthwith.apps.orders import links, queries, views, wording
from forthwith.apps.orders.models import Order
from forthwith.apps.orders.queries import OrderRow
from forthwith.apps.orders.settings import OrderSettings
from forthwith.apps.orders.voices import Voice
from forthwith.integrations.line import liff, messages
from forthwith.integrations.line.client import Line
from forthwith.integrations.line.errors import MonthlyLimit
from forthwith.integrations.line.messages import Json
from forthwith.integrations.line.settings import LineSettings
from forthwith.integrations.line.vendor import NAME
from forthwith.platform import logging, metrics
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Session
from forthwith.platform.errors import Refused, Unauthorized
from forthwith.platform.jobs import Run
from forthwith.platform.runtime import Runtime

log = logging.get(__name__)

_CLIENT: Final = "orders.line"
_LOGIN: Final = "orders.line_login"


async def tell(run: Run, runtime: Runtime, order: UUID, token: str) -> str:
    """Send the message once; what became of it."""
    if LineSettings().channel_access_token is None:
        return "not configured"
    user = await run.step("identify", _identify, runtime, token)
    if user is None:
        return "unknown"
    await run.write("person", _keep_person, order, person_of(runtime.codec, run.owner, user))
    sent = await run.step("push", _push, runtime, order, user, run.id)
    if sent:
        await run.write("told", _keep_told, order)
    outcome = "pushed" if sent else "refused"
    metrics.answers.labels("line", outcome).inc()
    return outcome


async def _identify(runtime: Runtime, token: str) -> str | None:
    """The LINE user whose token it is; None when LINE does not confirm it."""
    channel = OrderSettings().login_channel or next(iter(LineSettings().login_channels), None)
    if channel is None:
        return None
    login = runtime.upstreams.client(
        _LOGIN, lambda: liff.opened_login(runtime.upstreams, LineSettings().base_url, {channel})
    )
    try:
        return (await login.verify(token, channel=channel)).user
    except Unauthorized:
        return None


async def _keep_person(session: Session, order: UUID, person: str) -> None:
    await session.execute(update(Order).where(Order.id == order).values(person=person))


async def _push(runtime: Runtime, order: UUID, user: str, retry_key: UUID) -> bool:
    """Whether LINE took it; not when the month's messages are spent or the guest blocks us.

    A message that comes when its month begins anew is of no use to anybody.
    """
    row = await queries.find(runtime.db, order)
    line = runtime.upstreams.client(
        _CLIENT, lambda: Line(runtime.upstreams[NAME], base_url=LineSettings().base_url)
    )
    try:
        await line.push(user, _messages(runtime, row), retry_key=retry_key)
    except (MonthlyLimit, Refused) as error:
        log.warning("order_not_told", order_run=str(row.run), reason=type(error).__name__)
        return False
    return True


async def _keep_told(session: Session, order: UUID) -> None:
    await session.execute(update(Order).where(Order.id == order).values(is_told=True))


def person_of(codec: Codec, owner: UUID, user: str) -> str:
    """The keyed digest that stands for a LINE user wherever rows are looked up."""
    return codec.blind_index(user, f"orders.person|{owner}").hex()


def _messages(runtime: Runtime, row: OrderRow) -> list[Json]:
    cart, outcome = views.cart_of(runtime.codec, row), views.outcome_of(runtime.codec, row)
    assert outcome is not None  # noqa: S101 - the order is completed
    said = f"{wording.WORDS[cart.language].ordered}\n{outcome.summary.translated}"
    voice = outcome.voice(1.0)
    audio = _audio(runtime, row, voice) if voice is not None else None
    return messages.answer(messages.text(said), *([audio] if audio else []))


def _audio(runtime: Runtime, row: OrderRow, voice: Voice) -> Json | None:
    """The voice as LINE plays it; None without an address that LINE fetches from."""
    base = runtime.settings.server.public_url
    if base is None or not base.startswith("https://"):
        return None
    until = row.created_at + links.KEPT_IN_A_CHAT
    token = links.sign(runtime.codec, links.Linked(row.id, voice.rate), until)
    return messages.audio(f"{base}{views.BASE}/voice/{token}", voice.duration_ms)
