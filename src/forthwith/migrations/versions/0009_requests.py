"""Plans, quotas, request limits, nonces."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for statement in SQL.split(";\n"):
        op.execute(statement)


SQL = "select 1"
