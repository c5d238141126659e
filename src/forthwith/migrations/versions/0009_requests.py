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


SQL = """
-- Every process remembers who holds a key; it has to hear of a change however it was made.
create function platform.tell_key_changed() returns trigger language plpgsql as
$$ begin
perform pg_notify('forthwith_identity', coalesce(new.owner, old.owner)::text); return null; end $$;
create trigger tell_key_changed after insert or update or delete on platform.api_keys
  for each row execute function platform.tell_key_changed();
create function platform.tell_account_changed() returns trigger language plpgsql as
$$ begin
perform pg_notify('forthwith_identity', old.id::text); return null; end $$;
create trigger tell_account_changed after update or delete on platform.accounts
  for each row execute function platform.tell_account_changed()
"""
