"""Business cards."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for statement in SQL.split(";\n"):
        op.execute(statement)


SQL = """
create schema cards;

create table cards.cards (
  id uuid not null constraint pk_cards primary key,
  owner uuid not null,
  person varchar,
  run uuid not null,
  photo varchar not null,
  media_type varchar not null,
  reading bytea,
  created_at timestamptz not null default now()
);
create index ix_cards_owner_id on cards.cards (owner, id desc);
create index ix_cards_owner_photo on cards.cards (owner, photo)
"""
