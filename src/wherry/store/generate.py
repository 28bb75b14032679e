"""Writes ``compiled.py``: the statements and the schema as text. Run ``python -m wherry.store.generate``.

SQLAlchemy takes more than half a second of CPU to import, which a command that only reads a few rows would pay every
time. A test compares the file with what would be written.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

from sqlalchemy import ClauseElement
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from wherry.store import statements
from wherry.store.tables import METADATA

TARGET: Final = Path(__file__).with_name("compiled.py")
_OFFSET: Final = re.compile(r" OFFSET :param_\d+")
_HEADER: Final = '''"""SQL text, written by ``python -m wherry.store.generate``. Change `wherry.store.statements`, not this."""

from __future__ import annotations

from typing import Final

from wherry.store.statement import Statement
'''


def source() -> str:
    """What ``compiled.py`` should hold."""
    parts = [_HEADER]
    for module in _modules():
        aggregate = module.__name__.rpartition(".")[2]
        for name, construct in vars(module).items():
            if name.isupper() and not name.startswith("_") and isinstance(construct, ClauseElement):
                parts.append(
                    f"{aggregate.upper()}_{name}: Final = Statement(\n    sqlite={_literal(_sqlite(construct))},\n)\n"
                )
    schema = "".join(f"    {_literal(text)},\n" for text in schema_statements())
    parts.append(f"SQLITE_SCHEMA: Final = (\n{schema})\n")
    return "\n".join(parts)


def schema_statements() -> tuple[str, ...]:
    """The whole schema as SQLite's DDL, in an order in which it can be run."""
    return tuple(_sqlite(element) for element in _schema())


def _modules() -> Iterator[ModuleType]:
    for found in sorted(pkgutil.iter_modules(statements.__path__), key=lambda found: found.name):
        yield importlib.import_module(f"{statements.__name__}.{found.name}")


def _schema() -> Iterator[ExecutableDDLElement]:
    for table in METADATA.sorted_tables:
        yield CreateTable(table)
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield CreateIndex(index)


def _sqlite(element: ClauseElement | ExecutableDDLElement) -> str:
    dialect = sqlite.dialect(paramstyle="named")
    text = str(element.compile(dialect=dialect))
    # SQLAlchemy adds OFFSET to every LIMIT that is a parameter; nothing here has an offset.
    return _OFFSET.sub("", " ".join(text.split()))


def _literal(text: str) -> str:
    """A Python literal in the quotes that the formatter would choose."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + text.replace(quote, f"\\{quote}") + quote


if __name__ == "__main__":
    TARGET.write_text(source(), encoding="utf-8")
