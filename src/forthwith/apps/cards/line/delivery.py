"""Answers on their way out: by a reply token, else by a push, else with the next token.

A push is made exactly once, by its retry key. A reply is made at most once: the intent is
stored before it, and a 400 to a repeated one counts as delivered (contract.md, section 3).
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from forthwith.apps.cards.line import planning
from forthwith.apps.cards.line.channel import Channel, Sender, channel
from forthwith.apps.cards.line.planning import Content, Plan
from forthwith.apps.cards.models import Outgoing, PushPause
from forthwith.integrations.line.errors import MonthlyLimit, ReplyTokenSpent
from forthwith.integrations.line.messages import Json
from forthwith.platform import clock, ids, logging, metrics
from forthwith.platform.crypto import Codec
from forthwith.platform.db import Session
from forthwith.platform.errors import ForthwithError, LeaseLost, Refused, UpstreamError
from forthwith.platform.jobs import FailedRun, Run
from forthwith.platform.runtime import Runtime

log = logging.get(__name__)

SEND: Final = "cards.line.send"
_UNANSWERED: Final = (UpstreamError, ForthwithError)
_HANDED_OVER_AFTER: Final = timedelta(seconds=1)
_KEEP: Final = """
insert into cards.outgoing (id, owner, person, content, messages, token)
values ($1, $2, $3, $4, $5, $6)
"""
_END: Final = """
ended as (
  update cards.outgoing o set state = $5, ended_at = now() from held
  where o.owner = $3 and o.{which} = $4 returning 1
) select (select count(*) from ended) as ended from held
"""
_END_ONE: Final = _END.format(which="id")
_END_REPLY: Final = _END.format(which="reply")


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
    await keep(session, runtime.codec, sender, messages, outgoing, token=token)
    await runtime.jobs.enqueue(session, SEND, {"outgoing": outgoing}, owner=sender.owner)
    return outgoing


async def keep(
    session: Session,
    codec: Codec,
    sender: Sender,
    messages: list[Json],
    outgoing: UUID,
    *,
    token: UUID | None,
) -> None:
    """Keep an answer that the run which makes it will `bring` itself, under this id."""
    content = codec.seal(Content(sender.chat, messages), planning.content_place(outgoing))
    row = (outgoing, sender.owner, sender.person, content, len(messages), token)
    await session.fetch(_KEEP, *row)


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
    if await planning.unfinished(session, owner, outgoing) is not None:
        soon = clock.now() + _HANDED_OVER_AFTER
        await runtime.jobs.enqueue(
            session, SEND, {"outgoing": outgoing}, owner=owner, run_at=soon, unique=str(outgoing)
        )


async def deliver(run: Run, runtime: Runtime, outgoing: UUID) -> str:
    """Bring one answer to its end; the state it is in then, or `ended` where it was before."""
    line = channel(runtime)
    plan = await planning.begin(run, runtime.codec, outgoing)
    if plan is None:
        async with run.transaction() as session:
            plan = await planning.plan(session, runtime.codec, run, outgoing)
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
    row = await planning.unfinished(session, failed.owner, outgoing)
    if row is None:
        return
    state = "presumed" if row.is_unknown or row.state == "replying" else "held"
    together = [row, *((await planning.same_again(session, row))[1] if row.reply else ())]
    for each in together:
        each.state, each.reply = state, None
    metrics.answers.labels("line", state).inc(len(together))


async def _reply(run: Run, line: Channel, plan: Plan) -> str | None:
    """How the reply went; None when it certainly did not, so that a push may follow.

    After a failure the same token is tried again, which LINE refuses if it was used. Once it
    is too old for that to mean anything, an answer that LINE has refused each time is pushed,
    and one whose fate is unknown is presumed to have arrived: a reply is made at most once.
    """
    together = (_END_REPLY, plan.token)
    try:
        await line.line.reply(plan.reply_token, plan.messages)
    except LeaseLost:
        raise
    except ReplyTokenSpent:
        if not plan.is_repeat:
            await _give_back(run, plan)
            return None
        return await _end(run, "replied" if plan.is_young else "presumed", *together)
    except Refused as refusal:
        log.warning("line_answer_refused", reason=str(refusal))
        return await _end(run, "dropped", *together)
    except _UNANSWERED as error:
        is_unknown = plan.is_unknown or not _was_not_done(error)
        if not plan.is_young and not is_unknown:
            await _give_back(run, plan)
            return None
        await _note_failure(run, plan, is_unknown=is_unknown)
        raise
    return await _end(run, "replied", *together)


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
        return await _end(run, "dropped", _END_ONE, plan.id)
    return await _end(run, "pushed", _END_ONE, plan.id)


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
        row = await planning.unfinished(session, run.owner, plan.id)
        if row is not None:
            planning.release(row, (await planning.same_again(session, row))[1])


async def _end(run: Run, state: str, statement: str, which: UUID | None) -> str:
    """The outcome of an answer, and of what went along with its reply."""
    row = await run.ask(statement, run.owner, which, state)
    metrics.answers.labels("line", state).inc(row["ended"])
    return state
