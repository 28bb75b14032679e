from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
import stat
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from wherry.errors import FailedPreconditionError, NotFoundError, StateHeldError, WherryBugError
from wherry.model.identity import RunId
from wherry.model.runs import RunRequestKind, RunUpdate
from wherry.model.states import RuntimeState
from wherry.store import SqliteRunStore, StoreMode, inspect_state, open_store
from wherry.store.schema import HEAD
from wherry.testing.contracts.run_commits import claimed
from wherry.testing.records import SOON, new_run


def use(
    folder: Path, story: Callable[[SqliteRunStore], Coroutine[Any, Any, Any]], mode: StoreMode = StoreMode.READ_WRITE
) -> Any:
    """Open the store of a folder, use it, close it."""

    async def whole() -> Any:
        store = open_store(folder, mode=mode, command="wherry run x.py")
        try:
            return await story(store)
        finally:
            await store.close()

    return asyncio.run(whole())


async def create(store: SqliteRunStore) -> Any:
    return await store.create_run(new_run())


async def list_ids(store: SqliteRunStore) -> list[RunId]:
    return [run.id for run in await store.list_runs()]


def files_of(folder: Path) -> list[Path]:
    """The database and its log."""
    return sorted(folder.glob("wherry.db*"))


def sql(folder: Path, text: str) -> list[Any]:
    """Run a statement behind the store's back."""
    connection = sqlite3.connect(folder / "wherry.db", isolation_level=None)
    try:
        return connection.execute(text).fetchall()
    finally:
        connection.close()


def test_a_reader_sees_what_a_writer_beside_it_committed(tmp_path: Path) -> None:
    async def story(writer: SqliteRunStore) -> list[list[RunId]]:
        reader = open_store(tmp_path, mode=StoreMode.READ_ONLY)
        before = await list_ids(reader)
        await create(writer)
        after = await list_ids(reader)
        await reader.close()
        return [before, after]

    assert use(tmp_path, story) == [[], ["run-0001"]]


def test_a_reader_needs_no_writer(tmp_path: Path) -> None:
    use(tmp_path, create)

    assert use(tmp_path, list_ids, StoreMode.READ_ONLY) == ["run-0001"]


def test_a_reader_does_not_write(tmp_path: Path) -> None:
    use(tmp_path, create)

    with pytest.raises(FailedPreconditionError, match="read only"):
        use(tmp_path, create, StoreMode.READ_ONLY)


def test_a_reader_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="nothing has been recorded"):
        use(tmp_path / "absent", list_ids, StoreMode.READ_ONLY)
    assert not (tmp_path / "absent").exists()


def test_a_second_writer_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    async def story(first: SqliteRunStore) -> list[RunId]:
        with pytest.raises(StateHeldError, match=r"'wherry run x\.py'"):
            open_store(tmp_path, mode=StoreMode.READ_WRITE)
        await create(first)
        return await list_ids(first)

    assert use(tmp_path, story) == ["run-0001"]


def test_a_writer_that_closed_lets_the_next_one_in(tmp_path: Path) -> None:
    use(tmp_path, create)

    assert use(tmp_path, list_ids) == ["run-0001"]


def test_the_database_is_for_its_owner_only(tmp_path: Path) -> None:
    old = os.umask(0)
    try:

        async def story(store: SqliteRunStore) -> set[int]:
            await create(store)
            return {stat.S_IMODE(each.stat().st_mode) for each in files_of(tmp_path)}

        assert use(tmp_path, story) == {0o600}
    finally:
        os.umask(old)


def test_who_started_what_is_written_down(tmp_path: Path) -> None:
    async def story(store: SqliteRunStore) -> None:
        held = await claimed(store)
        await store.request(held.run.id, RunRequestKind.CANCEL, by="bob", now=SOON)
        await held.ended()
        await store.open_generation(held.run.id, seen=1, kept=[], by="eve", now=SOON)

    use(tmp_path, story)

    assert sql(tmp_path, "SELECT who, action, object_id FROM audit ORDER BY n") == [
        ("ann", "run.create", "run-0001"),
        ("bob", "run.cancel", "run-0001"),
        ("eve", "run.retry", "run-0001"),
    ]


def test_a_claim_is_a_lease_that_ends(tmp_path: Path) -> None:
    async def story(store: SqliteRunStore) -> None:
        await claimed(store)

    use(tmp_path, story)
    token, name, seconds = sql(
        tmp_path,
        "SELECT owner_token, owner_name, lease_expires_at / 1e6 - unixepoch('now') FROM runs",
    )[0]

    assert (token, name) == (1, "engine")
    assert 25 < seconds < 31


