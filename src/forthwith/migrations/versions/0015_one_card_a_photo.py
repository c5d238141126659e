"""No person has two cards of equal photos: the index that found them is unique now."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for statement in SQL.split(";\n"):
        op.execute(statement)


SQL = """
drop index cards.ix_cards_owner_person_photo;
create unique index ux_cards_owner_person_photo on cards.cards (owner, person, photo)
  where person is not null
"""
