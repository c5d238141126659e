"""Asking for a run: it exists if and only if the transaction that asks for it commits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import Insert, text
from sqlalchemy.dialects.postgresql import asyncpg as dialect
from sqlalchemy.util import LRUCache

from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import Database, Session
from forthwith.platform.events import event_place
from forthwith.platform.http import AlreadyAnswered
from forthwith.platform.http.idempotency import CONSTRAINT
from forthwith.platform.jobs.declare import Job
from forthwith.platform.jobs.statements import TICKETS

_DIALECT: Final = dialect.dialect()  # type: ignore[no-untyped-call]
_COMPILED: Final[LRUCache[Any, Any]] = LRUCache(200)  # texts of business inserts

_QUEUED: Final = f"""
ticket as (
  insert into {TICKETS} (priority, entrypoint, payload, execute_after, status)
  values (0, {{queue}}, uuid_send({{id}}), coalesce({{run_at}}, now()), 'queued') returning id
), run as (
  insert into platform.runs
    (id, owner, app, name, queue, state, args, run_at, ticket, unique_key)
  select {{id}}, {{owner}}, {{app}}, {{name}}, {{queue}}, 'queued', {{args}},
    coalesce({{run_at}}, now()), ticket.id, {{unique_key}}
  from ticket
), stream as (
  insert into platform.streams (id, owner, last_seq) values ({{id}}, {{owner}}, 1)
), event as (
  insert into platform.events (stream, seq, kind, data) values ({{id}}, 1, 'queued', {{data}})
)
"""

_TYPES: Final = {
    "id": "uuid",
    "owner": "uuid",
    "app": "text",
    "name": "text",
    "queue": "text",
    "args": "bytea",
    "run_at": "timestamptz",
    "unique_key": "text",
    "data": "bytea",
}

_IDEMPOTENCY: Final = """
, idempotency as (
  insert into platform.idempotency (owner, route, key, fingerprint, answer, expires_at)
  values ({owner}, {route}, {key}, {fingerprint}, {answer}, {expires_at})
)
"""

_IN_SESSION: Final = text(
    "with "
    + _QUEUED.format(**{name: f"cast(:{name} as {kind})" for name, kind in _TYPES.items()})
    + " select 1"
)

_CLAIM: Final = text("""
insert into platform.unique_jobs (key, run) values (:key, :run)
on conflict (key) do update set key = excluded.key returning run
""")


def args_place(run: UUID) -> bytes:
    """Where the arguments of a run are bound to."""
    return place("platform.runs", "args", run)


def run_values(
    codec: Codec,
    job: Job,
    run: UUID,
    owner: UUID,
    args: Mapping[str, Any],
    run_at: datetime | None,
    unique_key: str | None = None,
) -> dict[str, object]:
    """The columns of a new run, personal ones sealed. Raises when `args` do not fit the job."""
    job.parse(dict(args))
    return {
        "id": run,
        "owner": owner,
        "app": job.app,
        "name": job.name,
        "queue": job.queue,
        "args": codec.seal(args, args_place(run)),
        "run_at": run_at,
        "unique_key": unique_key,
        "data": codec.seal({}, event_place(run)),
    }


async def in_session(session: Session, values: dict[str, object]) -> UUID:
    """Queue a run in the session's transaction; its id, or that of the one with its key."""
    run = values["id"]
    assert isinstance(run, UUID)  # noqa: S101 - made by run_values
    if values["unique_key"] is not None:
        claim = {"key": values["unique_key"], "run": run}
        holder: UUID = (await session.execute(_CLAIM, claim)).scalar_one()
        if holder != run:
            return holder
    await session.execute(_IN_SESSION, values)
    return run


async def in_one_statement(
    db: Database,
    values: dict[str, object],
    statement: Insert,
    idempotency: Mapping[str, object] | None,
) -> None:
    """Write business row, run, ticket, event and idempotency row as one statement.

    Five inserts in one round trip: 2.5 times as many requests a second as a transaction of
    five (docs/adr/002). Raises `AlreadyAnswered` when the idempotency key was taken meanwhile.
    """
    parameters = _Parameters()
    business = _positional(statement, parameters)
    queued = _QUEUED.format(
        **{name: parameters.add(values[name], kind) for name, kind in _TYPES.items()}
    )
    sql = f"with business as ({business}), {queued}"
    if idempotency is not None:
        sql += _IDEMPOTENCY.format(
            **{name: parameters.add(value) for name, value in idempotency.items()}
        )
    try:
        await db.execute(f"{sql} select 1", *parameters.values)
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == CONSTRAINT:
            raise AlreadyAnswered from error
        raise


class _Parameters:
    """Positional parameters of one statement, numbered as they are added."""

    def __init__(self) -> None:
        self.values: list[object] = []

    def add(self, value: object, kind: str | None = None) -> str:
        """The placeholder of a value; `kind` casts it, so that it may be used twice."""
        self.values.append(value)
        placeholder = f"${len(self.values)}"
        return f"{placeholder}::{kind}" if kind else placeholder


def _positional(statement: Insert, parameters: _Parameters) -> str:
    """The text of an insert, its values moved into `parameters` in their order.

    The text is compiled once per table and set of columns: compiling takes as long as the
    rest of an enqueue. SQLAlchemy keeps its own executions as cheap by the same two calls, and
    offers no public name for them.
    """
    compiled: Any
    compiled, extracted, *_ = statement._compile_w_cache(  # noqa: SLF001
        _DIALECT, compiled_cache=_COMPILED, column_keys=[]
    )
    values = compiled.construct_params(extracted_parameters=extracted)
    for name in compiled.positiontup:
        process = compiled._bind_processors.get(name)  # noqa: SLF001
        parameters.add(process(values[name]) if process else values[name])
    return str(compiled.string)
