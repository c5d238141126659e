"""Limits and standings of vendors' keys, shared by processes through PostgreSQL."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for statement in SQL.split(";\n"):
        op.execute(statement)


SQL = """
create table platform.budgets (
  pool varchar not null constraint pk_budgets primary key,
  document bytea not null,
  changed_at timestamptz not null default now()
) with (fillfactor = 50)
"""
