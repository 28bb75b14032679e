"""Executions that later tasks may reuse."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select

from wherry.store.statements.dialect import number, where
from wherry.store.tables import cache_entries

#: In the order of `wherry.store.cache.entry_from_row`.
_COLUMNS = tuple(column for column in cache_entries.c if column.name not in {"n", "pipeline"})

INSERT = insert(cache_entries).values(
    {column.name: bindparam(column.name) for column in cache_entries.c if column.name != "n"}
)
FIND = (
    select(*_COLUMNS)
    .where(where(cache_entries.c.namespace), where(cache_entries.c.base_key))
    .order_by(cache_entries.c.n.desc())
    .limit(bindparam("limit"))
)
NEAREST = (
    select(*_COLUMNS)
    .where(where(cache_entries.c.namespace), where(cache_entries.c.pipeline), where(cache_entries.c.component))
    .order_by(cache_entries.c.n.desc())
    .limit(number(1))
)
