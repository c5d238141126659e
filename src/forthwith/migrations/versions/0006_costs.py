"""The cost ledger."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for statement in SQL.split(";\n"):
        op.execute(statement)


SQL = """
create table platform.costs (
  id uuid not null constraint pk_costs primary key,
  owner uuid not null,
  app varchar not null,
  vendor varchar not null,
  operation varchar not null,
  source varchar not null,
  outcome varchar not null,
  calls integer not null,
  tokens_in bigint not null,
  tokens_out bigint not null,
  micros bigint not null,
  currency varchar not null,
  latency_ms bigint not null,
  model varchar,
  key varchar,
  run uuid,
  prompt_version varchar,
  created_at timestamptz not null
);
create index ix_costs_owner_created_at on platform.costs (owner, created_at);
create index ix_costs_created_at on platform.costs (created_at)
"""