def test_lists_do_not_read_specs(tmp_path: Path) -> None:
    use(tmp_path, create)
    sql(tmp_path, "DROP TABLE specs")

    assert use(tmp_path, list_ids, StoreMode.READ_ONLY) == ["run-0001"]


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    use(tmp_path, create)
    sql(tmp_path, "UPDATE alembic_version SET version_num = '9999'")

    for mode in StoreMode:
        with pytest.raises(FailedPreconditionError, match="schema 9999") as caught:
            use(tmp_path, list_ids, mode)
        assert "newer wherry" in caught.value.hint
    assert sql(tmp_path, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_the_database_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    sql(tmp_path, "CREATE TABLE theirs (a)")

    with pytest.raises(FailedPreconditionError, match="not one of wherry's"):
        use(tmp_path, list_ids)
    assert sql(tmp_path, "SELECT name FROM sqlite_master") == [("theirs",)]


@pytest.mark.parametrize("content", [b"", b"not a database" * 500], ids=["empty", "rubbish"])
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "wherry.db").write_bytes(content)

    if content:
        with pytest.raises(FailedPreconditionError, match="damaged"):
            use(tmp_path, list_ids)
        assert (tmp_path / "wherry.db").read_bytes() == content
    else:
        assert use(tmp_path, list_ids) == []


def test_a_damaged_page_found_after_a_crash_stops_every_write(tmp_path: Path) -> None:
    crashed = tmp_path / "crashed"

    async def story(store: SqliteRunStore) -> None:
        for number in range(200):
            await store.create_run(new_run(f"run-{number:04}"))
        sql(tmp_path, "PRAGMA wal_checkpoint(FULL)")
        await store.create_run(new_run("run-last"))
        crashed.mkdir()
        for each in files_of(tmp_path):
            shutil.copy(each, crashed)

    use(tmp_path, story)
    content = bytearray((crashed / "wherry.db").read_bytes())
    chance = random.Random(1)
    content[8192:-8192] = chance.randbytes(len(content) - 16384)
    (crashed / "wherry.db").write_bytes(content)

    with pytest.raises(FailedPreconditionError, match="damaged") as caught:
        use(crashed, list_ids)
    assert "Restore it" in caught.value.hint
    assert "damaged" in inspect_state(crashed).problem


def test_a_copy_taken_in_mid_flight_recovers_from_its_log(tmp_path: Path) -> None:
    crashed = tmp_path / "crashed"

    async def story(store: SqliteRunStore) -> None:
        await create(store)
        crashed.mkdir()
        for each in files_of(tmp_path):
            if not each.name.endswith("-shm"):
                shutil.copy(each, crashed)

    use(tmp_path, story)

    assert use(crashed, list_ids) == ["run-0001"]


def test_durable_turns_are_those_that_promise_something(tmp_path: Path) -> None:
    async def story(store: SqliteRunStore) -> list[str]:
        held = await claimed(store)
        levels = []
        writer = store._writer
        assert writer is not None
        for update in (
            RunUpdate(state=RuntimeState.RUNNING),
            RunUpdate(state=RuntimeState.CANCELING),
            RunUpdate(state=RuntimeState.RUNNING),
            RunUpdate(state=RuntimeState.FAILED),
        ):
            await held.turn(run=update)
            levels.append(writer._synchronous)
        return levels

    assert use(tmp_path, story) == ["NORMAL", "FULL", "NORMAL", "FULL"]


def test_the_condition_of_a_folder_is_told(tmp_path: Path) -> None:
    async def story(store: SqliteRunStore) -> Any:
        await create(store)
        return inspect_state(tmp_path)

    condition = use(tmp_path, story)

    assert (condition.revision, condition.runs, condition.problem) == (HEAD, 1, "")
    assert condition.holder.startswith(f"'wherry run x.py', process {os.getpid()} on ")
    assert inspect_state(tmp_path).holder == ""


def test_the_condition_of_no_folder_is_told(tmp_path: Path) -> None:
    condition = inspect_state(tmp_path / "absent")

    assert (condition.revision, condition.runs, condition.problem, condition.holder) == (None, 0, "", "")


def test_many_turns_at_once_from_many_tasks_are_all_written(tmp_path: Path) -> None:
    async def story(store: SqliteRunStore) -> int:
        await asyncio.gather(*(store.create_run(new_run(f"run-{number:04}", at=number)) for number in range(300)))
        return len(await store.list_runs(limit=1000))

    assert use(tmp_path, story) == 300


def test_a_table_that_is_not_there_is_a_bug_and_not_worth_another_try(tmp_path: Path) -> None:
    async def story(store: SqliteRunStore) -> None:
        await create(store)
        sql(tmp_path, "ALTER TABLE runs RENAME TO walks")
        with pytest.raises(WherryBugError, match="no such table: runs"):
            await store.list_runs()

    use(tmp_path, story)
