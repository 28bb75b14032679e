"""All SQL of the service: tables, named statements, one module per aggregate, migrations, the SQLite adapter.

Nothing outside this package sees a row, a connection or a statement: domain values go in and come out.

Start at `wherry.store.tables` (what is kept), then `wherry.store.commit` (what one turn of the engine writes), then
`wherry.store.sqlite` (who writes it, and when it is on the disk). ``docs/explanation/database.md`` tells why.

Statements are SQLAlchemy constructs in `wherry.store.statements`. `wherry.store.generate` compiles them to the text in
`wherry.store.compiled`, so that a process which only uses the database imports neither SQLAlchemy nor alembic.
"""

from wherry.store.inspection import StateCondition, inspect_state, sqlite_version
from wherry.store.sqlite import SqliteRunStore, StoreMode, open_store

__all__ = ["SqliteRunStore", "StateCondition", "StoreMode", "inspect_state", "open_store", "sqlite_version"]
