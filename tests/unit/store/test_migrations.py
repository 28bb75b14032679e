"""Databases of earlier schemas are brought up to date, with everything that is in them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from wherry.model.experiments import default_experiment_id
from wherry.model.identity import RunId
from wherry.model.states import RuntimeState, StorageState
from wherry.store import StoreMode, open_store, schema
from wherry.store.connection import open_writer
from wherry.store.migrations.upgrade import upgrade
from wherry.store.sqlite import SqliteRunStore

TABLES = ("specs", "tasks", "attempts", "artifacts", "artifact_tasks", "cache_entries", "run_events", "owners")


@pytest.fixture
def first(tmp_path: Path) -> Iterator[Path]:
    """A state folder whose database has the first schema, and a row in every table that had any."""
    path = tmp_path / "wherry.db"
    with closing(open_writer(path)) as connection:
        upgrade(connection, path, start=None, to="0001")
        insert(connection, "owners", token=7, name="engine", started_at=1)
        insert(connection, "specs", digest="d", body=b"spec", created_at=1)
        for number, namespace in enumerate(("", "", "theirs"), start=1):
            insert_run(connection, f"run-{number}", namespace, number)
        connection.execute("UPDATE runs SET state = 'SUCCEEDED', finished_at = 50 WHERE id = 'run-2'")
        insert(
            connection,
            "tasks",
            run_id="run-2",
            generation=1,
            key="root/a",
            id="t",
            name="a",
            display_name="a",
            component="c",
            kind="RUNTIME",
            state="SUCCEEDED",
            created_at=1,
            inputs="{}",
            outputs="{}",
            fingerprint_parts="{}",
            cache_note="",
        )
        insert(
            connection,
            "attempts",
            id="x",
            run_id="run-2",
            generation=1,
            task="root/a",
            number=1,
            token=7,
            state="SUCCEEDED",
            created_at=1,
        )
        insert(
            connection,
            "artifacts",
            id="data",
            namespace="",
            created_by="ann",
            type="system.Dataset",
            schema_version="1",
            name="data",
            uri="/data",
            metadata="{}",
            created_at=1,
        )
        insert(
            connection,
            "artifact_tasks",
            artifact_id="data",
            run_id="run-2",
            generation=1,
            task="root/a",
            kind="OUTPUT",
            port="data",
            position=0,
        )
        insert(
            connection,
            "cache_entries",
            namespace="",
            base_key="b",
            fingerprint="f",
            component="c",
            pipeline="p",
            run_id="run-2",
            generation=1,
            task="root/a",
            attempt_id="x",
            created_at=1,
            artifact_inputs="{}",
            outputs="{}",
            fingerprint_parts="{}",
        )
        body = json.dumps({"state": "SUCCEEDED"})
        insert(connection, "run_events", run_id="run-2", seq=1, at=2, kind="run.created", body="{}")
        insert(connection, "run_events", run_id="run-2", seq=2, at=50, kind="run.ended", body=body)
    return tmp_path


def insert(connection: sqlite3.Connection, table: str, **values: Any) -> None:
    names, places = ", ".join(f'"{name}"' for name in values), ", ".join(f":{name}" for name in values)
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", values)  # noqa: S608  names of ours


def insert_run(connection: sqlite3.Connection, run_id: str, namespace: str, at: int) -> None:
    insert(
        connection,
        "runs",
        id=run_id,
        generation=1,
        namespace=namespace,
        created_by="ann",
        display_name=f"n {run_id}",
        pipeline="p",
        spec_digest="d",
        parameters='{"rows":3}',
        pipeline_root="/",
        semantics=1,
        cache="as-compiled",
        state="RUNNING",
        storage_state="AVAILABLE",
        created_at=at,
        scheduled_at=at,
        started_at=at,
        crashes=1,
        idempotency_key=run_id,
        owner_token=7,
    )


def rows_of(folder: Path, table: str) -> list[Any]:
    with closing(sqlite3.connect(folder / "wherry.db")) as connection:
        return connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  names of ours


def migrated(folder: Path) -> SqliteRunStore:
    return open_store(folder, mode=StoreMode.READ_WRITE)


def test_every_run_is_kept_as_it_was(first: Path) -> None:
    kept = "(SELECT id, namespace, display_name, parameters, state, started_at, crashes, idempotency_key FROM runs)"
    before = rows_of(first, kept)
    asyncio.run(migrated(first).close())

    assert sorted(rows_of(first, kept)) == before


def test_what_belongs_to_runs_is_kept_and_belongs_to_them_still(first: Path) -> None:
    before = {table: rows_of(first, table) for table in TABLES}
    asyncio.run(migrated(first).close())

    with closing(sqlite3.connect(first / "wherry.db")) as connection:
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM runs WHERE id = 'run-2'")
        left = connection.execute("SELECT count(*) FROM tasks").fetchone()
    assert {table: rows_of(first, table) for table in TABLES} == before
    assert (broken, left) == ([], (0,))


def test_earlier_runs_belong_to_the_default_experiment_of_their_namespace(first: Path) -> None:
    store = migrated(first)

    async def story() -> list[Any]:
        ours, theirs = [await store.get_experiment(default_experiment_id(each)) for each in ("", "theirs")]
        runs = [await store.get_run(RunId(f"run-{number}")) for number in (1, 2, 3)]
        await store.close()
        return [(ours.last_run_created_at, theirs.last_run_created_at), [run.experiment_id for run in runs]]

    ours, theirs = default_experiment_id(""), default_experiment_id("theirs")
    assert asyncio.run(story()) == [(2, 3), [ours, ours, theirs]]


def test_times_that_were_not_set_are_not_set_still(first: Path) -> None:
    store = migrated(first)

    async def story() -> list[Any]:
        runs = [await store.get_run(RunId(f"run-{number}")) for number in (1, 2)]
        await store.close()
        return [(run.finished_at, run.storage_state) for run in runs]

    assert asyncio.run(story()) == [(None, StorageState.AVAILABLE), (50, StorageState.AVAILABLE)]


def test_the_state_history_of_earlier_runs_is_known(first: Path) -> None:
    store = migrated(first)

    async def story() -> Any:
        history = await store.state_history([RunId("run-2")])
        await store.close()
        return [(change.at, change.state) for change in history[RunId("run-2")]]

    assert asyncio.run(story()) == [(2, RuntimeState.PENDING), (50, RuntimeState.SUCCEEDED)]


def test_an_empty_database_of_the_first_schema_has_no_experiment_yet(tmp_path: Path) -> None:
    path = tmp_path / "wherry.db"
    with closing(open_writer(path)) as connection:
        upgrade(connection, path, start=None, to="0001")
        schema.prepare(connection, path)

        assert connection.execute("SELECT count(*) FROM experiments").fetchone() == (0,)


def test_a_copy_of_the_earlier_database_stays_beside_it(first: Path) -> None:
    asyncio.run(migrated(first).close())

    with closing(sqlite3.connect(first / "wherry.db.0001")) as copy:
        assert copy.execute("SELECT count(*) FROM runs").fetchone() == (3,)
