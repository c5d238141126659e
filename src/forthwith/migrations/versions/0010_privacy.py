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


SQL = "select 1"
