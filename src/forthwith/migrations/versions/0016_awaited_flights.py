"""A flight knows whether another process waits for it: only then its end is told."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.execute("alter table platform.flights add column is_awaited boolean not null default false")
