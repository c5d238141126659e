"""The platform's tables: accounts, ledger, events, inbox, idempotency."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for statement in SQL.split(";\n"):
        op.execute(statement)


SQL = """
create table platform.accounts (
  id uuid not null constraint pk_accounts primary key,
  role varchar not null,
  created_at timestamptz not null default now()
);

create table platform.api_keys (
  id uuid not null constraint pk_api_keys primary key,
  owner uuid not null,
  name varchar not null,
  digest bytea not null constraint uq_api_keys_digest unique,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz
);
create index ix_api_keys_owner on platform.api_keys (owner);

-- Partitioned by UUIDv7: a month of history is dropped as one table. Partitioned tables
-- refuse other unique keys, so uniqueness lives in small tables of its own.
create table platform.runs (
  id uuid not null constraint pk_runs primary key,
  owner uuid not null,
  app varchar not null,
  name varchar not null,
  queue varchar not null,
  state varchar not null constraint ck_runs_state
    check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  args bytea not null,
  run_at timestamptz not null,
  attempt integer not null default 0,
  takeovers integer not null default 0,
  ticket bigint,
  holder uuid,
  lease_until timestamptz,
  unique_key varchar,
  progress bytea,
  result bytea,
  error bytea,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz
) partition by range (id);
create index ix_runs_owner_id on platform.runs (owner, id desc);
create index ix_runs_due on platform.runs (run_at) where state = 'queued';
create index ix_runs_lease on platform.runs (lease_until) where state = 'running';
create table platform.runs_default partition of platform.runs default;

create table platform.steps (
  run uuid not null,
  name varchar not null,
  result bytea not null,
  created_at timestamptz not null default now(),
  constraint pk_steps primary key (run, name)
) partition by range (run);
create table platform.steps_default partition of platform.steps default;

create table platform.streams (
  id uuid not null constraint pk_streams primary key,
  owner uuid not null,
  last_seq integer not null default 0
) partition by range (id);
create table platform.streams_default partition of platform.streams default;

create table platform.events (
  stream uuid not null,
  seq integer not null,
  kind varchar not null,
  data bytea not null,
  created_at timestamptz not null default now(),
  constraint pk_events primary key (stream, seq)
) partition by range (stream);
create table platform.events_default partition of platform.events default;

create table platform.unique_jobs (
  key varchar not null constraint pk_unique_jobs primary key,
  run uuid not null
);

create table platform.ticks (
  name varchar not null,
  due timestamptz not null,
  constraint pk_ticks primary key (name, due)
);

create table platform.inbox (
  channel varchar not null,
  event varchar not null,
  owner uuid not null,
  payload bytea not null,
  received_at timestamptz not null default now(),
  constraint pk_inbox primary key (channel, event)
);
create index ix_inbox_received_at on platform.inbox (received_at);

create table platform.idempotency (
  owner uuid not null,
  route varchar not null,
  key varchar not null,
  fingerprint bytea not null,
  answer bytea not null,
  expires_at timestamptz not null,
  constraint pk_idempotency primary key (owner, route, key)
);
create index ix_idempotency_expires_at on platform.idempotency (expires_at)
"""
