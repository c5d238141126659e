"""The SQL of the ledger; every state change is one statement on the database's clock.

What it returns as `told` is to be told on the channel of events once that is committed.

pgqueuer's row is only the ticket that wakes a worker: each move to `queued` inserts a new one
and stores its id in `runs.ticket`, so that an old ticket finds nothing to do. `held` is the
fence: it locks the run only for the holder of the lease.
"""

from typing import Final


class ArrayStatement:
    """A statement over arrays, for many at once or for one.

    `together` skips runs that somebody has locked, so that one slow transaction holds up
    nobody else; `alone` waits for its run.
    """

    def __init__(self, sql: str) -> None:
        self.together = sql.format(skip="skip locked")
        self.alone = sql.format(skip="")


TICKETS: Final = "pgqueuer.pgqueuer"
TICKETS_CHANNEL: Final = "forthwith_tickets"
NEW_TICKET: Final = "new"
"""Told after a ticket was inserted."""
TICKET_ENDED: Final = "ended"
"""Told after a ticket of a queue with a cap was deleted: there is room for another."""

_FREED: Final = """
freed as (delete from platform.unique_jobs using moved where key = moved.unique_key)
"""

_TOLD: Final = """
numbered as (
  update platform.streams s set last_seq = last_seq + 1 from moved
  where s.id = moved.id returning s.id, s.last_seq
), told as (
  insert into platform.events (stream, seq, kind, data)
  select id, last_seq, {kind}, {data} from numbered returning stream, seq
)
select stream || ':' || seq as told from told
"""

_EXPIRES: Final = "greatest(lease_until, pg_postmaster_start_time() + {lease}::interval)"
"""When a run may be taken over. While the database was away nobody could renew: whoever still
works gets the time of a lease after its return, to renew and to record what was paid."""

_TICKET: Final = f"""
ticket as (
  insert into {TICKETS} (priority, entrypoint, payload, execute_after, status)
  select 0, queue, uuid_send(id), {{run_at}}, 'queued' from held returning id
)
"""

_START: Final = f"""
with asked as (
  select * from unnest($1::uuid[], $2::bigint[], $3::uuid[])
    with ordinality as a (id, ticket, holder, number)
), found as (
  select r.id, a.holder, a.number from platform.runs r join asked a on a.id = r.id
  where r.id = any($1) and r.ticket = a.ticket and r.run_at <= now()
    and (r.state = 'queued'
      or r.state = 'running' and {_EXPIRES.format(lease="$4")} < now() and r.takeovers < $5)
  for no key update of r {{skip}}
)
update platform.runs r set
  state = 'running', holder = found.holder, lease_until = now() + $4::interval,
  takeovers = takeovers + (state = 'running')::int, started_at = coalesce(started_at, now())
from found where r.id = any($1) and r.id = found.id
returning found.number, name, owner, args, attempt, takeovers, started_at = now() as is_first,
  extract(epoch from now() - greatest(run_at, created_at))::float8 as waited
"""

START: Final = ArrayStatement(_START)

LOOK: Final = f"""
select state, name, owner, args, ticket = $2 as is_mine,
  extract(epoch from {_EXPIRES.format(lease="$3")} - now())::float8 as remaining
from platform.runs where id = $1
"""

RENEW: Final = """
with free as (
  select id from platform.runs
  where id = any($1::uuid[]) and holder = any($2::uuid[]) and state = 'running'
  for no key update skip locked
)
update platform.runs r set lease_until = now() + $3::interval from free where r.id = free.id
returning r.holder
"""
"""Skips a run that a transaction has locked: one slow write must not end all other leases."""

NOT_RENEWED: Final = """
select id, holder, state from platform.runs where id = any($1::uuid[])
"""

FENCE: Final = """
select 1 from platform.runs where id = $1 and holder = $2 and state = 'running' for update
"""

HELD: Final = f"held as materialized ({FENCE})"
"""How a statement begins that is to act only while the run is its holder's: `$1` and `$2`."""

FENCE_STEP: Final = """
select s.result from platform.runs r
left join platform.steps s on s.run = r.id and s.name = $3
where r.id = $1 and r.holder = $2 and r.state = 'running' for update of r
"""
"""The fence and a step at one look. Whoever else wrote that step held the run then, so it was
there before this holder's lease began."""

WRITE_STEP: Final = """
insert into platform.steps (run, name, result) values ($1, $2, $3)
"""

READ_STEP: Final = """
select s.result from platform.runs r
left join platform.steps s on s.run = r.id and s.name = $2
where r.id = $1 and r.holder = $3 and r.state = 'running'
"""

_SAVE_STEP: Final = """
with asked as (
  select * from unnest($1::uuid[], $2::text[], $3::bytea[], $4::uuid[])
    with ordinality as a (run, name, result, holder, number)
), found as (
  select a.*, coalesce(r.holder = a.holder, false) and r.state = 'running' as is_held
  from platform.runs r join asked a on a.run = r.id
  where r.id = any($1) for key share of r {skip}
), saved as (
  insert into platform.steps (run, name, result) select run, name, result from found
  on conflict do nothing returning run, name, result
)
select found.number, found.is_held, coalesce(saved.result, s.result) as result
from found left join saved using (run, name)
left join platform.steps s on s.run = any($1) and s.run = found.run and s.name = found.name
"""

