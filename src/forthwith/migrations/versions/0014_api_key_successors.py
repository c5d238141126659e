"""Which key took over from one that was rotated."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.execute("alter table platform.api_keys add column successor uuid")
