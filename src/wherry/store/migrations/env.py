"""What alembic runs: the migrations, on the connection it was handed."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from wherry.store.tables import METADATA

_connection: Connection = context.config.attributes["connection"]

context.configure(
    connection=_connection, target_metadata=METADATA, render_as_batch=True, transaction_per_migration=False
)
with context.begin_transaction():
    context.run_migrations()
