"""The way out for an answer: which token takes it along, and with which held answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import select

from forthwith.apps.cards.line import tokens
from forthwith.apps.cards.models import Outgoing, ReplyToken
from forthwith.integrations.line.messages import MOST_MESSAGES, Json
from forthwith.platform import clock
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import Session
from forthwith.platform.jobs import Run

_BEGIN: Final = """
mine as (
  select id, person, content, token from cards.outgoing o
  where o.owner = $3 and o.id = $4 and o.state = 'pending' and o.reply is null
    and not exists (select from cards.outgoing h
      where h.owner = $3 and h.person = o.person and h.state = 'held')
    and exists (select from held) for update
), good as (
  select t.id from cards.reply_tokens t join mine on t.person = mine.person
  where t.owner = $3 and not t.is_used and t.expires_at > $5
    and (t.is_free or t.id = mine.token)
  order by (t.id = mine.token) desc nulls last, t.expires_at limit 1
  for update of t skip locked
), taken as (
  update cards.reply_tokens t set is_used = true from good where t.id = good.id
  returning t.id, t.token
), begun as (
  update cards.outgoing o set state = 'replying', reply = taken.id from taken
  where o.id = $4 returning o.content, taken.id as reply, taken.token
) select begun.* from held left join begun on true
"""


class Content(msgspec.Struct, frozen=True):
    """What is said, and where."""

    chat: str
    messages: list[Json]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send now; with a token, held messages of the person go along in front."""

    id: UUID
    own: Content
    token: UUID | None = None
    reply_token: str = ""
    messages: Sequence[Json] = ()
    is_repeat: bool = False
    is_young: bool = False
    is_unknown: bool = False


async def unfinished(session: Session, owner: UUID, outgoing: UUID) -> Outgoing | None:
    """An answer that is still to be sent; None when it has arrived, or waits for a token."""
    query = select(Outgoing).where(
        Outgoing.owner == owner,
        Outgoing.id == outgoing,
        Outgoing.state.in_(("pending", "replying")),
    )
    return await session.scalar(query.with_for_update())


async def begin(run: Run, codec: Codec, outgoing: UUID) -> Plan | None:
    """`plan` in one statement for nearly all answers: a first try, a good token, nothing held.

    None where that is not so, and nothing has changed.
    """
    row = await run.ask(_BEGIN, run.owner, outgoing, clock.now())
    if row["reply"] is None:
        return None
    own = codec.open(row["content"], content_place(outgoing), Content)
    token = tokens.unsealed(codec, row["reply"], row["token"])
    return Plan(outgoing, own, row["reply"], token, own.messages, is_young=True)


async def plan(session: Session, codec: Codec, run: Run, outgoing: UUID) -> Plan | None:
    """The way for an answer that has not arrived; its intent is stored with the transaction."""
    row = await unfinished(session, run.owner, outgoing)
    if row is None:
        return None
    own, is_repeat = _content(codec, row), row.reply is not None
    row.is_unknown = row.is_unknown or row.state == "replying"  # a process died over it
    token, others = await (same_again if is_repeat else _first)(session, row)
    is_young = token is not None and token.expires_at > clock.now()
    if token is None or (is_repeat and not is_young and not row.is_unknown):
        release(row, others)
        return Plan(row.id, own)
    for each in (row, *others):
        each.state, each.reply = "replying", token.id
    before = [message for each in others for message in _content(codec, each).messages]
    return Plan(
        id=row.id,
        own=own,
        token=token.id,
        reply_token=tokens.opened(codec, token),
        messages=(*before, *own.messages),
        is_repeat=is_repeat,
        is_young=is_young,
        is_unknown=row.is_unknown,
    )


def release(row: Outgoing, others: Sequence[Outgoing]) -> None:
    """The token is good for nothing: what went along waits for the next one."""
    row.state, row.reply, row.token = "pending", None, None
    for each in others:
        each.state, each.reply = "held", None


Way = tuple[ReplyToken | None, list[Outgoing]]
"""The token to reply with, and what goes along in front."""


async def _first(session: Session, row: Outgoing) -> Way:
    token = await tokens.take(session, row.owner, row.person, row.token)
    return token, await _held(session, row) if token is not None else []


async def same_again(session: Session, row: Outgoing) -> Way:
    """Exactly what was tried before, so that LINE can refuse a second time."""
    same = (Outgoing.owner == row.owner, Outgoing.reply == row.reply, Outgoing.id != row.id)
    query = select(Outgoing).where(*same, Outgoing.state == "replying")
    others = await session.scalars(query.order_by(Outgoing.created_at, Outgoing.id))
    token = await tokens.find(session, row.owner, row.reply) if row.reply is not None else None
    return token, list(others)


async def _held(session: Session, row: Outgoing) -> list[Outgoing]:
    """Earlier answers that found no way, as many as one reply has room for."""
    query = (
        select(Outgoing)
        .where(
            Outgoing.owner == row.owner,
            Outgoing.person == row.person,
            Outgoing.state == "held",
        )
        .order_by(Outgoing.created_at, Outgoing.id)
        .limit(MOST_MESSAGES)
        .with_for_update(skip_locked=True)
    )
    room, taken = MOST_MESSAGES - row.messages, []
    for each in await session.scalars(query):
        if each.messages > room:
            break
        taken.append(each)
        room -= each.messages
    return taken


def _content(codec: Codec, row: Outgoing) -> Content:
    return codec.open(row.content, content_place(row.id), Content)


def content_place(outgoing: UUID) -> bytes:
    """Where what is said is bound to."""
    return place("cards.outgoing", "content", outgoing)
