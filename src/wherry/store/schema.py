"""Brings a database to the schema this code knows. alembic is imported only where there is something to migrate."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from wherry.errors import FailedPreconditionError
from wherry.store.compiled import SQLITE_SCHEMA
from wherry.store.connection import damaged

REVISIONS: Final = ("0001", "0002", "0003")
"""Every migration, oldest first. A test compares them with the files."""

HEAD: Final = REVISIONS[-1]

_VERSION_TABLE: Final = (
    "CREATE TABLE alembic_version ( version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num) )"
)


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Create the schema, or migrate to it.

    Raises:
        FailedPreconditionError: a newer wherry wrote the database, or it is damaged.
    """
    found = revision(connection, path)
    if found == HEAD:
        return
    if found is None:
        _create(connection)
        return
    _check_known(found, path)
    from wherry.store.migrations.upgrade import upgrade

    upgrade(connection, path, start=found)


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Raise FailedPreconditionError unless the database has the schema this code knows: for those who only read."""
    found = revision(connection, path)
    if found == HEAD:
        return
    if found is not None:
        _check_known(found, path)
    raise FailedPreconditionError(
        f"the database '{path}' has schema {found or 'none yet'}; this wherry reads schema {HEAD}",
        hint="Run a pipeline, or anything else that writes: that brings it up to date.",
    )


def check_integrity(connection: sqlite3.Connection, path: Path) -> None:
    """Raise FailedPreconditionError if the pages do not fit together. Reads the whole file."""
    try:
        finding = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise damaged(path, str(error)) from error
    if finding != "ok":
        raise damaged(path, finding)


def revision(connection: sqlite3.Connection, path: Path) -> str | None:
    """Revision of the schema that the database has; None if it is empty."""
    try:
        if connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        if "no such table" in str(error):
            raise FailedPreconditionError(
                f"'{path}' is a database, but not one of wherry's", hint="Use another folder with '--state OTHER'."
            ) from error
        raise damaged(path, str(error)) from error
    return str(row[0]) if row else None


def _check_known(found: str, path: Path) -> None:
    if found not in REVISIONS:
        raise FailedPreconditionError(
            f"the database '{path}' has schema {found}; this wherry knows schemas up to {HEAD}",
            hint="Use the newer wherry that wrote it, or another folder with '--state OTHER'.",
        )


def _create(connection: sqlite3.Connection) -> None:
    """The whole schema in one transaction: after a crash there is all of it or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in (*SQLITE_SCHEMA, _VERSION_TABLE):
        connection.execute(statement)
    connection.execute("INSERT INTO alembic_version (version_num) VALUES (?)", (HEAD,))
    connection.execute("COMMIT")
