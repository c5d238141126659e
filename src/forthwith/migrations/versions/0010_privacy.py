"""The audit log and the privacy of persons."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for statement in SQL.split(";\n"):
        op.execute(statement)
    op.execute(KEEP_AUDIT)
    op.execute(GUARD)


SQL = """
-- The index key outlives rotations of the keys that seal it.
create table platform.index_keys (
  id smallint not null constraint pk_index_keys primary key,
  key bytea not null
);

create table platform.audit (
  id uuid not null constraint pk_audit primary key,
  owner uuid,
  actor uuid,
  credential varchar,
  action varchar not null,
  subject varchar not null,
  request_id varchar,
  data bytea,
  created_at timestamptz not null default now()
);
create index ix_audit_owner_id on platform.audit (owner, id desc);

create table platform.exports (
  id uuid not null constraint pk_exports primary key,
  owner uuid not null,
  run uuid not null,
  file varchar,
  size bigint,
  expires_at timestamptz not null
);
create index ix_exports_owner on platform.exports (owner);
create index ix_exports_expires_at on platform.exports (expires_at)
"""

KEEP_AUDIT = """
create function platform.keep_audit() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and to_jsonb(new) - 'data' = to_jsonb(old) - 'data' then
    return new;
  end if;
  if tg_op = 'DELETE' and current_setting('forthwith.audit_ages', true) = 'on' then
    return old;
  end if;
  raise exception 'the audit log is only added to';
end $$
"""
"""Only the sealed data may change, and only the ageing of old entries may delete."""

GUARD = """
create trigger keep_audit before update or delete on platform.audit
for each row execute function platform.keep_audit()
"""
