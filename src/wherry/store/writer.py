"""The one thread that writes.

A unit of work is a function of a `Unit`. A transaction takes whatever units are queued when the thread is free: it
never waits for more. If one of them promised durability, the whole transaction is on the disk before anybody hears of
it; else it is in the operating system's hands, which a killed process does not take away.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from wherry.errors import FailedPreconditionError
from wherry.store.connection import translate
from wherry.store.unit import Unit

T = TypeVar("T")
Work: TypeAlias = Callable[[Unit], T]

_MOST_UNITS: Final = 256
"""Units in one transaction. More would keep the first ones waiting."""


class _Job(NamedTuple):
    work: Work[Any]
    durable: bool
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


class _Done(NamedTuple):
    value: Any


class _Failed(NamedTuple):
    error: BaseException


_Outcome: TypeAlias = _Done | _Failed


class Writer:
    """Runs units of work, one after the other, in a thread of its own. Takes over the connection."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._unit = Unit(connection)
        self._path = path
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        # Nothing may be queued behind the last one.
        self._lock = threading.Lock()
        self._closed = False
        self._synchronous = "NORMAL"
        self._thread = threading.Thread(target=self._run, name="wherry-store-writer", daemon=True)
        self._thread.start()

    async def run(self, work: Work[T], *, durable: bool) -> T:
        """Run a unit of work; returns once it is committed.

        Args:
            work: must touch the unit only. Whatever it raises, nothing of it is written, and it is raised here.
            durable: whether it must survive a power cut.

        Raises:
            StoreUnavailableError: the database refused; nothing was written, and trying again may help.
            FailedPreconditionError: the writer has been closed, or the file is damaged.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._lock:
            if self._closed:
                raise FailedPreconditionError(f"the database '{self._path}' has been closed")
            self._queue.put(_Job(work, durable, loop, future))
        return await future

    def close(self) -> None:
        """Finish what is queued, then close the connection. Idempotent."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        closing = False
        while not closing:
            batch, closing = self._take()
            if batch:
                _deliver(batch, self._write(batch))
        self._connection.close()

    def _take(self) -> tuple[list[_Job], bool]:
        """Wait for one job, then take what else is there. True: no more will come."""
        batch: list[_Job] = []
        job = self._queue.get()
        while job is not None:
            batch.append(job)
            if len(batch) == _MOST_UNITS:
                return batch, False
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _write(self, batch: Sequence[_Job]) -> list[_Outcome]:
        """One transaction. Either each unit has its own outcome, or all fail alike because the database did.

        Raises nothing: without this thread, everybody would wait for good.
        """
        try:
            self._roll_back()  # of what could not be, the last time
            self._set_synchronous("FULL" if any(job.durable for job in batch) else "NORMAL")
            self._connection.execute("BEGIN IMMEDIATE")
            outcomes = [self._one(batch[0])] if len(batch) == 1 else [self._guarded(job) for job in batch]
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001  out of memory, say
            with contextlib.suppress(sqlite3.Error):
                self._roll_back()
            failure = translate(error, self._path) if isinstance(error, sqlite3.Error) else error
            return [_Failed(failure)] * len(batch)
        return outcomes

    def _one(self, job: _Job) -> _Outcome:
        """A unit alone: the transaction is its guard."""
        outcome = self._attempt(job)
        if isinstance(outcome, _Failed):
            self._roll_back()
        return outcome

    def _guarded(self, job: _Job) -> _Outcome:
        """A unit among others."""
        self._connection.execute("SAVEPOINT unit")
        outcome = self._attempt(job)
        if isinstance(outcome, _Failed):
            self._connection.execute("ROLLBACK TO unit")
        self._connection.execute("RELEASE unit")
        return outcome

    def _attempt(self, job: _Job) -> _Outcome:
        try:
            return _Done(job.work(self._unit))
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError, sqlite3.DataError) as error:
            return _Failed(translate(error, self._path))
        except sqlite3.Error:
            raise  # the database itself: whoever shares the transaction shares the failure
        except Exception as error:  # noqa: BLE001  it belongs to whoever awaits the unit, not to this thread
            return _Failed(error)

    def _set_synchronous(self, level: str) -> None:
        if level != self._synchronous:
            self._connection.execute(f"PRAGMA synchronous = {level}")
            self._synchronous = level

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _deliver(batch: Sequence[_Job], outcomes: Sequence[_Outcome]) -> None:
    """Wake each waiting loop once."""
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], _Outcome]]] = defaultdict(list)
    for job, outcome in zip(batch, outcomes, strict=True):
        by_loop[job.loop].append((job.future, outcome))
    for loop, settled in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, settled)
        except RuntimeError:
            continue  # the loop has been closed: nobody waits


def _settle(settled: Sequence[tuple[asyncio.Future[Any], _Outcome]]) -> None:
    for future, outcome in settled:
        if future.done():
            continue  # whoever waited was cancelled; the unit is committed all the same
        match outcome:
            case _Done(value):
                future.set_result(value)
            case _Failed(error):
                future.set_exception(error)
