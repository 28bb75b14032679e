"""What the dialects spell differently."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Integer, String, bindparam, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

FINAL_STATES: Final = ("SUCCEEDED", "SKIPPED", "FAILED", "CANCELED")
UNFINISHED_STATES: Final = ("PENDING", "RUNNING", "CANCELING", "PAUSED")
OPEN_ATTEMPT_STATES: Final = ("STARTING", "RUNNING")


class _AnyOf(FunctionElement[Any]):
    """``column`` is one of the texts in the JSON list bound to ``name``: one statement for lists of any length.

    Without a type: as a Boolean it would be compared with 1.
    """

    name = "any_of"
    inherit_cache = True


class _Now(FunctionElement[int]):
    """The database's own clock, in microseconds UTC: what leases expire by."""

    name = "now_micros"
    inherit_cache = True
    type = BigInteger()


def any_of(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """``column`` is in the JSON list of texts that is bound to ``name``."""
    return _AnyOf(column, bindparam(name))


def now_micros() -> ColumnElement[int]:
    """Microseconds UTC by the database's clock."""
    return _Now()


def word(text: str) -> ColumnElement[str]:
    """A constant of ours, written into the statement: planners then know it."""
    return literal_column(f"'{text}'", String)


def number(value: int) -> ColumnElement[int]:
    """The same for a number."""
    return literal_column(str(value), Integer)


def words(texts: Iterable[str]) -> list[ColumnElement[str]]:
    """Several of them, for IN."""
    return [word(text) for text in texts]


def where(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """``column`` equals the parameter ``where_<column>``. SET has taken the bare name."""
    return column == bindparam(f"where_{column.key}")


@compiles(_AnyOf, "sqlite")
def _any_of_sqlite(element: _AnyOf, compiler: SQLCompiler, **kwargs: Any) -> str:
    column, names = element.clauses
    left, right = compiler.process(column, **kwargs), compiler.process(names, **kwargs)
    return f"{left} IN (SELECT value FROM json_each({right}))"  # noqa: S608  both come from the compiler


@compiles(_Now, "sqlite")
def _now_sqlite(element: _Now, compiler: SQLCompiler, **kwargs: Any) -> str:  # noqa: ARG001  the hook's signature
    # 2440587.5 is the Julian day of 1970-01-01. SQLite's clock has milliseconds.
    return "CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000"
