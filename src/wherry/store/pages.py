"""Filtered and sorted pages, of any table.

What can be asked is too various for statements compiled beforehand, so the text of these is put together here: from
names of columns that `wherry.model.listing` lists, and placeholders. Whatever came from outside is bound. A page is
found as ids alone; its rows are then read by a statement like all others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec

from wherry.model import listing
from wherry.model.listing import Condition, Direction, KeysetPosition, Listable, ListQuery, Operation, Selection
from wherry.store.statement import Statement
from wherry.store.unit import Reading, to_json

Scope: TypeAlias = Mapping[str, str | int]
"""Column -> value: what the list is of, whatever is filtered for."""

_ESCAPE: Final = "!"

_COMPARED: Final = {
    Operation.EQUALS: "=",
    Operation.NOT_EQUALS: "<>",
    Operation.GREATER_THAN: ">",
    Operation.GREATER_THAN_EQUALS: ">=",
    Operation.LESS_THAN: "<",
    Operation.LESS_THAN_EQUALS: "<=",
}


class ListedTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table that can be listed."""

    name: str
    listable: Listable
    key: str = "id"
    """The column that identifies a row, and decides between equal values of the sort key."""
    tags: tuple[str, str] | None = None
    """The table of its tags, and the column that names the tagged row."""
    indexes: dict[tuple[str | None, str], str] = {}
    """(column compared for equality, column sorted by) -> index that has the list in order. None: nothing is compared."""
    listed_by: frozenset[str] = frozenset()
    """Columns that are rare enough for the planner to have its way if a list is of one of their values."""
    covering: str | None = None
    """Index with every column that can be compared or sorted by. None: the planner has its way."""


class Narrowing(NamedTuple):
    """One more condition: its text, and what is bound in it."""

    text: str
    parameters: Mapping[str, Any]


class Found(NamedTuple):
    """Part of a list, as ids."""

    ids: list[Any]
    following: KeysetPosition | None
    total: int


EXPERIMENTS: Final = ListedTable(name="experiments", listable=listing.EXPERIMENTS)
PIPELINES: Final = ListedTable(name="pipelines", listable=listing.PIPELINES, tags=("pipeline_tags", "pipeline_id"))
PIPELINE_VERSIONS: Final = ListedTable(
    name="pipeline_versions", listable=listing.PIPELINE_VERSIONS, tags=("pipeline_version_tags", "version_id")
)
#: SQLite's planner takes every comparison for a rare one. "Archived" and "of this namespace" are not: it would read
#: and sort half the table for a page of twenty. So it is told.
RUNS: Final = ListedTable(
    name="runs",
    listable=listing.RUNS,
    indexes={
        (None, "created_at"): "ix_runs_created_at_id",
        (None, "scheduled_at"): "ix_runs_scheduled_at_id",
        (None, "finished_at"): "ix_runs_finished_at_id",
        (None, "display_name"): "ix_runs_display_name_id",
        ("namespace", "created_at"): "ix_runs_namespace_created_at_id",
        ("experiment_id", "created_at"): "ix_runs_experiment_id_created_at_id",
        ("state", "created_at"): "ix_runs_state_created_at_id",
    },
    listed_by=frozenset({"pipeline_id", "pipeline_version_id"}),
    covering="ix_runs_listing",
)
TASKS: Final = ListedTable(name="tasks", listable=listing.TASKS)
ARTIFACTS: Final = ListedTable(name="artifacts", listable=listing.ARTIFACTS)
ARTIFACT_TASKS: Final = ListedTable(name="artifact_tasks", listable=listing.ARTIFACT_TASKS, key="n")


def find(
    reading: Reading, table: ListedTable, query: ListQuery, scope: Scope, narrowings: tuple[Narrowing, ...] = ()
) -> Found:
    """The ids of a page, in its order, where the next one begins, and how many rows there are in all.

    Raises:
        InvalidArgumentError: see `wherry.model.listing.select`.
    """
    selection = listing.select(query, table.listable)
    where = _where(table, selection, scope, narrowings)
    source = f'"{table.name}"{_index(table, selection, scope, [selection.sort.attribute])}'
    # The order does not matter to a count. Without a condition SQLite itself takes the smallest index.
    sorts = [sort for _, sort in table.indexes]
    counted = f'"{table.name}"{_index(table, selection, scope, sorts)}{_clause(where)}' if where else f'"{table.name}"'
    total = int(reading.scalar(Statement(f"SELECT count(*) FROM {counted}"), _bound(where)))  # noqa: S608  names of ours
    if not total:
        return Found([], None, 0)
    if selection.after is not None:
        where.append(_behind(selection.after, selection, table.key))
    rows = reading.rows(
        Statement(_page_text(source, table.key, selection, where)), {**_bound(where), "limit": selection.limit + 1}
    )
    shown = rows[: selection.limit]
    following = None
    if len(rows) > len(shown):
        identity, value = shown[-1]
        following = KeysetPosition(value=value, id=str(identity))
    return Found([row[0] for row in shown], following, total)


