"""Runs the migrations on a SQLite connection. Importing this imports SQLAlchemy and alembic: 1.6 s of CPU."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import StaticPool


def upgrade(connection: sqlite3.Connection, path: Path, *, start: str | None, to: str = "head") -> None:
    """Migrate to a schema, in one transaction: after a crash it has happened or it has not.

    Args:
        connection: in autocommit mode.
        path: the database file. A copy of it is left beside it first, called ``<file>.<start>``.
        start: the revision it has; None if it is empty, and then no copy is made.
        to: the revision to stop at; default: the newest.
    """
    if start is not None:
        _copy(connection, path.with_name(f"{path.name}.{start}"))
    engine = _engine_on(connection)
    foreign_keys = connection.execute("PRAGMA foreign_keys").fetchone()[0]
    # Tables are rebuilt under another name, which foreign keys would follow.
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        with engine.begin() as bound:
            config = config_of()
            config.attributes["connection"] = bound
            command.upgrade(config, to)
    finally:
        connection.execute(f"PRAGMA foreign_keys = {foreign_keys}")


def config_of() -> Config:
    """alembic's configuration, without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def _engine_on(connection: sqlite3.Connection) -> Engine:
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)

    @event.listens_for(engine, "begin")
    def _begin(bound: Any) -> None:
        # The driver is in autocommit mode and would otherwise run each DDL statement on its own.
        bound.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _copy(connection: sqlite3.Connection, target: Path) -> None:
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    copy = sqlite3.connect(target)
    try:
        connection.backup(copy)
    finally:
        copy.close()
