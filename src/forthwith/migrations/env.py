"""Alembic's environment: runs on the connection that the caller hands in.

Imports nothing of ours: the connection comes through `config.attributes`.
"""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema="platform",
    include_schemas=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