def one_of(column: str, values: Any, name: str) -> Narrowing:
    """``column`` is among ``values``."""
    text = f'"{column}" IN (SELECT value FROM json_each(:{name}))'  # noqa: S608  names of ours
    return Narrowing(text, {name: to_json(list(values))})


def _index(table: ListedTable, selection: Selection, scope: Scope, sorts: Sequence[str]) -> str:
    """Which index to walk, as SQLite spells it; nothing where the planner has its way.

    A small one that has all that is compared and is ordered by one of ``sorts``: it is walked in half the time of the
    covering one, and ends where the page does. Else that.
    """
    if table.covering is None or not table.listed_by.isdisjoint(scope):
        return ""
    exact = {each.field.attribute for each in selection.conditions if each.operation is Operation.EQUALS}
    equal = exact.union(scope)
    compared = equal.union(each.field.attribute for each in selection.conditions)
    if table.key in equal or (not compared and sorts == [table.key]):
        return ""
    for (column, sort), name in table.indexes.items():
        if sort in sorts and compared <= {column, sort, table.key} and (column is None or column in equal):
            return f" INDEXED BY {name}"
    return f" INDEXED BY {table.covering}"


def _page_text(source: str, key: str, selection: Selection, where: list[Narrowing]) -> str:
    sort, direction = selection.sort.attribute, selection.direction.name.removesuffix("ENDING")
    order = ", ".join(f'"{column}" {direction}' for column in dict.fromkeys((sort, key)))
    return f'SELECT "{key}", "{sort}" FROM {source}{_clause(where)} ORDER BY {order} LIMIT :limit'  # noqa: S608  names of ours


def _where(
    table: ListedTable, selection: Selection, scope: Scope, narrowings: tuple[Narrowing, ...]
) -> list[Narrowing]:
    where = [Narrowing(f'"{column}" = :scope_{column}', {f"scope_{column}": scope[column]}) for column in scope]
    where += narrowings
    where += [_condition(condition, f"value_{number}") for number, condition in enumerate(selection.conditions)]
    if table.tags is not None:
        tags, owner = table.tags
        where += [
            Narrowing(
                f'"{table.key}" IN (SELECT "{owner}" FROM "{tags}" '  # noqa: S608  names of ours
                f'WHERE "key" = :tag_{number} AND "value" = :tag_value_{number})',
                {f"tag_{number}": tag.tag, f"tag_value_{number}": tag.value},
            )
            for number, tag in enumerate(selection.tags)
        ]
    return where


def _condition(condition: Condition, name: str) -> Narrowing:
    column, value = condition.field.attribute, condition.value
    match condition.operation:
        case Operation.IN:
            return one_of(column, value, name)
        case Operation.IS_SUBSTRING:
            return Narrowing(f"\"{column}\" LIKE :{name} ESCAPE '{_ESCAPE}'", {name: containing(str(value))})
        case operation:
            return Narrowing(f'"{column}" {_COMPARED[operation]} :{name}', {name: value})


def _behind(position: KeysetPosition, selection: Selection, key: str) -> Narrowing:
    sort = selection.sort.attribute
    compared = ">" if selection.direction is Direction.ASCENDING else "<"
    if sort == key:
        return Narrowing(f'"{key}" {compared} :after', {"after": position.value})
    text = f'("{sort}", "{key}") {compared} (:after, :after_id)'
    return Narrowing(text, {"after": position.value, "after_id": position.id})


def containing(text: str) -> str:
    """The pattern of what has a text in it. The escape character is ``!``."""
    for special in (_ESCAPE, "%", "_"):
        text = text.replace(special, _ESCAPE + special)
    return f"%{text}%"


def _clause(where: list[Narrowing]) -> str:
    return f" WHERE {' AND '.join(each.text for each in where)}" if where else ""


def _bound(where: list[Narrowing]) -> dict[str, Any]:
    return {name: value for each in where for name, value in each.parameters.items()}
