"""Plans, quotas, request limits, nonces."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for statement in SQL.split(";\n"):
        op.execute(statement)


SQL = """
alter table platform.api_keys
  add column signing_secret bytea,
  add column requests_per_minute integer;

-- Counts and nonces of minutes: a crash of the database may forget them, so they cost no WAL.
create unlogged table platform.request_counts (
  subject bytea not null constraint pk_request_counts primary key,
  period bigint not null,
  used integer not null,
  before integer not null,
  expires_at timestamptz not null
) with (fillfactor = 50);

create unlogged table platform.nonces (
  key uuid not null,
  nonce varchar not null,
  expires_at timestamptz not null,
  constraint pk_nonces primary key (key, nonce)
);
create index ix_nonces_expires_at on platform.nonces (expires_at);

create table platform.quota_uses (
  owner uuid not null,
  quota varchar not null,
  period date not null,
  used bigint not null,
  constraint pk_quota_uses primary key (owner, quota, period)
);

-- Every process remembers who holds a key; it has to hear of a change however it was made.
create function platform.tell_key_changed() returns trigger language plpgsql as
$$ begin
perform pg_notify('forthwith_identity', coalesce(new.owner, old.owner)::text); return null; end $$;
create trigger tell_key_changed after insert or update or delete on platform.api_keys
  for each row execute function platform.tell_key_changed();
create function platform.tell_account_changed() returns trigger language plpgsql as
$$ begin
perform pg_notify('forthwith_identity', old.id::text); return null; end $$;
create trigger tell_account_changed after update or delete on platform.accounts
  for each row execute function platform.tell_account_changed()
"""
