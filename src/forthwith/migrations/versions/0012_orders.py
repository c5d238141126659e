"""The tables of orders."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for statement in SQL.split(";\n"):
        op.execute(statement)


SQL = """
create schema orders;

create table orders.shops (
  id uuid not null constraint pk_shops primary key,
  owner uuid not null,
  slug varchar not null,
  menu bytea not null,
  is_open boolean not null,
  version integer not null default 1,
  created_at timestamptz not null default now()
);
create unique index ux_shops_slug on orders.shops (slug);
create index ix_shops_owner_id on orders.shops (owner, id);

create table orders.shop_names (
  owner uuid not null,
  name varchar not null,
  shop uuid not null,
  constraint pk_shop_names primary key (owner, name)
);
create index ix_shop_names_shop on orders.shop_names (shop);

create table orders.counters (
  owner uuid not null,
  shop uuid not null,
  day date not null,
  last integer not null,
  constraint pk_counters primary key (owner, shop)
);

create table orders.orders (
  id uuid not null constraint pk_orders primary key,
  owner uuid not null,
  run uuid not null,
  content bytea not null,
  shop uuid,
  person varchar,
  number integer,
  outcome bytea,
  is_told boolean not null default false,
  completed_at timestamptz,
  accepted_at timestamptz,
  done_at timestamptz,
  created_at timestamptz not null default now()
);
create index ix_orders_owner_run on orders.orders (owner, run desc);
create index ix_orders_shop_run on orders.orders (shop, run desc);
create index ix_orders_person on orders.orders (person) where person is not null;

create table orders.recordings (
  owner uuid not null,
  blob varchar not null,
  order_id uuid not null,
  constraint pk_recordings primary key (owner, blob, order_id)
);
create index ix_recordings_order_id on orders.recordings (order_id)
"""
