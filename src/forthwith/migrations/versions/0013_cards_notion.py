"""Pages in Notion."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for statement in SQL.split(";\n"):
        op.execute(statement)


SQL = """
create table cards.notion_cards (
  card uuid not null constraint pk_notion_cards primary key,
  owner uuid not null,
  place varchar not null,
  version integer not null default 1,
  tried integer not null default 0,
  run uuid,
  state varchar not null default 'waiting',
  failure varchar,
  failures smallint not null default 0,
  pages bytea
);
create index ix_notion_cards_owner on cards.notion_cards (owner)
"""
