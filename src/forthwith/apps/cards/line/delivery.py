"""Answers on their way out: by a reply token, else by a push, else with the next token.

A push is made exactly once, by its retry key. A reply is made at most once: the intent is
stored before it, and a 400 to a repeated one counts as delivered (contract.md, section 3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, TextClause, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from forthwith.apps.cards.line import tokens
from forthwith.apps.cards.line.channel import Channel, Sender, channel
from forthwith.apps.cards.models import Outgoing, PushPause, ReplyToken
from forthwith.integrations.line.errors import MonthlyLimit, ReplyTokenSpent
from forthwith.integrations.line.messages import MOST_MESSAGES, Json
from forthwith.platform import clock, ids, logging, metrics
from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import Session
from forthwith.platform.errors import ForthwithError, LeaseLost, Refused, UpstreamError
from forthwith.platform.jobs import FailedRun, Run
from forthwith.platform.runtime import Runtime

log = logging.get(__name__)

SEND: Final = "cards.line.send"
_UNANSWERED: Final = (UpstreamError, ForthwithError)
_HANDED_OVER_AFTER: Final = timedelta(seconds=1)
_LEFT: Final = text("""
select o.id, o.owner from cards.outgoing o join cards.line_photos p on p.id = o.id
where o.state in ('pending', 'replying')
  and o.created_at between now() - interval '1 day' and now() - interval '1 minute'
  and not exists (
    select from platform.runs r where r.id = p.run and r.state in ('queued', 'running'))
