"""The stores on SQLite: one file in the state folder, one writer, readers that cannot write."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from wherry.errors import FailedPreconditionError, NotFoundError
from wherry.model.artifacts import Artifact, ArtifactLink, Lineage, ModelVersion
from wherry.model.identity import ArtifactId, Json, Micros, RunId
from wherry.model.runs import (
    Attempt,
    CacheEntry,
    Run,
    RunChanges,
    RunEvent,
    RunRequestKind,
    RunSnapshot,
    TaskRecord,
)
from wherry.model.states import RuntimeState
from wherry.ports import NewRun, Owner
from wherry.store import artifacts, cache, commit, history, lineage, models, owners, runs, schema, snapshots, tasks
from wherry.store.connection import open_reader, open_writer, translate
from wherry.store.folder import StateFolder
from wherry.store.lineage import Direction
from wherry.store.unit import Reading, Unit
from wherry.store.writer import Writer

T = TypeVar("T")

_CHECKED_BYTES: Final = 256 * 1024 * 1024
"""After a crash a file up to this size is checked page by page before anything is written: about a second."""


class StoreMode(enum.Enum):
    """What a store is opened for."""

    READ_WRITE = "read-write"  # takes the folder's lock; makes folder and schema if need be
    READ_ONLY = "read-only"  # beside whoever writes; takes no lock and changes nothing


def open_store(folder: Path, *, mode: StoreMode, command: str = "wherry") -> SqliteRunStore:
    """Open the database of a state folder.

    Args:
        folder: the state folder.
        mode: whether this process writes. Only one at a time can.
        command: what this process was started as; told to whoever is kept out by it.

    Raises:
        StateHeldError: for writing, and another process holds the folder.
        NotFoundError: for reading, and there is no database.
        FailedPreconditionError: a newer wherry wrote it, or it is damaged.
    """
    state = StateFolder(folder)
    match mode:
        case StoreMode.READ_ONLY:
            return _open_to_read(state)
        case StoreMode.READ_WRITE:
            state.hold(command=command)
            try:
                return SqliteRunStore(state, _open_to_write(state.database))
            except BaseException:
                state.release()
                raise


def _open_to_read(state: StateFolder) -> SqliteRunStore:
    if not state.database.exists():
        raise NotFoundError(
            f"nothing has been recorded in '{state.path}'",
            hint="Run a pipeline first, or name the folder with '--state DIR'.",
        )
    state.check_format()
    connection = open_reader(state.database)
    try:
        schema.check(connection, state.database)
    finally:
        connection.close()
    return SqliteRunStore(state, None)


def _open_to_write(path: Path) -> Writer:
    log = path.with_name(path.name + "-wal")
    # Whoever wrote last ended without closing. SQLite recovers its log; what a failing disk did is another matter.
    crashed = log.exists() and log.stat().st_size > 0 and path.stat().st_size <= _CHECKED_BYTES
    try:
        connection = open_writer(path)
    except sqlite3.DatabaseError as error:
        raise translate(error, path) from error
    try:
        if crashed:
            schema.check_integrity(connection, path)
        schema.prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise translate(error, path) from error
    except BaseException:
        connection.close()
        raise
    return Writer(connection, path)


class SqliteRunStore:
    """`wherry.ports.RunStore` and `wherry.ports.MetadataStore` on one SQLite file.

    Reads of a few indexed rows run in the calling thread, where they take tens of microseconds; reads of whole runs
    and of lineage run in a thread of their own.
    """

    def __init__(self, state: StateFolder, writer: Writer | None) -> None:
        self._state = state
        self._path = state.database
        self._writer = writer
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._long_reads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="wherry-store-reader")

    # -- owners -------------------------------------------------------------------------------------------------------

    async def open_owner(self, name: str) -> Owner:
        """Take the next fencing token."""
        return await self._write(lambda unit: owners.open_owner(unit, name))

    async def claim_runs(self, owner: Owner, *, limit: int) -> tuple[RunSnapshot, ...]:
        """Claim unfinished runs that no newer owner holds, oldest first."""
        claimed = await self._write(lambda unit: owners.claim(unit, owner, limit=limit))
        if not claimed:
            return ()
        return await self._read_long(lambda reading: tuple(snapshots.load(reading, run_id) for run_id in claimed))

    async def renew(self, owner: Owner, run_ids: Sequence[RunId]) -> frozenset[RunId]:
        """Extend leases; returns the runs still held."""
        return await self._write(lambda unit: owners.renew(unit, owner, run_ids))

    # -- runs ---------------------------------------------------------------------------------------------------------

    async def create_run(self, new: NewRun) -> Run:
        """Record a run, PENDING, with its first event. Durable."""
        return await self._write(lambda unit: runs.create(unit, new), durable=True)

    async def commit(self, changes: Sequence[RunChanges]) -> tuple[ModelVersion, ...]:
        """Apply one turn, all or nothing."""
        return await self._write(lambda unit: commit.apply(unit, changes), durable=commit.is_durable(changes))

    async def open_generation(
        self, run_id: RunId, *, seen: int, kept: Sequence[TaskRecord], by: str, now: Micros
    ) -> Run:
        """Open the next generation of a run that ended. Durable."""
        return await self._write(
            lambda unit: runs.open_generation(unit, run_id, seen=seen, kept=kept, by=by, now=now), durable=True
        )

    async def request(self, run_id: RunId, kind: RunRequestKind, *, by: str, now: Micros) -> None:
        """Record a request. Durable."""
        await self._write(
            lambda unit: history.add_request(unit, runs.get_exactly(unit, run_id), kind, by=by, now=now), durable=True
        )

    async def count_crash(self, run_id: RunId, *, error: str, now: Micros) -> int:
        """Record that the engine crashed on this run; returns how often it has in this generation."""
        return await self._write(lambda unit: runs.count_crash(unit, run_id, error=error, now=now), durable=True)

    async def get_run(self, run_id: RunId) -> Run:
        """The run with an id, or the only one whose id starts so."""
        return self._read(lambda reading: runs.get(reading, run_id))

    async def list_runs(
        self, *, namespace: str = "", limit: int = 20, before: tuple[Micros, RunId] | None = None
    ) -> tuple[Run, ...]:
        """Newest first."""
        return self._read(lambda reading: runs.find_all(reading, namespace=namespace, limit=limit, before=before))

    async def find_unfinished(self, *, spec_digest: str, parameters: Mapping[str, Json]) -> Run | None:
        """The newest unfinished run of the same spec with the same arguments."""
        return self._read(lambda reading: runs.find_unfinished(reading, spec_digest=spec_digest, parameters=parameters))

    async def run_states(self, run_ids: Sequence[RunId]) -> Mapping[RunId, RuntimeState]:
        """State by run, of those that exist."""
        return self._read(lambda reading: runs.states(reading, run_ids))

    async def spec(self, digest: str) -> bytes:
        """The package that runs of this digest were created with."""
        return self._read(lambda reading: runs.spec(reading, digest))

    async def snapshot(self, run_id: RunId) -> RunSnapshot:
        """All rows of the newest generation."""
        return await self._read_long(lambda reading: snapshots.load(reading, run_id))

    # -- what belongs to a run ----------------------------------------------------------------------------------------

    async def tasks(self, run_id: RunId, generation: int | None = None) -> tuple[TaskRecord, ...]:
        """In order of creation; of the newest generation unless said."""
        return await self._read_long(
            lambda reading: tasks.find_all(reading, run_id, _generation(reading, run_id, generation))
        )

    async def attempts(self, run_id: RunId, generation: int | None = None) -> tuple[Attempt, ...]:
        """In order of creation; of the newest generation unless said."""
        return await self._read_long(
            lambda reading: tasks.find_attempts(reading, run_id, _generation(reading, run_id, generation))
        )

    async def links(self, run_id: RunId, generation: int | None = None) -> tuple[ArtifactLink, ...]:
        """In order of creation; of the newest generation unless said."""
        return await self._read_long(
            lambda reading: artifacts.find_links(reading, run_id, _generation(reading, run_id, generation))
        )

    async def events(self, run_id: RunId, *, after: int = 0, limit: int = 1000) -> tuple[RunEvent, ...]:
        """At most ``limit`` events behind number ``after``."""
        return self._read(lambda reading: history.events_after(reading, run_id, after=after, limit=limit))

    async def pending_requests(self, run_ids: Sequence[RunId]) -> Mapping[RunId, tuple[int, RunRequestKind, str]]:
        """The oldest unhandled request per run: (id, kind, by)."""
        oldest: dict[RunId, tuple[int, RunRequestKind, str]] = {}
        for request in self._read(lambda reading: history.pending_requests(reading, run_ids)):
            oldest.setdefault(request.run_id, (request.id, request.kind, request.by))
        return oldest

    # -- reuse --------------------------------------------------------------------------------------------------------

    async def find_reusable(self, namespace: str, base_keys: Iterable[str]) -> Mapping[str, tuple[CacheEntry, ...]]:
        """Cache entries by base key, newest first."""
        return self._read(lambda reading: cache.find(reading, namespace, base_keys))

    async def nearest(self, namespace: str, component: str, pipeline: str) -> CacheEntry | None:
        """The newest cache entry of a component of a pipeline."""
        return self._read(lambda reading: cache.nearest(reading, namespace, component, pipeline))

    # -- artifacts, models, lineage -----------------------------------------------------------------------------------

    async def artifacts(self, ids: Iterable[ArtifactId]) -> Mapping[ArtifactId, Artifact]:
        """Artifacts by id, of those that exist."""
        return self._read(lambda reading: artifacts.by_id(reading, ids))

    async def set_digest(self, artifact_id: ArtifactId, digest: str) -> None:
        """Fill in a digest, if none is known yet."""
        await self._write(lambda unit: artifacts.set_digest(unit, artifact_id, digest))

    async def get_artifact(self, artifact_id: ArtifactId) -> Artifact:
        """The artifact with an id, or the only one whose id starts so."""
        return self._read(lambda reading: artifacts.get(reading, artifact_id))

    async def model_versions(self, namespace: str, name: str) -> tuple[ModelVersion, ...]:
        """Oldest first; empty if there is no such name."""
        return self._read(lambda reading: models.versions(reading, namespace, name))

    async def model_names(self, namespace: str) -> tuple[str, ...]:
        """In order of the alphabet."""
        return self._read(lambda reading: models.names(reading, namespace))

    async def upstream(self, artifact_id: ArtifactId, *, max_hops: int | None = None) -> Lineage:
        """Everything the artifact was made from."""
        return await self._read_long(
            lambda reading: lineage.walk(reading, artifact_id, Direction.UPSTREAM, max_hops=max_hops)
        )

    async def downstream(self, artifact_id: ArtifactId, *, max_hops: int | None = None) -> Lineage:
        """Everything that was made from the artifact."""
        return await self._read_long(
            lambda reading: lineage.walk(reading, artifact_id, Direction.DOWNSTREAM, max_hops=max_hops)
        )

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


def _generation(reading: Reading, run_id: RunId, asked: int | None) -> int:
    newest = runs.get_exactly(reading, run_id).generation
    return newest if asked is None else asked
