"""A connection as the aggregates see it: statements in, tuples out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from wherry.store.statement import Statement

Row: TypeAlias = tuple[Any, ...]
Parameters: TypeAlias = Mapping[str, Any]

_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_NOTHING: Final[Parameters] = {}


def to_json(value: object) -> str:
    """Canonical JSON: keys sorted, no spaces; equal values give equal texts."""
    return _ENCODER.encode(value).decode()


class Reading:
    """Runs queries. Everything read within one transaction is of one moment."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, statement: Statement, parameters: Parameters = _NOTHING) -> list[Row]:
        """All rows."""
        return self._connection.execute(statement.sqlite, parameters).fetchall()

    def row(self, statement: Statement, parameters: Parameters = _NOTHING) -> Row | None:
        """The first row, or None."""
        row: Row | None = self._connection.execute(statement.sqlite, parameters).fetchone()
        return row

    def scalar(self, statement: Statement, parameters: Parameters = _NOTHING) -> Any:
        """The first column of the only row."""
        row = self.row(statement, parameters)
        return row[0] if row is not None else None


class Unit(Reading):
    """A unit of work: reads and writes that happen together or not at all."""

    def execute(self, statement: Statement, parameters: Parameters = _NOTHING) -> int:
        """Run one write; returns how many rows it changed."""
        return self._connection.execute(statement.sqlite, parameters).rowcount

    def execute_many(self, statement: Statement, parameters: Sequence[Parameters]) -> int:
        """Run one write for each set of parameters; returns how many rows they changed in all."""
        if not parameters:
            return 0
        return self._connection.executemany(statement.sqlite, parameters).rowcount

    def insert(self, statement: Statement, parameters: Parameters = _NOTHING) -> int:
        """Run one insert; returns the number that the database gave the row."""
        return self._connection.execute(statement.sqlite, parameters).lastrowid or 0


def ids_parameter(ids: Iterable[str]) -> str:
    """A list of texts as a statement's ``ids`` takes it."""
    return to_json(list(ids))


def prefix_parameters(prefix: str, *, limit: int) -> Parameters:
    """Bounds of everything that starts with ``prefix``, by bytes."""
    return {"prefix": prefix, "beyond": prefix + "\U0010ffff", "limit": limit}
