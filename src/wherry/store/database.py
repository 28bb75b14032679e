"""One SQLite file as the stores see it: units of work to the writer, queries to readers."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from wherry.errors import FailedPreconditionError
from wherry.store.connection import open_reader, translate
from wherry.store.folder import StateFolder
from wherry.store.unit import Reading, Unit
from wherry.store.writer import Writer

T = TypeVar("T")


class Database:
    """The file in a state folder, open.

    Reads of a few indexed rows run in the calling thread, where they take tens of microseconds; reads of whole runs,
    of lists and of lineage run in threads of their own: a long walk holds no list up.
    """

    def __init__(self, state: StateFolder, writer: Writer | None) -> None:
        self._state = state
        self._path = state.database
        self._writer = writer
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._long_reads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="wherry-store-reader")

    async def close(self) -> None:
        """Finish what is queued, close every connection, let the folder go. Idempotent."""
        self._long_reads.shutdown()
        for connection in self._readers:
            connection.close()
        self._readers.clear()
        # The writer last: whoever closes last puts the log into the file, and a reader may not.
        if self._writer is not None:
            await asyncio.to_thread(self._writer.close)
        self._state.release()

    # -- connections --------------------------------------------------------------------------------------------------

    async def _write(self, work: Callable[[Unit], T], *, durable: bool = False) -> T:
        if self._writer is None:
            raise FailedPreconditionError(
                f"the database '{self._path}' was opened to read only", hint="Open the state folder for writing."
            )
        return await self._writer.run(work, durable=durable)

    def _read(self, query: Callable[[Reading], T]) -> T:
        """Run a query in this thread."""
        with self._reading() as reading:
            return query(reading)

    async def _read_long(self, query: Callable[[Reading], T]) -> T:
        """Run a query elsewhere, while the loop goes on."""
        return await asyncio.get_running_loop().run_in_executor(self._long_reads, self._read, query)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Reading]:
        """One moment of the database."""
        try:
            connection = self._reader()
            connection.execute("BEGIN")
            try:
                yield Reading(connection)
            finally:
                connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise translate(error, self._path) from error

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = open_reader(self._path)
            self._local.connection = connection
            self._readers.append(connection)
        return connection
