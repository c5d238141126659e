"""Recognising the same person on another card, by blind indexes."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for statement in SQL.split(";\n"):
        op.execute(statement)


SQL = """
create table cards.identifiers (
  owner uuid not null,
  digest bytea not null,
  card uuid not null,
  constraint pk_identifiers primary key (owner, digest, card)
);
create index ix_identifiers_card on cards.identifiers (card)
"""
