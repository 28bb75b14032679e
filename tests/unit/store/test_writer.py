from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from wherry.errors import (
    FailedPreconditionError,
    InvalidArgumentError,
    StoreUnavailableError,
    WherryBugError,
    WherryError,
)
from wherry.store.connection import open_writer
from wherry.store.statement import Statement
from wherry.store.unit import Unit
from wherry.store.writer import Work, Writer

INSERT = Statement(sqlite="INSERT INTO numbers (n) VALUES (:n)")
SYNCHRONOUS = Statement(sqlite="PRAGMA synchronous")
FULL, NORMAL = 2, 1


def insert(number: int) -> Work[int]:
    return lambda unit: unit.execute(INSERT, {"n": number})


def insert_and_fail(number: int) -> Work[int]:
    def work(unit: Unit) -> int:
        unit.execute(INSERT, {"n": number})
        raise InvalidArgumentError(f"not {number}")

    return work


class Rig:
    """A writer on a table of numbers, and what it told the database."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = open_writer(path)
        self.connection.execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY)")
        self.log: list[str] = []
        self.connection.set_trace_callback(self.log.append)
        self.writer = Writer(self.connection, path)

    def numbers(self) -> list[int]:
        """What is committed, seen by another connection."""
        with sqlite3.connect(self.path) as connection:
            found = [row[0] for row in connection.execute("SELECT n FROM numbers ORDER BY n")]
        connection.close()
        return found

    async def together(self, *units: tuple[Work[Any], bool]) -> list[Any]:
        """Run units in one transaction: they queue up while the thread is busy with another one."""
        started, busy = threading.Event(), threading.Event()

        def occupy(_: Unit) -> None:
            started.set()
            busy.wait()

        first = asyncio.create_task(self.writer.run(occupy, durable=False))
        await asyncio.to_thread(started.wait)
        rest = [asyncio.create_task(self.writer.run(work, durable=durable)) for work, durable in units]
        await asyncio.sleep(0)  # each task has queued its unit
        busy.set()
        await first
        return await asyncio.gather(*rest, return_exceptions=True)


def run_with(path: Path, story: Callable[[Rig], Coroutine[Any, Any, Any]]) -> tuple[Any, Rig]:
    rig = Rig(path / "numbers.db")
    try:
        return asyncio.run(story(rig)), rig
    finally:
        rig.writer.close()


def test_what_returned_is_committed(tmp_path: Path) -> None:
    async def story(rig: Rig) -> list[int]:
        await rig.writer.run(insert(1), durable=False)
        return rig.numbers()

    assert run_with(tmp_path, story)[0] == [1]


def test_units_that_wait_share_a_transaction(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        await rig.together(*((insert(number), False) for number in range(5)))

    _, rig = run_with(tmp_path, story)

    assert rig.numbers() == [0, 1, 2, 3, 4]
    assert rig.log.count("BEGIN IMMEDIATE") == 2


def test_a_unit_alone_needs_no_savepoint(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        await rig.writer.run(insert(1), durable=False)

    _, rig = run_with(tmp_path, story)

    assert [text for text in rig.log if "SAVEPOINT" in text] == []


def test_a_unit_that_fails_takes_nothing_of_the_others_with_it(tmp_path: Path) -> None:
    async def story(rig: Rig) -> list[Any]:
        return await rig.together((insert(1), False), (insert_and_fail(2), False), (insert(3), False))

    (first, second, third), rig = run_with(tmp_path, story)

    assert (first, str(second), third) == (1, "not 2", 1)
    assert rig.numbers() == [1, 3]


def test_a_unit_that_fails_alone_leaves_nothing(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        with pytest.raises(InvalidArgumentError, match="not 2"):
            await rig.writer.run(insert_and_fail(2), durable=False)
        await rig.writer.run(insert(3), durable=False)

    assert run_with(tmp_path, story)[1].numbers() == [3]


def test_a_write_that_contradicts_the_rows_is_a_bug_of_its_unit_only(tmp_path: Path) -> None:
    async def story(rig: Rig) -> list[Any]:
        await rig.writer.run(insert(1), durable=False)
        return await rig.together((insert(1), False), (insert(2), False))

    (first, second), rig = run_with(tmp_path, story)

    assert (type(first), second) == (WherryBugError, 1)
    assert rig.numbers() == [1, 2]


@pytest.mark.parametrize(("durable", "level"), [(False, NORMAL), (True, FULL)])
def test_only_what_promises_durability_waits_for_the_disk(tmp_path: Path, durable: bool, level: int) -> None:  # noqa: FBT001
    async def story(rig: Rig) -> Any:
        return await rig.writer.run(lambda unit: unit.scalar(SYNCHRONOUS), durable=durable)

    assert run_with(tmp_path, story)[0] == level


def test_one_durable_unit_makes_its_whole_transaction_durable(tmp_path: Path) -> None:
    async def story(rig: Rig) -> list[Any]:
        return await rig.together((lambda unit: unit.scalar(SYNCHRONOUS), False), (insert(1), True))

    (level, _), rig = run_with(tmp_path, story)

    assert level == FULL
    # Within a transaction the setting would come too late.
    assert rig.log.index("PRAGMA synchronous = FULL") == len(rig.log) - 1 - rig.log[::-1].index("BEGIN IMMEDIATE") - 1


def test_the_next_transaction_is_fast_again(tmp_path: Path) -> None:
    async def story(rig: Rig) -> Any:
        await rig.writer.run(insert(1), durable=True)
        return await rig.writer.run(lambda unit: unit.scalar(SYNCHRONOUS), durable=False)

    assert run_with(tmp_path, story)[0] == NORMAL


def test_a_full_disk_refuses_the_transaction_and_the_next_one_works(tmp_path: Path) -> None:
    async def story(rig: Rig) -> list[Any]:
        pages = rig.connection.execute("PRAGMA page_count").fetchone()[0]
        rig.connection.execute(f"PRAGMA max_page_count = {pages + 2}")

        def much(unit: Unit) -> int:
            return unit.execute_many(INSERT, [{"n": n} for n in range(100_000)])

        refused = await rig.together((insert(-1), False), (much, False))
        rig.connection.execute("PRAGMA max_page_count = 100000")
        await rig.writer.run(insert(7), durable=True)
        return refused

    refused, rig = run_with(tmp_path, story)

    assert [type(each) for each in refused] == [StoreUnavailableError] * 2
    assert "full" in refused[0].message
    assert refused[0].retryable
    assert rig.numbers() == [7]


def test_what_could_not_be_rolled_back_is_not_committed_later_and_the_next_unit_works(tmp_path: Path) -> None:
    def refuse_rollback(action: int, what: str | None, *_: object) -> int:
        is_refused = action == sqlite3.SQLITE_TRANSACTION and what == "ROLLBACK"
        return sqlite3.SQLITE_DENY if is_refused else sqlite3.SQLITE_OK

    async def story(rig: Rig) -> None:
        rig.connection.set_authorizer(refuse_rollback)
        with pytest.raises(WherryError, match="not authorized"):
            await asyncio.wait_for(rig.writer.run(insert_and_fail(1), durable=False), 10)
        rig.connection.set_authorizer(None)
        await asyncio.wait_for(rig.writer.run(insert(2), durable=False), 10)

    _, rig = run_with(tmp_path, story)

    assert rig.numbers() == [2]


def test_closing_finishes_what_is_queued(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        tasks = [asyncio.create_task(rig.writer.run(insert(number), durable=False)) for number in range(50)]
        await asyncio.sleep(0)
        rig.writer.close()
        await asyncio.gather(*tasks)

    assert len(run_with(tmp_path, story)[1].numbers()) == 50


def test_a_closed_database_says_so(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        rig.writer.close()
        with pytest.raises(FailedPreconditionError, match="closed"):
            await rig.writer.run(insert(1), durable=False)

    run_with(tmp_path, story)


def test_a_unit_whose_caller_went_away_is_committed_all_the_same(tmp_path: Path) -> None:
    async def story(rig: Rig) -> None:
        busy = threading.Event()
        first = asyncio.create_task(rig.writer.run(lambda _: busy.wait(), durable=False))
        second = asyncio.create_task(rig.writer.run(insert(1), durable=False))
        await asyncio.sleep(0)
        second.cancel()
        busy.set()
        await first
        await rig.writer.run(insert(2), durable=False)

    assert run_with(tmp_path, story)[1].numbers() == [1, 2]