""")


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


async def answer(
    session: Session,
    runtime: Runtime,
    sender: Sender,
    messages: list[Json],
    *,
    token: UUID | None,
) -> UUID:
    """Say something to a person once this transaction commits; `token` is of their event."""
    outgoing = ids.new()
    keep(session, runtime.codec, sender, messages, outgoing, token=token)
    await runtime.jobs.enqueue(session, SEND, {"outgoing": outgoing}, owner=sender.owner)
    return outgoing


def keep(
    session: Session,
    codec: Codec,
    sender: Sender,
    messages: list[Json],
    outgoing: UUID,
    *,
    token: UUID | None,
) -> None:
    """Keep an answer that the run which makes it will `bring` itself, under this id."""
    content = codec.seal(Content(sender.chat, messages), _place(outgoing))
    session.add(
        Outgoing(
            id=outgoing,
            owner=sender.owner,
            person=sender.person,
            content=content,
            messages=len(messages),
            token=token,
        )
    )


async def bring(run: Run, runtime: Runtime, outgoing: UUID) -> None:
    """Send an answer from the run that made it; when LINE is not well, a run of its own does.

    Nothing to send, or sent already, is fine: so a run that was taken over ends what it began.
    """
    try:
        await deliver(run, runtime, outgoing)
    except LeaseLost:
        raise
    except _UNANSWERED as error:
        log.info("line_answer_put_off", reason=str(error)[:100])
        async with run.transaction() as session:
            await hand_over(session, runtime, run.owner, outgoing)


async def hand_over(session: Session, runtime: Runtime, owner: UUID, outgoing: UUID) -> None:
    """Let a run of its own send an answer, if it is not sent yet; however often this is asked."""
    if await _unfinished(session, owner, outgoing) is not None:
        soon = clock.now() + _HANDED_OVER_AFTER
        await runtime.jobs.enqueue(
            session, SEND, {"outgoing": outgoing}, owner=owner, run_at=soon, unique=str(outgoing)
        )


async def mend(session: Session, runtime: Runtime) -> None:
    """Hand over what nobody brings any more: the run that made it was cancelled, or given up."""
    for left in (await session.execute(_LEFT)).all():
        await hand_over(session, runtime, left.owner, left.id)


async def deliver(run: Run, runtime: Runtime, outgoing: UUID) -> str:
    """Bring one answer to its end; the state it is in then, or `ended` where it was before."""
    line = channel(runtime)
    async with run.transaction() as session:
        plan = await _plan(session, runtime.codec, run, outgoing)
    if plan is None:
        return "ended"
    if plan.token is not None:
        outcome = await _reply(run, line, plan)
        if outcome is not None:
            return outcome
    return await _push(run, line, plan)


async def hold(session: Session, failed: FailedRun) -> None:
    """Every try has failed: the next reply token of the person takes the answer along.

    A reply of which nobody knows whether it arrived is not made again.
    """
    outgoing = UUID(str(failed.args["outgoing"]))
    row = await _unfinished(session, failed.owner, outgoing)
    if row is None:
        return
    state = "presumed" if row.is_unknown or row.state == "replying" else "held"
    together = [row, *((await _same_again(session, row))[1] if row.reply else ())]
    for each in together:
        each.state, each.reply = state, None
    metrics.answers.labels("line", state).inc(len(together))


async def _unfinished(session: Session, owner: UUID, outgoing: UUID) -> Outgoing | None:
    """An answer that is still to be sent; None when it has arrived, or waits for a token."""
    query = select(Outgoing).where(
        Outgoing.owner == owner,
        Outgoing.id == outgoing,
        Outgoing.state.in_(("pending", "replying")),
    )
    return await session.scalar(query.with_for_update())


async def _plan(session: Session, codec: Codec, run: Run, outgoing: UUID) -> Plan | None:
    """The way for an answer that has not arrived; its intent is stored with the transaction."""
    row = await _unfinished(session, run.owner, outgoing)
    if row is None:
        return None
    own, is_repeat = _content(codec, row), row.reply is not None
    row.is_unknown = row.is_unknown or row.state == "replying"  # a process died over it
    token, others = await (_same_again if is_repeat else _first)(session, row)
    is_young = token is not None and token.expires_at > clock.now()
    if token is None or (is_repeat and not is_young and not row.is_unknown):
        _release(row, others)
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


def _release(row: Outgoing, others: Sequence[Outgoing]) -> None:
    """The token is good for nothing: what went along waits for the next one."""
    row.state, row.reply, row.token = "pending", None, None
    for each in others:
        each.state, each.reply = "held", None


Way = tuple[ReplyToken | None, list[Outgoing]]
"""The token to reply with, and what goes along in front."""


async def _first(session: Session, row: Outgoing) -> Way:
    token = await tokens.take(session, row.owner, row.person, row.token)
    return token, await _held(session, row) if token is not None else []


async def _same_again(session: Session, row: Outgoing) -> Way:
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


async def _reply(run: Run, line: Channel, plan: Plan) -> str | None:
    """How the reply went; None when it certainly did not, so that a push may follow.

    After a failure the same token is tried again, which LINE refuses if it was used. Once it
    is too old for that to mean anything, an answer that LINE has refused each time is pushed,
    and one whose fate is unknown is presumed to have arrived: a reply is made at most once.
    """
    together = Outgoing.reply == plan.token
    try:
        await line.line.reply(plan.reply_token, plan.messages)
    except LeaseLost:
        raise
    except ReplyTokenSpent:
        if not plan.is_repeat:
            await _give_back(run, plan)
            return None
        return await _end(run, "replied" if plan.is_young else "presumed", together)
    except Refused as refusal:
        log.warning("line_answer_refused", reason=str(refusal))
        return await _end(run, "dropped", together)
    except _UNANSWERED as error:
        is_unknown = plan.is_unknown or not _was_not_done(error)
        if not plan.is_young and not is_unknown:
            await _give_back(run, plan)
            return None
        await _note_failure(run, plan, is_unknown=is_unknown)
        raise
    return await _end(run, "replied", together)


def _was_not_done(error: Exception) -> bool:
    """Whether LINE said no, or was never reached, or our own limits refused the call."""
    cause = error.__cause__
    was_answered = getattr(cause, "status", None) is not None
    was_reached = not type(cause).__name__.startswith("ClientConnector")  # of aiohttp
    return isinstance(error, ForthwithError) or was_answered or not was_reached


async def _note_failure(run: Run, plan: Plan, *, is_unknown: bool) -> None:
    """This process lives and knows how its try went; one that dies leaves `replying` behind."""
    own = update(Outgoing).where(Outgoing.owner == run.owner, Outgoing.id == plan.id)
    async with run.transaction() as session:
        await session.execute(own.values(state="pending", is_unknown=is_unknown))


async def _push(run: Run, line: Channel, plan: Plan) -> str:
    """Push if messages of the month are left, else hold."""
    if await _is_paused(run) or not await _may_push(line, len(plan.own.messages)):
        return await _hold(run, plan)
    try:
        await line.line.push(plan.own.chat, plan.own.messages, retry_key=plan.id)
    except MonthlyLimit as limit:
        await _pause(run, limit)
        return await _hold(run, plan)
    except Refused as refusal:
        log.warning("line_push_refused", reason=str(refusal))
        return await _end(run, "dropped", Outgoing.id == plan.id)
    return await _end(run, "pushed", Outgoing.id == plan.id)


async def _may_push(line: Channel, count: int) -> bool:
    """Whether the month has room; LINE itself refuses too, should nobody be able to tell."""
    try:
        return (await line.line.quota()).left >= count
    except LeaseLost:
        raise
    except _UNANSWERED:
        return True


async def _is_paused(run: Run) -> bool:
    """Whether LINE has said that the month's messages are spent."""
    mine = (PushPause.owner == run.owner, PushPause.until > clock.now())
    async with run.transaction() as session:
        return await session.scalar(select(PushPause.owner).where(*mine)) is not None


