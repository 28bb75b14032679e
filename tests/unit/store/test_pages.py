from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from wherry.model import listing
from wherry.model.identity import RunId
from wherry.model.listing import Direction, ListQuery, Operation, Predicate
from wherry.store import StoreMode, history, open_store, pages, schema
from wherry.store.connection import open_writer
from wherry.store.tables import METADATA
from wherry.store.unit import Parameters, Reading, Row
from wherry.testing.records import new_run

TABLES = [
    pages.EXPERIMENTS,
    pages.PIPELINES,
    pages.PIPELINE_VERSIONS,
    pages.RUNS,
    pages.TASKS,
    pages.ARTIFACTS,
    pages.ARTIFACT_TASKS,
]
ARCHIVED = Predicate(key="storage_state", operation=Operation.NOT_EQUALS, value="ARCHIVED")
FOUND = Predicate(key="description", operation=Operation.IS_SUBSTRING, value="x")


class Explaining(Reading):
    """Keeps the plan of every query beside its answer."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.plan: list[str] = []

    def rows(self, statement: Any, parameters: Parameters | None = None) -> list[Row]:
        plan = self._connection.execute(f"EXPLAIN QUERY PLAN {statement.sqlite}", parameters or {})
        self.plan += [step[3] for step in plan]
        return super().rows(statement, parameters or {})

    def row(self, statement: Any, parameters: Parameters | None = None) -> Row | None:
        return self.rows(statement, parameters)[0]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("pages") / "wherry.db"
    with closing(open_writer(path)) as connection:
        schema.prepare(connection, path)
        yield connection


def plan_of(connection: sqlite3.Connection, query: ListQuery, **scope: str) -> list[str]:
    explaining = Explaining(connection)
    pages.find(explaining, pages.RUNS, query, scope)
    return explaining.plan


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_key_is_a_column(table: pages.ListedTable) -> None:
    columns = set(METADATA.tables[table.name].c.keys())

    assert {field.attribute for field in table.listable.fields.values()} | {table.key} <= columns


def test_the_index_of_runs_holds_every_key_a_list_can_have() -> None:
    (index,) = [each for each in METADATA.tables["runs"].indexes if each.name == pages.RUNS.covering]

    assert {field.attribute for field in listing.RUNS.fields.values()} <= set(index.columns.keys())


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("filters", [(), (ARCHIVED,), (FOUND, ARCHIVED)], ids=["all", "shown", "found"])
@pytest.mark.parametrize("scope", [{}, {"namespace": ""}, {"experiment_id": "e"}], ids=["of all", "of one", "in one"])
@pytest.mark.parametrize("key", listing.RUNS.fields)
def test_a_list_of_runs_reads_no_row_it_does_not_show(
    empty: sqlite3.Connection, key: str, scope: Any, filters: Any, direction: Direction
) -> None:
    plan = plan_of(empty, ListQuery(sort_by=key, direction=direction, filters=filters), **scope)

    assert [step for step in plan if "runs" in step and "COVERING INDEX" not in step] == []


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("key", ["created_at", "scheduled_at", "finished_at", "display_name", "id"])
def test_a_list_of_runs_by_a_key_of_many_values_is_not_sorted_first(
    empty: sqlite3.Connection, key: str, direction: Direction
) -> None:
    plan = plan_of(empty, ListQuery(sort_by=key, direction=direction))

    assert [step for step in plan if "TEMP B-TREE" in step] == []


@pytest.mark.parametrize("scope", [{"namespace": ""}, {"experiment_id": "e"}], ids=["namespace", "experiment"])
def test_the_newest_runs_of_a_scope_are_not_sorted_first(empty: sqlite3.Connection, scope: Any) -> None:
    plan = plan_of(empty, ListQuery(direction=Direction.DESCENDING), **scope)

    assert [step for step in plan if "TEMP B-TREE" in step or "SEARCH" not in step] == []


def test_lists_do_not_read_specs(tmp_path: Path) -> None:
    async def story() -> list[RunId]:
        store = open_store(tmp_path, mode=StoreMode.READ_WRITE)
        await store.create_run(new_run())
        connection = sqlite3.connect(tmp_path / "wherry.db", isolation_level=None)
        connection.execute("DROP TABLE specs")
        connection.close()
        page = await store.find_runs(ListQuery())
        await store.close()
        return [run.id for run in page.items]

    assert asyncio.run(story()) == ["run-0001"]


def test_the_history_of_a_run_is_read_without_that_of_its_tasks(empty: sqlite3.Connection) -> None:
    explaining = Explaining(empty)
    history.states_of_runs(explaining, [RunId("a"), RunId("b")])

    assert "SEARCH run_events USING INDEX ix_run_events_of_run (run_id=?)" in explaining.plan
