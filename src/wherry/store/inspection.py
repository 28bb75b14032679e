"""What a state folder is like, seen from outside: for the doctor. Takes no lock and changes nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from wherry.errors import WherryError
from wherry.store import schema
from wherry.store.connection import open_reader
from wherry.store.folder import StateFolder


class StateCondition(msgspec.Struct, frozen=True, kw_only=True):
    """What was found."""

    revision: str | None
    """Schema revision of the database; None if there is no database yet."""
    runs: int
    """Runs recorded in it."""
    holder: str
    """Who holds the folder, in words; empty if nobody does."""
    problem: str
    """What is wrong with the database; empty if nothing is."""


def inspect_state(folder: Path) -> StateCondition:
    """Look at a state folder. Reads the whole database file once, to see whether it is sound."""
    state = StateFolder(folder)
    holder = state.holder()
    words = f"'{holder.command}', process {holder.pid} on {holder.host}" if holder else ""
    revision, runs, problem = None, 0, ""
    if state.database.exists():
        connection = open_reader(state.database)
        try:
            state.check_format()
            revision = schema.revision(connection, state.database)
            schema.check_integrity(connection, state.database)
            if revision is None:
                problem = f"the database '{state.database}' is empty: what was recorded in it is gone"
            else:
                runs = int(connection.execute("SELECT count(*) FROM runs").fetchone()[0])
        except WherryError as error:
            problem = error.message
        except sqlite3.Error as error:
            problem = str(error)
        finally:
            connection.close()
    return StateCondition(revision=revision, runs=runs, holder=words, problem=problem)


def sqlite_version() -> str:
    """Version of the SQLite library in use."""
    return sqlite3.sqlite_version
