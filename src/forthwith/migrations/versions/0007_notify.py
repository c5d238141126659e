"""Notifications, where they go, and how their owners want them."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for statement in SQL.split(";\n"):
        op.execute(statement)


SQL = """
create table platform.notifications (
  id uuid not null constraint pk_notifications primary key,
  owner uuid not null,
  person varchar,
  digest bytea not null constraint uq_notifications_digest unique,
  recipient bytea not null,
  channel varchar not null,
  template varchar not null,
  urgent boolean not null,
  gathers boolean not null,
  leader uuid,
  run uuid not null,
  state varchar not null,
  reason varchar,
  content bytea not null,
  created_at timestamptz default now() not null,
  sent_at timestamptz
);
create index ix_notifications_owner_id on platform.notifications (owner, id desc);
create index ix_notifications_waiting on platform.notifications (recipient)
  where state = 'queued' and gathers;
create index ix_notifications_leader on platform.notifications (leader);

create table platform.notification_receivers (
  id uuid not null constraint pk_notification_receivers primary key,
  owner uuid not null,
  channel varchar not null,
  digest bytea not null,
  content bytea not null,
  created_at timestamptz default now() not null,
  disabled_at timestamptz,
  constraint uq_notification_receivers_owner_digest unique (owner, digest)
);

create table platform.notification_preferences (
  owner uuid not null constraint pk_notification_preferences primary key,
  content bytea not null,
  updated_at timestamptz default now() not null
)
"""