SAVE_STEP: Final = ArrayStatement(_SAVE_STEP)
"""In whatever state the run is: a failed or cancelled one may be tried again, and what was
paid stays paid. The lock keeps an erasure from missing a step that is being saved. The result
is null when another worker's was saved at the same moment: then it must be read once more."""

_SUCCEED: Final = f"""
with asked as (
  select * from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bytea[], $5::bytea[])
    with ordinality as a (id, holder, result, progress, data, number)
), found as (
  select a.* from platform.runs r join asked a on a.id = r.id
  where r.id = any($1) and r.holder = a.holder and r.state = 'running'
  for no key update of r {{skip}}
), moved as (
  update platform.runs r set
    state = 'succeeded', result = found.result, progress = found.progress, holder = null,
    lease_until = null, finished_at = now()
  from found where r.id = any($1) and r.id = found.id
  returning r.id, r.ticket, r.unique_key, found.number, found.data
), gone as (
  delete from {TICKETS} using moved where {TICKETS}.id = moved.ticket
), {_FREED}, numbered as (
  update platform.streams s set last_seq = last_seq + 1 from moved
  where s.id = any($1) and s.id = moved.id returning s.id, s.last_seq, moved.number, moved.data
), told as (
  insert into platform.events (stream, seq, kind, data)
  select id, last_seq, 'succeeded', data from numbered
)
select number, id || ':' || last_seq as told from numbered
"""

SUCCEED: Final = ArrayStatement(_SUCCEED)
"""Ends runs and takes their tickets out of the queue."""

_FAIL: Final = f"""
with moved as (
  update platform.runs set
    state = 'failed', error = :error, attempt = attempt + :tries, holder = null,
    lease_until = null, finished_at = now()
  where id = :id and state = 'running' and {{condition}} returning id, unique_key
), {_FREED}, {_TOLD.format(kind="'failed'", data="cast(:data as bytea)")}
"""

FAIL: Final = _FAIL.format(condition="holder = :holder")

FAIL_ABANDONED: Final = _FAIL.format(
    condition="lease_until < now() and ticket = :ticket and takeovers >= :takeovers"
)

REQUEUE: Final = f"""
with held as (
  select id, queue from platform.runs
  where id = $1 and holder = $2 and state = 'running' for update
), {_TICKET.format(run_at="now() + $3::interval")}, moved as (
  update platform.runs r set
    state = 'queued', run_at = now() + $3::interval, attempt = $4, error = $5,
    takeovers = takeovers + $8, ticket = ticket.id, holder = null, lease_until = null
  from held, ticket where r.id = held.id returning r.id
), {_TOLD.format(kind="$6", data="$7::bytea")}
"""

GIVE_BACK: Final = """
update platform.runs set state = 'queued', holder = null, lease_until = null
where id = $1 and holder = $2 and state = 'running'
"""

PROGRESS: Final = f"""
with moved as (
  update platform.runs set progress = $3
  where id = $1 and holder = $2 and state = 'running' returning id
), {_TOLD.format(kind="'progress'", data="$4::bytea")}
"""

CANCEL: Final = f"""
with moved as (
  update platform.runs set
    state = 'cancelled', holder = null, lease_until = null, finished_at = now()
  where id = :id and owner = :owner and state in ('queued', 'running')
  returning id, ticket, unique_key
), gone as (
  delete from {TICKETS} using moved where {TICKETS}.id = moved.ticket and status = 'queued'
), {_FREED}, {_TOLD.format(kind="'cancelled'", data="cast(:data as bytea)")}
"""

RETRY: Final = f"""
with held as (
  select id, queue from platform.runs
  where id = :id and owner = :owner and state in ('failed', 'cancelled') for update
), {_TICKET.format(run_at="now()")}, moved as (
  update platform.runs r set
    state = 'queued', run_at = now(), attempt = 0, takeovers = 0, error = null, progress = null,
    ticket = ticket.id, finished_at = null, unique_key = null
  from held, ticket where r.id = held.id returning r.id
), {_TOLD.format(kind="'queued'", data="cast(:data as bytea)")}
"""

LOCK_TO_ERASE: Final = """
select 1 from platform.runs where id = :id and owner = :owner for update
"""
"""A statement of its own: the next one sees what was written while this one waited."""

ERASE: Final = f"""
with gone as (
  delete from platform.runs where id = :id and owner = :owner returning id, ticket, unique_key
), steps as (delete from platform.steps using gone where run = gone.id),
events as (delete from platform.events using gone where stream = gone.id),
streams as (delete from platform.streams using gone where streams.id = gone.id),
freed as (delete from platform.unique_jobs using gone where key = gone.unique_key)
delete from {TICKETS} using gone where {TICKETS}.id = gone.ticket and status = 'queued'
"""

RECONCILE: Final = f"""
with held as (
  select id, queue from platform.runs r
  where (state = 'queued' and run_at <= now() or state = 'running' and lease_until < now())
    and not exists (select from {TICKETS} t where t.id = r.ticket)
  order by id limit 100 for update skip locked
), numbered as (
  select id, queue, nextval(pg_get_serial_sequence('{TICKETS}', 'id')) as ticket from held
), tickets as (
  insert into {TICKETS} (id, priority, entrypoint, payload, execute_after, status)
  select ticket, 0, queue, uuid_send(id), now(), 'queued' from numbered
)
update platform.runs r set ticket = numbered.ticket from numbered where r.id = numbered.id
returning r.id
"""

WAITING: Final = """
select queue, count(*) as waiting from platform.runs
where state = 'queued' and run_at <= now() group by queue
"""
