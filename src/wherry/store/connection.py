"""Connections to a SQLite file: one that writes, any number that only read."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final
from urllib.parse import quote

from wherry.errors import FailedPreconditionError, StoreUnavailableError, WherryBugError, WherryError

BUSY_SECONDS: Final = 30.0
"""How long to wait for a lock that another connection holds."""

_MAPPED_BYTES: Final = 256 * 1024 * 1024
"""How much of the file a reader sees through memory that it shares with the system's cache."""

_STATEMENTS: Final = 256
"""Prepared statements that a connection keeps; more than there are."""


def open_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes to ``path``, which is made if need be, readable by its owner only."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(
        path, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False, cached_statements=_STATEMENTS
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        _use_our_indexes(connection)
        # A long read keeps the log from being reset; without a limit its size would stay for good.
        connection.execute("PRAGMA journal_size_limit = 67108864")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write or checkpoint."""
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=ro",
        uri=True,
        isolation_level=None,
        timeout=BUSY_SECONDS,
        check_same_thread=False,
        cached_statements=_STATEMENTS,
    )
    _use_our_indexes(connection)
    # A list may walk an index of tens of megabytes; reading it page by page costs as much again.
    connection.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")
    return connection


def _use_our_indexes(connection: sqlite3.Connection) -> None:
    # Every join has an index. The planner may still prefer to build one of its own for a query, from a whole table:
    # for the lineage of one artifact it read every attempt there is.
    connection.execute("PRAGMA automatic_index = OFF")


def translate(error: sqlite3.Error, path: Path) -> WherryError:
    """What a caller can make of an error of the driver."""
    match error:
        case sqlite3.IntegrityError():
            return WherryBugError(f"the database refused a write that contradicts what it holds: {error}")
        case sqlite3.OperationalError() if getattr(error, "sqlite_errorname", "").startswith("SQLITE_FULL"):
            return StoreUnavailableError(
                f"the disk of the database '{path}' is full: nothing was written",
                hint="Free some space; work goes on by itself.",
            )
        case sqlite3.OperationalError() if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
            return WherryBugError(f"the database '{path}' has another shape than expected: {error}")
        case sqlite3.OperationalError():
            return StoreUnavailableError(f"the database '{path}' did not do as told: {error}")
        case sqlite3.ProgrammingError() | sqlite3.InterfaceError() | sqlite3.DataError():
            return WherryBugError(f"a statement or its parameters are wrong: {error}")
        case _:
            return damaged(path, str(error))


def damaged(path: Path, finding: str) -> FailedPreconditionError:
    """The file is not what SQLite wrote."""
    return FailedPreconditionError(
        f"the database '{path}' is damaged: {finding}",
        hint="Nothing was changed. Restore it from a copy, or move the state folder away and start with a new one.",
    )
