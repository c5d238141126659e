"""Accounts, sessions, tokens."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for statement in SQL.split(";\n"):
        op.execute(statement)


SQL = """
alter table platform.accounts
  add column plan varchar not null default 'basic' constraint ck_accounts_plan
    check (plan in ('basic', 'premium', 'enterprise')),
  add column plan_changed_at timestamptz;

create table platform.people (
  owner uuid not null constraint pk_people primary key,
  email_digest bytea not null constraint uq_people_email_digest unique,
  email bytea not null,
  password bytea not null,
  name bytea,
  language varchar not null,
  created_at timestamptz not null default now()
);

create table platform.sessions (
  id uuid not null constraint pk_sessions primary key,
  owner uuid not null,
  device bytea,
  address bytea,
  created_at timestamptz not null,
  used_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index ix_sessions_owner on platform.sessions (owner);
create index ix_sessions_expires_at on platform.sessions (expires_at);
create index ix_sessions_ended_at on platform.sessions (ended_at);

create table platform.refresh_tokens (
  digest bytea not null constraint pk_refresh_tokens primary key,
  owner uuid not null,
  session uuid not null,
  replaced_at timestamptz
);
create index ix_refresh_tokens_session on platform.refresh_tokens (session);

create table platform.mail_tokens (
  id uuid not null constraint pk_mail_tokens primary key,
  digest bytea not null constraint uq_mail_tokens_digest unique,
  owner uuid not null,
  purpose varchar not null,
  email_digest bytea not null,
  data bytea,
  expires_at timestamptz not null
);
create index ix_mail_tokens_owner on platform.mail_tokens (owner);
create index ix_mail_tokens_email_digest on platform.mail_tokens (email_digest);
create index ix_mail_tokens_expires_at on platform.mail_tokens (expires_at);

create table platform.attempts (
  key bytea not null constraint pk_attempts primary key,
  count integer not null,
  until timestamptz not null,
  changed_at timestamptz not null
) with (fillfactor = 50);
create index ix_attempts_changed_at on platform.attempts (changed_at);

create table platform.identities (
  id uuid not null constraint pk_identities primary key,
  owner uuid not null,
  provider varchar not null,
  subject_digest bytea not null,
  subject bytea not null,
  account uuid,
  created_at timestamptz not null default now(),
  constraint uq_identities_owner_provider_subject_digest
    unique (owner, provider, subject_digest)
);
create index ix_identities_account on platform.identities (account);

-- Access tokens are checked without a query: every process hears what makes one invalid,
-- however it was brought about.
create function platform.tell_session_ended() returns trigger language plpgsql as
$$ begin perform pg_notify('forthwith_sessions', 'ended|' || old.id); return null; end $$;
create trigger tell_session_ended after update on platform.sessions for each row
  when (old.ended_at is null and new.ended_at is not null)
  execute function platform.tell_session_ended();
create trigger tell_session_gone after delete on platform.sessions for each row
  when (old.ended_at is null) execute function platform.tell_session_ended();
create function platform.tell_plan_changed() returns trigger language plpgsql as
$$ begin
perform pg_notify('forthwith_sessions', 'plan|' || new.id || '|' || new.plan); return null; end $$;
create trigger tell_plan_changed after update on platform.accounts for each row
  when (old.plan is distinct from new.plan) execute function platform.tell_plan_changed()
"""
