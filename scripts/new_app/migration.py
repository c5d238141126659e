"""Samples."""

from alembic import op

revision = "REVISION"
down_revision = "BEFORE"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for statement in SQL.split(";\n"):
        op.execute(statement)


SQL = """
create schema samples;

create table samples.samples (
  id uuid not null constraint pk_samples primary key,
  owner uuid not null,
  run uuid not null,
  content bytea not null,
  created_at timestamptz not null default now()
);
create index ix_samples_owner_id on samples.samples (owner, id desc)
"""
