"""Cards in LINE."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for statement in SQL.split(";\n"):
        op.execute(statement)


SQL = """
alter table cards.cards add merged_into uuid;
create index ix_cards_owner_person_photo on cards.cards (owner, person, photo)
  where person is not null;
create index ix_cards_merged_into on cards.cards (merged_into) where merged_into is not null;

create table cards.chats (
  owner uuid not null,
  person varchar not null,
  state bytea not null,
  constraint pk_chats primary key (owner, person)
);

create table cards.batches (
  id uuid not null constraint pk_batches primary key,
  owner uuid not null,
  person varchar not null,
  image_set varchar,
  total integer,
  event bytea not null,
  opened_at timestamptz not null,
  last_photo_at timestamptz not null default now(),
  closed_at timestamptz,
  is_forgotten boolean not null default false,
  summed_up_at timestamptz
);
create unique index ux_batches_open on cards.batches (owner, person)
  where closed_at is null and image_set is null;
create unique index ux_batches_image_set on cards.batches (owner, person, image_set)
  where image_set is not null;

create table cards.line_photos (
  id uuid not null constraint pk_line_photos primary key,
  owner uuid not null,
  person varchar not null,
  event bytea not null,
  sent_at timestamptz not null,
  token uuid,
  batch uuid,
  run uuid,
  card uuid,
  state varchar not null default 'waiting',
  failure varchar,
  was_cached boolean not null default false,
  received_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz
);
create index ix_line_photos_waiting on cards.line_photos (owner, person, sent_at)
  where state = 'waiting';
create index ix_line_photos_batch on cards.line_photos (batch) where batch is not null;
create index ix_line_photos_received_at on cards.line_photos (received_at);
create index ix_line_photos_card on cards.line_photos (card) where card is not null;

create table cards.reply_tokens (
  id uuid not null constraint pk_reply_tokens primary key,
  owner uuid not null,
  person varchar not null,
  token bytea not null,
  is_free boolean not null,
  is_used boolean not null default false,
  expires_at timestamptz not null
);
create index ix_reply_tokens_unused on cards.reply_tokens (owner, person, expires_at)
  where not is_used;
create index ix_reply_tokens_expires_at on cards.reply_tokens (expires_at);

create table cards.outgoing (
  id uuid not null constraint pk_outgoing primary key,
  owner uuid not null,
  person varchar not null,
  content bytea not null,
  messages smallint not null,
  token uuid,
  reply uuid,
  is_unknown boolean not null default false,
  state varchar not null default 'pending',
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create index ix_outgoing_held on cards.outgoing (owner, person, created_at) where state = 'held';
create index ix_outgoing_reply on cards.outgoing (reply) where reply is not null;
create index ix_outgoing_created_at on cards.outgoing (created_at);

create table cards.push_pauses (
  owner uuid not null constraint pk_push_pauses primary key,
  until timestamptz not null
);

create table cards.grams (
  owner uuid not null,
  person varchar not null,
  digest bytea not null,
  card uuid not null,
  constraint pk_grams primary key (owner, person, digest, card)
);
create index ix_grams_card on cards.grams (card)
"""
