"""Asking for a run: it exists if and only if the transaction that asks for it commits."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg
from sqlalchemy import TableClause, insert
from sqlalchemy.dialects.postgresql import asyncpg as dialect

from forthwith.platform.crypto import Codec, place
from forthwith.platform.db import Base, Database, Session
from forthwith.platform.events import event_place
from forthwith.platform.http import AlreadyAnswered
from forthwith.platform.http.idempotency import CONSTRAINT
from forthwith.platform.jobs.declare import Job
from forthwith.platform.jobs.statements import NEW_TICKET, TICKETS, TICKETS_CHANNEL

_DIALECT: Final = dialect.dialect()  # type: ignore[no-untyped-call]

Table = type[Base] | TableClause
"""A model, or a table in SQLAlchemy's words."""

_QUEUED: Final = f"""
ticket as (
  insert into {TICKETS} (priority, entrypoint, payload, execute_after, status)
  select 0, {{queue}}, uuid_send({{id}}), coalesce({{run_at}}, now()), 'queued' {{source}}
  returning id
), run as (
  insert into platform.runs
    (id, owner, app, name, queue, state, args, run_at, ticket, unique_key)
  select {{id}}, {{owner}}, {{app}}, {{name}}, {{queue}}, 'queued', {{args}},
    coalesce({{run_at}}, now()), ticket.id, {{unique_key}}
  from ticket
), stream as (
  insert into platform.streams (id, owner, last_seq) select {{id}}, {{owner}}, 1 {{source}}
), event as (
  insert into platform.events (stream, seq, kind, data)
  select {{id}}, 1, 'queued', {{data}} {{source}}
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
  select {owner}, {route}, {key}, {fingerprint}, {answer}, {expires_at} {source}
)
"""

_IN_SESSION: Final = (
    "with "
    + _QUEUED.format(
        source="",
        **{name: f"${number}::{kind}" for number, (name, kind) in enumerate(_TYPES.items(), 1)},
    )
    + " select 1"
)

_CLAIM: Final = """
insert into platform.unique_jobs (key, run) values ($1, $2)
on conflict (key) do update set key = excluded.key returning run
"""


class Condition(NamedTuple):
    """A statement that must return a row, or else nothing is written and no run is queued.

    `sql` names its `values` in braces; `refuse` makes the error to raise without a row.
    """

    sql: str
    values: Mapping[str, object]
    refuse: Callable[[], Exception]


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
        holder = await session.fetchrow(_CLAIM, values["unique_key"], run)
        if holder is not None and holder["run"] != run:
            earlier: UUID = holder["run"]
            return earlier
    await session.fetch(_IN_SESSION, *(values[name] for name in _TYPES))
    session.tell(TICKETS_CHANNEL, NEW_TICKET)
    return run


async def in_one_statement(
    db: Database,
    values: Mapping[str, object],
    table: Table,
    row: Mapping[str, object],
    idempotency: Mapping[str, object] | None,
    condition: Condition | None,
) -> None:
    """Write business row, run, ticket, event and idempotency row as one statement.

    Five inserts in one round trip: 2.5 times as many requests a second as a transaction of
    five (docs/adr/002). Raises `AlreadyAnswered` when the idempotency key was taken meanwhile,
    and what the condition refuses with when it does not hold.
    """
    repeatable = idempotency or {}
    asked = condition.values if condition else {}
    sql = condition.sql if condition else None
    statement = _statement(table, tuple(row), tuple(repeatable), sql, tuple(asked))
    try:
        written = await db.fetchrow(
            statement.sql,
            *(process(row[name]) for name, process in statement.columns),
            *(values[name] for name in _TYPES),
            *repeatable.values(),
            *asked.values(),
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == CONSTRAINT:
            raise AlreadyAnswered from error
        raise
    if condition and written is None:
        raise condition.refuse()
    db.tell(TICKETS_CHANNEL, NEW_TICKET)


class _Statement(NamedTuple):
    """The text, and the columns of the business row in the order of their placeholders."""

    sql: str
    columns: tuple[tuple[str, Callable[[object], object]], ...]


@lru_cache(maxsize=256)
def _statement(
    table: Table,
    columns: tuple[str, ...],
    idempotency: tuple[str, ...],
    condition: str | None,
    asked: tuple[str, ...],
) -> _Statement:
    """Made once per table and set of columns: making it takes longer than executing it."""
    business: Any = insert(table).compile(dialect=_DIALECT, column_keys=columns)
    if business.insert_prefetch:
        missing = ", ".join(column.name for column in business.insert_prefetch)
        raise LookupError(f"the row needs a value for: {missing}")
    names = business.positiontup
    processors = business._bind_processors  # noqa: SLF001 - SQLAlchemy has no public name
    numbers = count(len(names) + 1)
    source = "from allowed" if condition else ""
    into, _, values = business.string.removesuffix(")").partition(" VALUES (")
    queued = {name: f"${next(numbers)}::{kind}" for name, kind in _TYPES.items()}
    sql = f"business as ({into} select {values} {source}), "
    sql += _QUEUED.format(source=source, **queued)
    if idempotency:
        repeatable = {name: f"${next(numbers)}" for name in idempotency}
        sql += _IDEMPOTENCY.format(source=source, **repeatable)
    if condition:
        allowed = condition.format(**{name: f"${next(numbers)}" for name in asked})
        sql = f"allowed as ({allowed}), {sql}"
    return _Statement(
        f"with {sql} select 1 {source}",
        tuple((name, processors.get(name, _as_it_is)) for name in names),
    )


def _as_it_is(value: object) -> object:
    return value
