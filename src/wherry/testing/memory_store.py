"""The stores in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from wherry.errors import (
    AlreadyExistsError,
    InvalidArgumentError,
    NotFoundError,
    NotRetriableError,
    StaleOwnerError,
    WherryBugError,
)
from wherry.model import listing
from wherry.model.artifacts import (
    Artifact,
    ArtifactLink,
    Lineage,
    LineageEdge,
    LinkKind,
    Made,
    ModelVersion,
    RecordedLink,
    Registration,
)
from wherry.model.identity import ArtifactId, AttemptId, ExperimentId, Json, Micros, RunId, TaskId, TaskKey
from wherry.model.listing import ListQuery, Page
from wherry.model.runs import (
    Attempt,
    AttemptEnd,
    CacheEntry,
    Run,
    RunChanges,
    RunError,
    RunEvent,
    RunEventKind,
    RunRequest,
    RunRequestKind,
    RunSnapshot,
    RunUpdate,
    StateChange,
    TaskRecord,
)
from wherry.model.states import AttemptState, RuntimeState, StorageState
from wherry.ports import NewRun, Owner
from wherry.store.cache import CANDIDATES
from wherry.store.commit import with_version
from wherry.store.history import state_change
from wherry.store.lineage import Direction, assemble, hops_from
from wherry.store.runs import MIN_PREFIX, QUARANTINE_AFTER, archived_experiment, still_unfinished
from wherry.testing.memory_catalogue import MemoryCatalogue
from wherry.testing.memory_tables import attribute_of, page_of

K = TypeVar("K")
V = TypeVar("V")


class MemoryRunStore(MemoryCatalogue):
    """`wherry.ports.RunStore` and `wherry.ports.MetadataStore` for tests, and what `MemoryCatalogue` is.

    Nothing survives, everything else holds.
    """

    def __init__(self) -> None:
        super().__init__()
        self._keys: dict[tuple[str, str | None], RunId] = {}
        self._tokens: dict[RunId, int] = {}
        self._owners = 0
        self._tasks: dict[tuple[RunId, int, TaskKey], TaskRecord] = {}
        self._attempts: dict[AttemptId, Attempt] = {}
        self._numbers: dict[tuple[RunId, int, TaskKey, int], AttemptId] = {}
        self._artifacts: dict[ArtifactId, Artifact] = {}
        self._links: dict[tuple[Any, ...], ArtifactLink] = {}
        self._link_numbers: dict[tuple[Any, ...], int] = {}
        self._cache: dict[int, tuple[str, CacheEntry]] = {}
        self._events: dict[tuple[RunId, int], RunEvent] = {}
        self._last_seq: dict[RunId, int] = {}
        self._requests: dict[int, RunRequest] = {}
        self._handled: dict[int, RunId] = {}
        self._versions: dict[tuple[str, str, int], ModelVersion] = {}

    # -- owners -------------------------------------------------------------------------------------------------------

    async def open_owner(self, name: str) -> Owner:
        """Take the next fencing token."""
        self._owners += 1
        return Owner(name=name, token=self._owners)

    async def claim_runs(self, owner: Owner, *, limit: int) -> tuple[RunSnapshot, ...]:
        """Claim unfinished runs that no newer owner holds, oldest first."""
        free = [
            run for run in self._runs.values() if not run.state.is_final and self._tokens.get(run.id, 0) < owner.token
        ]
        chosen = sorted(free, key=lambda run: (run.created_at, run.id))[:limit]
        for run in chosen:
            self._tokens[run.id] = owner.token
        return tuple([await self.snapshot(run.id) for run in chosen])

    async def renew(self, owner: Owner, run_ids: Sequence[RunId]) -> frozenset[RunId]:
        """Which of the runs are still held."""
        return frozenset(run_id for run_id in run_ids if self._tokens.get(run_id) == owner.token)

    # -- runs ---------------------------------------------------------------------------------------------------------

    async def create_run(self, new: NewRun) -> Run:
        """Record a run with its first event."""
        run = new.run
        key = (run.namespace, new.idempotency_key)
        if new.idempotency_key is not None and key in self._keys:
            return self._runs[self._keys[key]]
        if run.id in self._runs:
            raise AlreadyExistsError(f"a run with the id '{run.id}' exists")
        run = await self._take_run(run)
        self._keys[key] = run.id
        self._specs.setdefault(run.spec_digest, new.spec)
        self._runs[run.id] = run
        self._append(run.id, run.created_at, RunEventKind.RUN_CREATED, {"by": run.created_by})
        for message in new.warnings:
            self._append(run.id, run.created_at, RunEventKind.WARNING, {"message": message})
        return run

    async def commit(self, changes: Sequence[RunChanges]) -> tuple[ModelVersion, ...]:
        """Apply one turn, all or nothing."""
        with self._all_or_nothing():
            return tuple(version for change in changes for version in self._apply(change))

    async def snapshot(self, run_id: RunId) -> RunSnapshot:
        """All rows of the newest generation."""
        run = self._run(run_id)
        records = await self.tasks(run_id)
        ports = [
            port for record in records for side in (record.inputs, record.outputs) for port in side.artifacts.values()
        ]
        named = dict.fromkeys(id_ for port in ports for id_ in port.artifact_ids)
        return RunSnapshot(
            run=run,
            spec=self._specs[run.spec_digest],
            tasks=records,
            attempts=await self.attempts(run_id),
            artifacts=tuple(self._artifacts[id_] for id_ in named if id_ in self._artifacts),
            requests=tuple(self._pending([run_id])),
            last_seq=self._last_seq.get(run_id, 0),
        )

    async def open_generation(
        self, run_id: RunId, *, seen: int, kept: Sequence[TaskRecord], by: str, now: Micros
    ) -> Run:
        """Open the next generation of a run that ended."""
        run = self._run(run_id)
        if run.generation != seen:
            raise NotRetriableError(f"run '{run_id}' is in generation {run.generation}, not {seen}")
        if not run.state.is_final:
            raise NotRetriableError(f"run '{run_id}' is {run.state.value}; only a run that ended can be retried")
        with self._all_or_nothing():
            opened = msgspec.structs.replace(
                run,
                generation=seen + 1,
                state=RuntimeState.PENDING,
                started_at=None,
                finished_at=None,
                error=None,
                crashes=0,
            )
            self._put(self._runs, run_id, opened)
            self._put(self._tokens, run_id, 0)
            for request in self._pending([run_id]):
                self._put(self._handled, request.id, run_id)
            for record in kept:
                self._insert(self._tasks, (record.run_id, record.generation, record.key), record)
            body = {"by": by, "generation": opened.generation, "kept": len(kept)}
            self._append(run_id, now, RunEventKind.RUN_RETRIED, body)
        return opened

    async def count_crash(self, run_id: RunId, *, error: str, now: Micros) -> int:
        """Count, let the run go, and end it at the third time."""
        run = self._run(run_id)
        if not run.state.is_final:
            run = msgspec.structs.replace(run, crashes=run.crashes + 1)
            self._runs[run_id] = run
            self._tokens[run_id] = 0
        message = f"The engine crashed on this run: {error}"
        self._append(run_id, now, RunEventKind.WARNING, {"message": message, "crashes": run.crashes})
        if run.crashes >= QUARANTINE_AFTER and not run.state.is_final:
            failure = RunError(
                message=f"The engine crashed on this run {run.crashes} times, the last time with: {error}"
            )
            failed = msgspec.structs.replace(run, state=RuntimeState.FAILED, finished_at=now, error=failure)
            self._runs[run_id] = failed
            body = {"state": RuntimeState.FAILED.value, "error": failure.message}
            self._append(run_id, now, RunEventKind.RUN_ENDED, body)
        return run.crashes

    async def get_run(self, run_id: RunId) -> Run:
        """The run with an id, or the only one whose id starts so."""
        return _named(self._runs, run_id, "run")

    async def list_runs(
        self, *, namespace: str = "", limit: int = 20, before: tuple[Micros, RunId] | None = None
    ) -> tuple[Run, ...]:
        """Newest first."""
        shown = [run for run in self._runs.values() if namespace in {"", run.namespace}]
        newest = sorted(shown, key=lambda run: (run.created_at, run.id), reverse=True)
        return tuple([run for run in newest if before is None or (run.created_at, run.id) < before][:limit])

    async def find_runs(
        self, query: ListQuery, *, namespace: str | None = None, experiment_id: ExperimentId | None = None
    ) -> Page[Run]:
        """A filtered and sorted page."""
        mine = (
            run
            for run in self._runs.values()
            if namespace in {None, run.namespace} and experiment_id in {None, run.experiment_id}
        )
        return page_of(mine, query, listing.RUNS)

    async def state_history(self, run_ids: Sequence[RunId]) -> Mapping[RunId, tuple[StateChange, ...]]:
        """Every state each run has had, oldest first."""
        found = {}
        for run_id in run_ids:
            if run_id in self._runs:
                events = await self.events(run_id, limit=self._last_seq.get(run_id, 0))
                changes = [state_change(event) for event in events if event.task is None]
                found[run_id] = tuple(change for change in changes if change is not None)
        return found

    async def archive_run(self, run_id: RunId, *, by: str, now: Micros) -> None:  # noqa: ARG002  there is no audit
        """Take a run out of the ordinary lists."""
        self._runs[run_id] = msgspec.structs.replace(self._run(run_id), storage_state=StorageState.ARCHIVED)

    async def unarchive_run(self, run_id: RunId, *, by: str, now: Micros) -> None:  # noqa: ARG002  there is no audit
        """Put it back."""
        run = self._run(run_id)
        experiment = None if run.experiment_id is None else self._experiments.get(run.experiment_id)
        if run.storage_state is StorageState.AVAILABLE:
            return
        if experiment is not None and experiment.storage_state is StorageState.ARCHIVED:
            raise archived_experiment(run, experiment)
        self._runs[run_id] = msgspec.structs.replace(run, storage_state=StorageState.AVAILABLE)

    async def delete_run(self, run_id: RunId, *, by: str, now: Micros) -> None:  # noqa: ARG002  there is no audit
        """Forget a run that has ended; its artifacts stay."""
        run = self._run(run_id)
        if not run.state.is_final:
            raise still_unfinished(run)
        del self._runs[run_id]
        for table in (self._tasks, self._numbers, self._links, self._link_numbers, self._events):
            for key in [key for key in table if key[0] == run_id]:
                del table[key]
        for number in [number for number, (_, entry) in self._cache.items() if entry.run_id == run_id]:
            del self._cache[number]
        for attempt_id in [each.id for each in self._attempts.values() if each.run_id == run_id]:
            del self._attempts[attempt_id]
        for key in [key for key, of_run in self._keys.items() if of_run == run_id]:
            del self._keys[key]
        for request in [each.id for each in self._requests.values() if each.run_id == run_id]:
            self._handled[request] = run_id
        self._last_seq.pop(run_id, None)
        self._tokens.pop(run_id, None)
        self._drop_spec(run.spec_digest)

    async def find_unfinished(self, *, spec_digest: str, parameters: Mapping[str, Json]) -> Run | None:
        """The newest unfinished run of the same spec with the same arguments."""
        wanted = msgspec.json.encode(parameters, order="deterministic")
        for run in await self.list_runs(limit=len(self._runs)):
            same = msgspec.json.encode(run.parameters, order="deterministic") == wanted
            if run.spec_digest == spec_digest and same and not run.state.is_final:
                return run
        return None

    async def run_states(self, run_ids: Sequence[RunId]) -> Mapping[RunId, RuntimeState]:
        """State by run, of those that exist."""
        return {run_id: self._runs[run_id].state for run_id in run_ids if run_id in self._runs}

    async def spec(self, digest: str) -> bytes:
        """The package that runs of this digest were created with."""
        if digest not in self._specs:
            raise NotFoundError(f"there is no spec with the digest '{digest}'")
        return self._specs[digest]

    # -- what belongs to a run ----------------------------------------------------------------------------------------

    async def tasks(self, run_id: RunId, generation: int | None = None) -> tuple[TaskRecord, ...]:
        """In order of creation."""
        generation = self._generation(run_id, generation)
        return tuple(each for each in self._tasks.values() if (each.run_id, each.generation) == (run_id, generation))

    async def find_tasks(
        self, run_id: RunId, query: ListQuery, *, parent_id: TaskId | None = None, generation: int | None = None
    ) -> Page[TaskRecord]:
        """A page of a run's tasks."""
        mine = await self.tasks(run_id, generation)
        if parent_id is not None:
            parents = [each.key for each in mine if each.id == parent_id]
            if not parents:
                raise NotFoundError(f"there is no task '{parent_id}' in run '{run_id}'")
            mine = tuple(each for each in mine if each.parent == parents[0])
        return page_of(mine, query, listing.TASKS)

    async def get_task(self, task_id: TaskId) -> TaskRecord:
        """The task with an id."""
        for record in self._tasks.values():
            if record.id == task_id:
                return record
        raise NotFoundError(f"there is no task '{task_id}'")

    async def attempts(self, run_id: RunId, generation: int | None = None) -> tuple[Attempt, ...]:
        """In order of creation."""
        generation = self._generation(run_id, generation)
        return tuple(each for each in self._attempts.values() if (each.run_id, each.generation) == (run_id, generation))

    async def links(self, run_id: RunId, generation: int | None = None) -> tuple[ArtifactLink, ...]:
        """In order of creation."""
        generation = self._generation(run_id, generation)
        return tuple(each for each in self._links.values() if (each.run_id, each.generation) == (run_id, generation))

    async def events(self, run_id: RunId, *, after: int = 0, limit: int = 1000) -> tuple[RunEvent, ...]:
        """At most ``limit`` events behind number ``after``."""
        last = min(self._last_seq.get(run_id, 0), after + limit)
        return tuple(self._events[run_id, seq] for seq in range(after + 1, last + 1))

    async def request(self, run_id: RunId, kind: RunRequestKind, *, by: str, now: Micros) -> None:
        """Record a request."""
        run = self._run(run_id)
        if run.state.is_final or any(request.kind is kind for request in self._pending([run_id])):
            return
        number = len(self._requests) + 1
        self._requests[number] = RunRequest(id=number, run_id=run_id, kind=kind, by=by, at=now)

    async def pending_requests(self, run_ids: Sequence[RunId]) -> Mapping[RunId, tuple[int, RunRequestKind, str]]:
        """The oldest unhandled request per run."""
        oldest: dict[RunId, tuple[int, RunRequestKind, str]] = {}
        for request in self._pending(run_ids):
            oldest.setdefault(request.run_id, (request.id, request.kind, request.by))
        return oldest

    # -- reuse --------------------------------------------------------------------------------------------------------

    async def find_reusable(self, namespace: str, base_keys: Iterable[str]) -> Mapping[str, tuple[CacheEntry, ...]]:
        """Cache entries by base key, newest first."""
        newest = [entry for _, entry in reversed(self._cache.values()) if entry.namespace == namespace]
        found = {key: tuple([entry for entry in newest if entry.base_key == key][:CANDIDATES]) for key in base_keys}
        return {key: entries for key, entries in found.items() if entries}

    async def nearest(self, namespace: str, component: str, pipeline: str) -> CacheEntry | None:
        """The newest cache entry of a component of a pipeline."""
        for of_pipeline, entry in reversed(self._cache.values()):
            if (entry.namespace, entry.component, of_pipeline) == (namespace, component, pipeline):
                return entry
        return None

    # -- artifacts, models, lineage -----------------------------------------------------------------------------------

    async def artifacts(self, ids: Iterable[ArtifactId]) -> Mapping[ArtifactId, Artifact]:
        """Artifacts by id, of those that exist."""
        return {id_: self._artifacts[id_] for id_ in ids if id_ in self._artifacts}

    async def set_digest(self, artifact_id: ArtifactId, digest: str) -> None:
        """Fill in a digest, if none is known yet."""
        known = self._artifacts.get(artifact_id)
        if known is not None and known.digest is None:
            self._artifacts[artifact_id] = msgspec.structs.replace(known, digest=digest)

    async def get_artifact(self, artifact_id: ArtifactId) -> Artifact:
        """The artifact with an id, or the only one whose id starts so."""
        return _named(self._artifacts, artifact_id, "artifact")

    async def find_artifacts(self, query: ListQuery, *, namespace: str | None = None) -> Page[Artifact]:
        """A page of artifacts."""
        mine = (each for each in self._artifacts.values() if namespace in {None, each.namespace})
        return page_of(mine, query, listing.ARTIFACTS)

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
        mine = [
            each
            for each in map(self._recorded, self._links)
            if (not task_ids or each.task_id in task_ids)
            and (not run_ids or each.link.run_id in run_ids)
            and (not artifact_ids or each.link.artifact_id in artifact_ids)
            and kind in {None, each.link.kind}
        ]
        return page_of(mine, query, listing.ARTIFACT_TASKS, key="n", attribute=_attribute_of_link)

    async def model_versions(self, namespace: str, name: str) -> tuple[ModelVersion, ...]:
        """Oldest first."""
        mine = [each for each in self._versions.values() if (each.namespace, each.name) == (namespace, name)]
        return tuple(sorted(mine, key=lambda version: version.version))

    async def model_names(self, namespace: str) -> tuple[str, ...]:
        """In order of the alphabet."""
        return tuple(sorted({each.name for each in self._versions.values() if each.namespace == namespace}))

    async def upstream(self, artifact_id: ArtifactId, *, max_hops: int | None = None) -> Lineage:
        """Everything the artifact was made from."""
        return self._walk(artifact_id, Direction.UPSTREAM, max_hops)

    async def downstream(self, artifact_id: ArtifactId, *, max_hops: int | None = None) -> Lineage:
        """Everything that was made from the artifact."""
        return self._walk(artifact_id, Direction.DOWNSTREAM, max_hops)

    async def close(self) -> None:
        """Nothing to let go."""

    # -- one turn -----------------------------------------------------------------------------------------------------

    def _apply(self, change: RunChanges) -> tuple[ModelVersion, ...]:
        run = self._check_owner(change)
        if change.run is not None:
            self._move(run, change.run)
        for end in change.attempts_ended:
            self._end(change, end)
        for update in change.tasks_updated:
            key = (update.record.run_id, update.record.generation, update.record.key)
            if key not in self._tasks or self._tasks[key].state is not update.seen:
                raise WherryBugError(f"task '{update.record.key}' is missing or not {update.seen.value}")
            self._put(self._tasks, key, update.record)
        for record in change.tasks_created:
            self._insert(self._tasks, (record.run_id, record.generation, record.key), record)
        for attempt in change.attempts_created:
            self._add_attempt(attempt)
        for artifact in change.artifacts:
            self._insert(self._artifacts, artifact.id, artifact)
        for link in change.links:
            self._add_link(link)
        for entry in change.cache_entries:
            self._insert(self._cache, len(self._cache) + 1, (run.pipeline, entry))
        registered = tuple(self._register(run, each) for each in change.registrations)
        for number in change.requests_handled:
            if number in self._handled or number not in self._requests:
                raise WherryBugError(f"request {number} of run '{run.id}' is missing or handled")
            self._put(self._handled, number, run.id)
        for event in change.events:
            self._add_event(with_version(event, registered))
        return registered

    def _check_owner(self, change: RunChanges) -> Run:
        run, token = self._run(change.run_id), self._tokens.get(change.run_id, 0)
        if run.generation > change.generation or token > change.token:
            raise StaleOwnerError(f"run '{run.id}' is in generation {run.generation} and held under token {token}")
        if (run.generation, token) != (change.generation, change.token):
            raise WherryBugError(f"run '{run.id}' was not claimed under token {change.token}")
        return run

    def _move(self, run: Run, update: RunUpdate) -> None:
        if run.state.is_final:
            raise WherryBugError(f"run '{run.id}' has ended; it cannot become {update.state.value}")
        moved = msgspec.structs.replace(
            run,
            state=update.state,
            started_at=run.started_at if update.started_at is None else update.started_at,
            finished_at=run.finished_at if update.finished_at is None else update.finished_at,
            error=update.error or run.error,
        )
        self._put(self._runs, run.id, moved)

    def _end(self, change: RunChanges, end: AttemptEnd) -> None:
        attempt = self._attempts.get(end.id)
        if attempt is None or attempt.state.is_final or attempt.run_id != change.run_id:
            raise WherryBugError(f"attempt '{end.id}' is missing or over")
        ended = msgspec.structs.replace(
            attempt,
            state=end.state,
            ended_at=end.ended_at,
            started_at=attempt.started_at if end.started_at is None else end.started_at,
            failure=end.failure,
            handle=attempt.handle if end.handle is None else end.handle,
        )
        self._put(self._attempts, end.id, ended)

    def _add_attempt(self, attempt: Attempt) -> None:
        if (attempt.run_id, attempt.generation, attempt.task) not in self._tasks:
            raise WherryBugError(f"attempt '{attempt.id}' is of task '{attempt.task}', which has no row")
        number = (attempt.run_id, attempt.generation, attempt.task, attempt.number)
        self._insert(self._numbers, number, attempt.id)
        self._insert(self._attempts, attempt.id, attempt)

    def _add_link(self, link: ArtifactLink) -> None:
        if link.artifact_id not in self._artifacts:
            raise WherryBugError(f"a link of task '{link.task}' names artifact '{link.artifact_id}', which has no row")
        key = (link.run_id, link.generation, link.task, link.kind, link.port, link.index)
        if key not in self._links:
            self._put(self._links, key, link)
            self._put(self._link_numbers, key, max(self._link_numbers.values(), default=0) + 1)

    def _add_event(self, event: RunEvent) -> None:
        if event.seq != self._last_seq.get(event.run_id, 0) + 1:
            raise WherryBugError(f"event {event.seq} of run '{event.run_id}' does not continue its history")
        self._put(self._events, (event.run_id, event.seq), event)
        self._put(self._last_seq, event.run_id, event.seq)

    def _register(self, run: Run, registration: Registration) -> ModelVersion:
        artifact = self._artifacts.get(registration.artifact_id)
        if artifact is None:
            raise WherryBugError(f"model '{registration.name}': there is no artifact '{registration.artifact_id}'")
        name = (registration.namespace, registration.name)
        mine = [each for each in self._versions.values() if (each.namespace, each.name) == name]
        for version in mine:
            if version.artifact_id == registration.artifact_id:
                return version
        version = ModelVersion(
            namespace=registration.namespace,
            name=registration.name,
            version=len(mine) + 1,
            artifact_id=artifact.id,
            created_at=artifact.created_at,
            created_by=run.created_by,
        )
        self._put(self._versions, (*name, version.version), version)
        return version

    def _recorded(self, key: tuple[Any, ...]) -> RecordedLink:
        link = self._links[key]

        def id_of(task: TaskKey | None) -> TaskId | None:
            record = None if task is None else self._tasks.get((link.run_id, link.generation, task))
            return None if record is None else record.id

        return RecordedLink(
            n=self._link_numbers[key],
            task_id=id_of(link.task),
            producer_task_id=id_of(link.producer.task if link.producer else None),
            link=link,
        )

    # -- lineage ------------------------------------------------------------------------------------------------------

    def _walk(self, artifact_id: ArtifactId, direction: Direction, max_hops: int | None) -> Lineage:
        if artifact_id not in self._artifacts:
            raise NotFoundError(f"there is no artifact '{artifact_id}'")
        edges = self._edges()
        hops = hops_from(artifact_id, edges, direction)
        versions: defaultdict[ArtifactId, tuple[ModelVersion, ...]] = defaultdict(tuple)
        for key in sorted(self._versions):
            versions[self._versions[key].artifact_id] += (self._versions[key],)
        return assemble(
            {id_: count for id_, count in hops.items() if max_hops is None or count <= max_hops},
            edges,
            artifacts=self._artifacts,
            made=self._makers(),
            versions=versions,
        )

    def _edges(self) -> list[LineageEdge]:
        reads = defaultdict(list)
        for link in self._links.values():
            if link.kind is LinkKind.INPUT:
                reads[link.run_id, link.generation, link.task].append(link.artifact_id)
        edges = (
            LineageEdge(source=source, target=made.artifact_id, task=made.task, run_id=made.run_id)
            for made, _ in self._executions()
            for source in reads[made.run_id, made.generation, made.task]
        )
        return list(dict.fromkeys(edges))

    def _makers(self) -> dict[ArtifactId, Made]:
        made: dict[ArtifactId, Made] = {}
        for link, attempt in self._executions():
            run = self._runs[link.run_id]
            maker = Made(
                run_id=run.id,
                run_name=run.display_name,
                pipeline=run.pipeline,
                generation=link.generation,
                task=link.task,
                attempt_id=attempt.id,
                port=link.port,
                at=attempt.ended_at or attempt.created_at,
            )
            made.setdefault(link.artifact_id, maker)
        return made

    def _executions(self) -> Iterator[tuple[ArtifactLink, Attempt]]:
        """Outputs of tasks that ran, with the attempt that succeeded: reuse has none."""
        succeeded = {
            (each.run_id, each.generation, each.task): each
            for each in self._attempts.values()
            if each.state is AttemptState.SUCCEEDED
        }
        for link in self._links.values():
            attempt = succeeded.get((link.run_id, link.generation, link.task))
            if link.kind is LinkKind.OUTPUT and attempt is not None:
                yield link, attempt

    # -- rows ---------------------------------------------------------------------------------------------------------

    def _append(self, run_id: RunId, at: Micros, kind: RunEventKind, body: dict[str, Json]) -> None:
        seq = self._last_seq.get(run_id, 0) + 1
        self._add_event(RunEvent(run_id=run_id, seq=seq, at=at, kind=kind, body=body))

    def _run(self, run_id: RunId) -> Run:
        if run_id not in self._runs:
            raise NotFoundError(f"there is no run '{run_id}'")
        return self._runs[run_id]

    def _generation(self, run_id: RunId, asked: int | None) -> int:
        newest = self._run(run_id).generation
        return newest if asked is None else asked

    def _pending(self, run_ids: Sequence[RunId]) -> list[RunRequest]:
        return [each for each in self._requests.values() if each.run_id in run_ids and each.id not in self._handled]


def _attribute_of_link(recorded: RecordedLink, name: str) -> Any:
    return recorded.n if name == "n" else attribute_of(recorded.link, name)


def _named(table: Mapping[K, V], name: K, noun: str) -> V:
    if name in table:
        return table[name]
    text = str(name)
    found = [value for key, value in table.items() if len(text) >= MIN_PREFIX and str(key).startswith(text)]
    if not found:
        raise NotFoundError(f"there is no {noun} '{text}'")
    if len(found) > 1:
        raise InvalidArgumentError(f"'{text}' is the beginning of more than one {noun}")
    return found[0]