async def _pause(run: Run, limit: MonthlyLimit) -> None:
    """Remember for all processes that no push is taken before the month has ended."""
    row = {"owner": run.owner, "until": limit.resets_at}
    statement = insert(PushPause).values(row)
    async with run.transaction() as session:
        await session.execute(
            statement.on_conflict_do_update(index_elements=["owner"], set_={"until": row["until"]})
        )


async def _hold(run: Run, plan: Plan) -> str:
    """No way is open now: the answer waits for the person's next reply token."""
    own = update(Outgoing).where(Outgoing.owner == run.owner, Outgoing.id == plan.id)
    async with run.transaction() as session:
        await session.execute(own.values(state="held"))
    metrics.answers.labels("line", "held").inc()
    return "held"


async def _give_back(run: Run, plan: Plan) -> None:
    """The token was good for nothing."""
    async with run.transaction() as session:
        row = await _unfinished(session, run.owner, plan.id)
        if row is not None:
            _release(row, (await _same_again(session, row))[1])


async def _end(run: Run, state: str, which: ColumnElement[bool]) -> str:
    """The outcome of an answer, and of what went along with its reply."""
    values = {"state": state, "ended_at": func.now()}
    async with run.transaction() as session:
        statement = update(Outgoing).where(Outgoing.owner == run.owner, which).values(values)
        ended = await session.scalars(statement.returning(Outgoing.id))
        metrics.answers.labels("line", state).inc(len(list(ended)))
    return state


async def forget_old(session: Session) -> None:
    """Drop spent tokens and what was delivered a day ago; held answers wait for a month."""
    await session.execute(delete(ReplyToken).where(ReplyToken.expires_at < _ago("1 hour")))
    is_over = Outgoing.ended_at < _ago("1 day")
    await session.execute(delete(Outgoing).where(is_over))
    await session.execute(delete(Outgoing).where(Outgoing.created_at < _ago("31 days")))


def _ago(interval: str) -> TextClause:
    return text(f"now() - interval '{interval}'")


def _content(codec: Codec, row: Outgoing) -> Content:
    return codec.open(row.content, _place(row.id), Content)


def _place(outgoing: UUID) -> bytes:
    return place("cards.outgoing", "content", outgoing)
