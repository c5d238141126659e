"""The shared cache and the leases of calls in the air."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for statement in SQL.split(";\n"):
        op.execute(statement)


SQL = """
create table platform.cached_values (
  key varchar not null constraint pk_cached_values primary key,
  version bigint not null,
  namespace varchar not null generated always as (split_part(key, ':', 1)) stored,
  tags text[] not null,
  blob bytea,
  expires_at timestamptz not null
);
create index ix_cached_values_tags on platform.cached_values using gin (tags);
create index ix_cached_values_namespace on platform.cached_values (namespace);
create index ix_cached_values_expires_at on platform.cached_values (expires_at);

create table platform.cache_fences (
  name varchar not null constraint pk_cache_fences primary key,
  version bigint not null,
  expires_at timestamptz not null
);

-- Counts changes. Used once here, since last_value tells the same before and after the first.
create sequence platform.cache_changes;
select nextval('platform.cache_changes');

-- A crash empties it: leases of processes that died with the server hold nobody up.
create unlogged table platform.flights (
  key varchar not null constraint pk_flights primary key,
  holder uuid not null,
  lease_until timestamptz not null
)
"""
