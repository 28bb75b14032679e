"""The stores on SQLite: one file in the state folder, one writer, readers that cannot write."""

from __future__ import annotations

import enum
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from wherry.errors import NotFoundError
from wherry.model.artifacts import Artifact, ArtifactLink, Lineage, LinkKind, ModelVersion, RecordedLink
from wherry.model.identity import ArtifactId, ExperimentId, Json, Micros, RunId, TaskId
from wherry.model.listing import ListQuery, Page
from wherry.model.runs import (
    Attempt,
    CacheEntry,
    Run,
    RunChanges,
    RunEvent,
    RunRequestKind,
    RunSnapshot,
    StateChange,
    TaskRecord,
)
from wherry.model.states import RuntimeState
from wherry.ports import NewRun, Owner
from wherry.store import artifacts, cache, commit, history, lineage, models, owners, runs, schema, snapshots, tasks
from wherry.store.artifacts import LinkScope
from wherry.store.catalogue import SqliteCatalogue, scope_of
from wherry.store.connection import open_reader, open_writer, translate
from wherry.store.folder import StateFolder
from wherry.store.lineage import Direction
from wherry.store.page_reads import SqlitePages
from wherry.store.unit import Reading
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


class SqliteRunStore(SqliteCatalogue, SqlitePages):
    """`wherry.ports.RunStore` and `wherry.ports.MetadataStore` on one SQLite file, and what its bases are."""

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

    async def find_runs(
        self, query: ListQuery, *, namespace: str | None = None, experiment_id: ExperimentId | None = None
    ) -> Page[Run]:
        """A filtered and sorted page."""
        scope = scope_of(namespace=namespace, experiment_id=experiment_id)
        return await self._read_long(lambda reading: runs.find_page(reading, query, scope=scope))

    async def state_history(self, run_ids: Sequence[RunId]) -> Mapping[RunId, tuple[StateChange, ...]]:
        """Every state each run has had, oldest first."""
        return self._read(lambda reading: history.states_of_runs(reading, run_ids))

    async def archive_run(self, run_id: RunId, *, by: str, now: Micros) -> None:
        """Take a run out of the ordinary lists. Durable."""
        await self._write(lambda unit: runs.archive(unit, run_id, by=by, now=now), durable=True)

    async def unarchive_run(self, run_id: RunId, *, by: str, now: Micros) -> None:
        """Put it back. Durable."""
        await self._write(lambda unit: runs.unarchive(unit, run_id, by=by, now=now), durable=True)

    async def delete_run(self, run_id: RunId, *, by: str, now: Micros) -> None:
        """Forget a run that has ended; its artifacts stay. Durable."""
        await self._write(lambda unit: runs.delete(unit, run_id, by=by, now=now), durable=True)

    async def snapshot(self, run_id: RunId) -> RunSnapshot:
        """All rows of the newest generation."""
        return await self._read_long(lambda reading: snapshots.load(reading, run_id))

    # -- what belongs to a run ----------------------------------------------------------------------------------------

    async def tasks(self, run_id: RunId, generation: int | None = None) -> tuple[TaskRecord, ...]:
        """In order of creation; of the newest generation unless said."""
        return await self._read_long(
            lambda reading: tasks.find_all(reading, run_id, _generation(reading, run_id, generation))
        )

    async def find_tasks(
        self, run_id: RunId, query: ListQuery, *, parent_id: TaskId | None = None, generation: int | None = None
    ) -> Page[TaskRecord]:
        """A page of a run's tasks."""
        return await self._read_long(
            lambda reading: tasks.find_page(
                reading,
                query,
                run_id=run_id,
                generation=_generation(reading, run_id, generation),
                parent_id=parent_id,
            )
        )

    async def get_task(self, task_id: TaskId) -> TaskRecord:
        """The task with an id."""
        return self._read(lambda reading: tasks.get(reading, task_id))

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

    async def find_artifacts(self, query: ListQuery, *, namespace: str | None = None) -> Page[Artifact]:
        """A page of artifacts."""
        scope = scope_of(namespace=namespace)
        return await self._read_long(lambda reading: artifacts.find_page(reading, query, scope=scope))

    async def find_links(
        self,
        query: ListQuery,
        *,
        task_ids: Sequence[TaskId] = (),
        run_ids: Sequence[RunId] = (),
        artifact_ids: Sequence[ArtifactId] = (),
        kind: LinkKind | None = None,
    ) -> Page[RecordedLink]:
        """A page of links."""
        scope = LinkScope(task_ids=tuple(task_ids), run_ids=tuple(run_ids), artifact_ids=tuple(artifact_ids), kind=kind)
        return await self._read_long(lambda reading: artifacts.find_link_page(reading, query, scope))

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


def _generation(reading: Reading, run_id: RunId, asked: int | None) -> int:
    newest = runs.get_exactly(reading, run_id).generation
    return newest if asked is None else asked
