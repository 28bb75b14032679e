"""What the engine needs of the world, as Protocols. Adapters live in store, objectstore and launchers.

Each has a contract suite in `wherry.testing.contracts`; ``docs`` say more about writing an adapter.
"""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias, runtime_checkable

import msgspec

from wherry.model.artifacts import Artifact, ArtifactLink, Lineage, LinkKind, ModelVersion, RecordedLink
from wherry.model.experiments import Experiment
from wherry.model.identity import (
    ArtifactId,
    AttemptId,
    ExperimentId,
    Json,
    Micros,
    PipelineId,
    PipelineVersionId,
    RunId,
    TaskId,
    TaskKey,
)
from wherry.model.listing import ListQuery, Page
from wherry.model.outcomes import Failure
from wherry.model.pages import (
    ArtifactView,
    ExperimentSummary,
    Findings,
    LineageView,
    ModelView,
    PipelineSummary,
    RunResult,
    RunSummary,
    RunView,
    TaskView,
)
from wherry.model.pipelines import DeletePolicy, Pipeline, PipelineUpdate, PipelineVersion
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

# -- time and chance --------------------------------------------------------------------------------------------------


class Clock(Protocol):
    """Wall time. Durations inside the engine come from the event loop's own monotonic clock."""

    def now(self) -> Micros: ...


class IdSource(Protocol):
    """Fresh random identifiers."""

    def run_id(self) -> RunId: ...
    def task_id(self) -> TaskId: ...
    def attempt_id(self) -> AttemptId: ...
    def artifact_id(self) -> ArtifactId: ...
    def experiment_id(self) -> ExperimentId: ...
    def pipeline_id(self) -> PipelineId: ...
    def pipeline_version_id(self) -> PipelineVersionId: ...


# -- launchers --------------------------------------------------------------------------------------------------------


class Secret(msgspec.Struct, frozen=True):
    """A value that is never written or shown."""

    value: str

    def __repr__(self) -> str:
        return "Secret(***)"


class LaunchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt of one task, fully resolved: nothing here needs a further look-up."""

    attempt_id: AttemptId
    """Unique per attempt; launching the same id twice starts one process."""
    run_id: RunId
    task: TaskKey
    component: str
    """Name of the component, for messages."""
    image: str
    command: tuple[str, ...]
    """Command and arguments as the spec has them: what a launcher recognises a lightweight component by."""
    resolved_command: tuple[str, ...]
    """The same with every placeholder replaced: what runs if the launcher recognises nothing."""
    executor_input: bytes
    """ExecutorInput as JSON."""
    output_types: dict[str, str]
    """Output parameter -> IR type name (``NUMBER_INTEGER`` …): how text in an output file is read."""
    env: dict[str, str] = {}
    """Environment the task sets, placeholders replaced, plus the KFP_* names."""
    secrets: dict[str, Secret] = {}
    """Environment too, never written to disk."""
    timeout_seconds: float | None = None
    """None means no limit. Counted from the start of the task's own code, not of its environment's making."""
    cpu_limit: float | None = None
    """Cores; None means no limit."""
    memory_limit: int | None = None
    """Bytes; None means no limit."""
    workspace: str = ""
    """Folder that all tasks of the run share (``dsl.WorkspaceConfig``); the launcher makes it. Empty: none."""


class AttemptProgress(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person waiting would like to know, such as "installing pandas"."""

    attempt_id: AttemptId
    message: str


class AttemptWarning(msgspec.Struct, frozen=True, kw_only=True):
    """Something the task's author should know although it does not fail, such as another Python than asked for."""

    attempt_id: AttemptId
    message: str


class AttemptStarted(msgspec.Struct, frozen=True, kw_only=True):
    """The task's own code is running."""

    attempt_id: AttemptId
    at: Micros
    handle: dict[str, Json]
    """{launcher, version, …}: opaque to everyone but the launcher; given back to `Launcher.recover`."""


class AttemptSucceeded(msgspec.Struct, frozen=True, kw_only=True):
    """The task's code ended well. Its process may still be exiting."""

    attempt_id: AttemptId
    started_at: Micros
    ended_at: Micros
    executor_output: bytes
    """ExecutorOutput as JSON, output parameters that were written to files included."""


class AttemptFailed(msgspec.Struct, frozen=True, kw_only=True):
    """The attempt ended without a result."""

    attempt_id: AttemptId
    started_at: Micros | None
    ended_at: Micros
    failure: Failure


class AttemptCancelled(msgspec.Struct, frozen=True, kw_only=True):
    """The attempt was stopped by `Launcher.cancel`, before or after it started."""

    attempt_id: AttemptId
    started_at: Micros | None
    ended_at: Micros


AttemptEvent: TypeAlias = (
    AttemptProgress | AttemptWarning | AttemptStarted | AttemptSucceeded | AttemptFailed | AttemptCancelled
)


class Recovery(enum.Enum):
    """What a launcher knows of an attempt that an earlier owner recorded."""

    FOUND = "found"  # running or ended: its events follow from `events`
    NEVER_LAUNCHED = "never-launched"  # provably not started: launch it under the same id
    LOST = "lost"  # may have started, is not running, left no result


class Launcher(Protocol):
    """Runs attempts somewhere. See `wherry.testing.contracts.launcher`."""

    async def start(self, *, token: int) -> None:
        """Connect. ``token`` is the fencing token of this owner: launchers obey the highest one only."""

    async def launch(self, request: LaunchRequest) -> None:
        """Start an attempt. Idempotent by attempt id. What becomes of it, failures included, comes by `events`."""

    async def cancel(self, attempt_id: AttemptId) -> None:
        """Stop an attempt and everything it started. Idempotent; an `AttemptCancelled` follows if it was running."""

    async def recover(self, attempt_id: AttemptId, handle: Mapping[str, Json] | None) -> Recovery:
        """Look for an attempt of an earlier owner. ``handle`` is None if that owner never learnt it."""

    async def acknowledge(self, attempt_id: AttemptId) -> None:
        """The attempt's result is committed: the launcher may forget it."""

    def events(self) -> AsyncIterator[AttemptEvent]:
        """Events of all attempts, each at least once, until `close`. One consumer."""

    async def close(self) -> None:
        """Disconnect. Attempts go on."""


@runtime_checkable
class StreamsLogs(Protocol):
    """A launcher that keeps logs. Optional."""

    def log(self, run_id: RunId, attempt_id: AttemptId, *, from_byte: int = 0, limit: int = 1 << 20) -> bytes:
        """Log bytes from an offset; empty at the end of what there is, or if there is no log."""


class AttemptEnvironment(msgspec.Struct, frozen=True, kw_only=True):
    """What Python an attempt ran with."""

    python: str
    """Full version, such as ``3.11.7``."""
    packages: tuple[str, ...]
    """What was installed, as ``name==version``, in the order of the alphabet."""
    note: str = ""
    """What is special about it; empty if nothing is."""


@runtime_checkable
class DescribesEnvironments(Protocol):
    """A launcher that knows what an attempt ran with. Optional."""

    def environment(self, handle: Mapping[str, Json]) -> AttemptEnvironment | None:
        """What the attempt with this handle ran with; None if that is not known any more. Blocks: use a thread."""


# -- object stores ----------------------------------------------------------------------------------------------------


class StoredContent(msgspec.Struct, frozen=True):
    """What lies at a URI: bytes in all, newest modification time."""

    size: int
    mtime: Micros


class ObjectStore(Protocol):
    """Holds artifacts. See `wherry.testing.contracts.object_store`. All methods may block: callers use a thread."""

    def uri(self, root: str, *parts: str) -> str:
        """The URI of an output below a pipeline root. Parts are made safe for a path; never leaves the root."""

    def seal(self, uri: str) -> StoredContent | None:
        """Make a just-written artifact read-only and say what is there; None if nothing is."""

    def stat(self, uri: str) -> StoredContent | None:
        """What is there now; None if nothing is."""

    def digest(self, uri: str) -> str:
        """``sha256:<hex>`` of the content; a directory's covers names and contents. ObjectStoreError if absent."""

    def read(self, uri: str, *, limit: int) -> bytes:
        """The first ``limit`` bytes of a file."""


# -- stores -----------------------------------------------------------------------------------------------------------


class NewRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run to record, with its spec."""

    run: Run
    spec: bytes
    idempotency_key: str | None = None
    """A second creation with the same key returns the first run."""
    warnings: tuple[str, ...] = ()
    """What the run's owner should know of how it was taken: the first lines of its history."""


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Who claims runs: a name for people (``pid 123 on host``) and the monotonic fencing token of this start."""

    name: str
    token: int


class RunStore(Protocol):
    """Runs, tasks, attempts, events. See `wherry.testing.contracts.run_store`.

    Whatever returned is committed. Writes that promise durability (run created, cancelled, ended, version registered)
    survive a power cut; the engine's own progress survives a killed process.
    """

    async def open_owner(self, name: str) -> Owner:
        """Take the next fencing token."""

    async def create_run(self, new: NewRun) -> Run:
        """Record a run, PENDING, with its first event. Durable.

        A run that names no experiment goes to the default one of its namespace, which is made if need be; the run
        that is returned names it. The experiment remembers when its newest run was created.

        Raises:
            AlreadyExistsError: the id is taken.
            NotFoundError: there is no such experiment.
            InvalidArgumentError: the experiment is of another namespace.
        """

    async def claim_runs(self, owner: Owner, *, limit: int) -> tuple[RunSnapshot, ...]:
        """Claim unfinished runs that no live owner holds (any lower token in the embedded mode), oldest first."""

    async def renew(self, owner: Owner, run_ids: Sequence[RunId]) -> frozenset[RunId]:
        """Extend leases. Returns the runs still held; forget the others."""

    async def commit(self, changes: Sequence[RunChanges]) -> tuple[ModelVersion, ...]:
        """Apply one turn. All or nothing. Returns the versions its registrations stand for, in their order.

        Events carry the numbers that the owner gave them; they must continue the run's history without a gap. Only
        the store knows a model's next version, so it adds ``version`` to the body of a MODEL_REGISTERED event whose
        body has the ``name`` and ``artifact_id`` of one of the registrations. A registration of an artifact that has
        the name already stands for the version it has. Registering, ending a run and CANCELING are durable.

        Raises:
            StaleOwnerError: a run's token or generation is higher than the change's; nothing was written.
            WherryBugError: a compare-and-set did not match (run not claimed, state seen, attempt already ended, a key,
                id or number taken); nothing was written.
            StoreUnavailableError: the database refused to work; nothing was written, trying again may help.
        """

    async def snapshot(self, run_id: RunId) -> RunSnapshot:
        """All rows of the newest generation. Raises NotFoundError."""

    async def open_generation(
        self, run_id: RunId, *, seen: int, kept: Sequence[TaskRecord], by: str, now: Micros
    ) -> Run:
        """Open the next generation of a run that ended: PENDING again, ``kept`` written as its first rows. Durable.

        ``kept`` carries the new generation's number, ids and outcomes (`Kept`); the caller decided them from the
        rows of generation ``seen``.

        Raises:
            NotRetriableError: the run has not ended, or its generation is no longer ``seen``.
        """

    async def request(self, run_id: RunId, kind: RunRequestKind, *, by: str, now: Micros) -> None:
        """Record a request. Durable. A finished run takes none: the call does nothing."""

    async def pending_requests(self, run_ids: Sequence[RunId]) -> Mapping[RunId, tuple[int, RunRequestKind, str]]:
        """The oldest unhandled request per run: (id, kind, by)."""

    async def count_crash(self, run_id: RunId, *, error: str, now: Micros) -> int:
        """Record that the engine crashed on this run; returns how often it has in this generation.

        The run is let go: the next `claim_runs`, by anyone, gets it anew. At the third time it ends FAILED instead,
        with the error as its reason. Both come with events, numbered by the store. Durable.
        """

    async def find_reusable(self, namespace: str, base_keys: Iterable[str]) -> Mapping[str, tuple[CacheEntry, ...]]:
        """Cache entries by base key, newest first, at most 20 per key."""

    async def nearest(self, namespace: str, component: str, pipeline: str) -> CacheEntry | None:
        """The newest cache entry of a component: what a miss is explained against."""

    async def artifacts(self, ids: Iterable[ArtifactId]) -> Mapping[ArtifactId, Artifact]: ...

    async def set_digest(self, artifact_id: ArtifactId, digest: str) -> None: ...

    async def get_run(self, run_id: RunId) -> Run:
        """Raises NotFoundError. A unique prefix of at least 4 characters is enough."""

    async def list_runs(
        self, *, namespace: str = "", limit: int = 20, before: tuple[Micros, RunId] | None = None
    ) -> tuple[Run, ...]:
        """Newest first; ``before`` is (created_at, id) of the last run of the page before."""

    async def find_unfinished(self, *, spec_digest: str, parameters: Mapping[str, Json]) -> Run | None:
        """The newest unfinished run of the same spec with the same arguments."""

    async def tasks(self, run_id: RunId, generation: int | None = None) -> tuple[TaskRecord, ...]:
        """In order of creation; of the newest generation unless said."""

    async def attempts(self, run_id: RunId, generation: int | None = None) -> tuple[Attempt, ...]: ...

    async def links(self, run_id: RunId, generation: int | None = None) -> tuple[ArtifactLink, ...]: ...

    async def events(self, run_id: RunId, *, after: int = 0, limit: int = 1000) -> tuple[RunEvent, ...]: ...

    async def spec(self, digest: str) -> bytes: ...

    async def run_states(self, run_ids: Sequence[RunId]) -> Mapping[RunId, RuntimeState]: ...

    async def find_runs(
        self, query: ListQuery, *, namespace: str | None = None, experiment_id: ExperimentId | None = None
    ) -> Page[Run]:
        """A filtered and sorted page (keys: `wherry.model.listing.RUNS`), of one namespace and experiment if named.

        Raises InvalidArgumentError.
        """

    async def state_history(self, run_ids: Sequence[RunId]) -> Mapping[RunId, tuple[StateChange, ...]]:
        """Every state each run has had, oldest first, over all its generations; runs that do not exist are left out."""

    async def archive_run(self, run_id: RunId, *, by: str, now: Micros) -> None:
        """Take a run out of the ordinary lists. Durable; once is enough. Raises NotFoundError."""

    async def unarchive_run(self, run_id: RunId, *, by: str, now: Micros) -> None:
        """Put it back. Durable; once is enough.

        Raises:
            NotFoundError: there is no such run.
            FailedPreconditionError: its experiment is archived.
        """

    async def delete_run(self, run_id: RunId, *, by: str, now: Micros) -> None:
        """Forget a run with its tasks, attempts, links, history and cache entries; its artifacts stay. Durable.

        Raises:
            NotFoundError: there is no such run.
            FailedPreconditionError: it has not ended: an engine may hold it.
        """

    async def find_tasks(
        self, run_id: RunId, query: ListQuery, *, parent_id: TaskId | None = None, generation: int | None = None
    ) -> Page[TaskRecord]:
        """A page of a run's tasks (keys: `wherry.model.listing.TASKS`), of the newest generation unless said.

        Args:
            run_id: whole.
            query: what, and how much of it.
            parent_id: only the tasks directly inside this one; None means all.
            generation: None means the newest.

        Raises:
            NotFoundError: there is no such run, or no such parent in this generation of it.
            InvalidArgumentError: the query.
        """

    async def get_task(self, task_id: TaskId) -> TaskRecord:
        """The task with an id. Raises NotFoundError."""

    async def close(self) -> None: ...


class MetadataStore(Protocol):
    """Artifacts, lineage and model versions. See `wherry.testing.contracts.metadata_store`."""

    async def get_artifact(self, artifact_id: ArtifactId) -> Artifact:
        """Raises NotFoundError. A unique prefix of at least 4 characters is enough."""

    async def model_versions(self, namespace: str, name: str) -> tuple[ModelVersion, ...]:
        """Oldest first; empty if there is no such name."""

    async def model_names(self, namespace: str) -> tuple[str, ...]: ...

    async def upstream(self, artifact_id: ArtifactId, *, max_hops: int | None = None) -> Lineage:
        """Everything the artifact was made from, over any number of runs and hops. Reused tasks count as their origin."""

    async def downstream(self, artifact_id: ArtifactId, *, max_hops: int | None = None) -> Lineage:
        """Everything that was made from the artifact."""

    async def find_artifacts(self, query: ListQuery, *, namespace: str | None = None) -> Page[Artifact]:
        """A page of artifacts (keys: `wherry.model.listing.ARTIFACTS`), of one namespace if named.

        Raises InvalidArgumentError.
        """

    async def find_links(
        self,
        query: ListQuery,
        *,
        task_ids: Sequence[TaskId] = (),
        run_ids: Sequence[RunId] = (),
        artifact_ids: Sequence[ArtifactId] = (),
        kind: LinkKind | None = None,
    ) -> Page[RecordedLink]:
        """A page of links (keys: `wherry.model.listing.ARTIFACT_TASKS`), of all generations.

        Each list of ids that is not empty narrows the answer to links of those. Raises InvalidArgumentError.
        """


class ExperimentStore(Protocol):
    """Experiments. See `wherry.testing.contracts.experiment_store`. All writes are durable."""

    async def create_experiment(self, experiment: Experiment) -> Experiment:
        """Record an experiment. Raises AlreadyExistsError if its id, or its name in its namespace, is taken."""

    async def default_experiment(self, namespace: str, *, now: Micros) -> Experiment:
        """The experiment of runs that name none; made if it is not there."""

    async def get_experiment(self, experiment_id: ExperimentId) -> Experiment:
        """Raises NotFoundError."""

    async def find_experiments(self, query: ListQuery, *, namespace: str | None = None) -> Page[Experiment]:
        """A page (keys: `wherry.model.listing.EXPERIMENTS`), of one namespace if named. Raises InvalidArgumentError."""

    async def archive_experiment(self, experiment_id: ExperimentId, *, by: str, now: Micros) -> None:
        """Archive it and every run in it. Once is enough. Raises NotFoundError."""

    async def unarchive_experiment(self, experiment_id: ExperimentId, *, by: str, now: Micros) -> None:
        """Put it back, without its runs. Once is enough. Raises NotFoundError."""

    async def delete_experiment(self, experiment_id: ExperimentId, *, by: str, now: Micros) -> None:
        """Forget it. Its runs stay, and go on naming it.

        Raises:
            NotFoundError: there is no such experiment.
            FailedPreconditionError: it is the default one.
        """


class NewPipelineVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version to register, with its spec."""

    version: PipelineVersion
    spec: bytes
    """As `wherry.ir.digest.encode_package` writes it; its digest is ``version.spec_digest``."""


class PipelineStore(Protocol):
    """Registered pipelines. See `wherry.testing.contracts.pipeline_store`. All writes are durable.

    The spec of a version is read with `RunStore.spec`, by its digest.
    """

    async def create_pipeline(self, pipeline: Pipeline, first: NewPipelineVersion | None = None) -> Pipeline:
        """Register a pipeline, with its first version if one is given: both or neither.

        Raises AlreadyExistsError if its id, or its name in its namespace, is taken.
        """

    async def get_pipeline(self, pipeline_id: PipelineId) -> Pipeline:
        """Raises NotFoundError."""

    async def get_pipeline_by_name(self, namespace: str, name: str) -> Pipeline:
        """Raises NotFoundError."""

    async def find_pipelines(self, query: ListQuery, *, namespace: str | None = None) -> Page[Pipeline]:
        """A page (keys: `wherry.model.listing.PIPELINES`), of one namespace if named. Raises InvalidArgumentError."""

    async def update_pipeline(
        self, pipeline_id: PipelineId, update: PipelineUpdate, *, by: str, now: Micros
    ) -> Pipeline:
        """Change what may change. Raises NotFoundError."""

    async def delete_pipeline(self, pipeline_id: PipelineId, policy: DeletePolicy, *, by: str, now: Micros) -> None:
        """Forget a pipeline. Runs of it stay.

        Raises:
            NotFoundError: there is no such pipeline.
            FailedPreconditionError: it has versions, and the policy is to refuse then.
        """

    async def create_pipeline_version(self, new: NewPipelineVersion) -> PipelineVersion:
        """Register a version.

        Raises:
            NotFoundError: there is no such pipeline.
            AlreadyExistsError: its id, or its name in its pipeline, is taken.
        """

    async def get_pipeline_version(self, version_id: PipelineVersionId) -> PipelineVersion:
        """Raises NotFoundError."""

    async def latest_pipeline_version(self, pipeline_id: PipelineId) -> PipelineVersion:
        """The version that was created last. Raises NotFoundError if there is no such pipeline, or it has none."""

    async def find_pipeline_versions(self, pipeline_id: PipelineId, query: ListQuery) -> Page[PipelineVersion]:
        """A page (keys: `wherry.model.listing.PIPELINE_VERSIONS`).

        Raises:
            NotFoundError: there is no such pipeline.
            InvalidArgumentError: the query.
        """

    async def update_pipeline_version(
        self, version_id: PipelineVersionId, update: PipelineUpdate, *, by: str, now: Micros
    ) -> PipelineVersion:
        """Change what may change. Raises NotFoundError."""

    async def delete_pipeline_version(self, version_id: PipelineVersionId, *, by: str, now: Micros) -> None:
        """Forget a version. Runs of it stay. Raises NotFoundError."""


class PageStore(Protocol):
    """What the pages of the UI show, each read at one moment. See `wherry.testing.contracts.page_store`.

    Ids are whole here; a prefix names nothing.
    """

    async def find_run_summaries(
        self,
        query: ListQuery,
        *,
        namespace: str | None = None,
        experiment_id: ExperimentId | None = None,
        pipeline_id: PipelineId | None = None,
        pipeline_version_id: PipelineVersionId | None = None,
    ) -> Page[RunSummary]:
        """A page of runs (keys: `wherry.model.listing.RUNS`). Raises InvalidArgumentError."""

    async def run_view(self, run_id: RunId) -> RunView:
        """The newest generation of a run. Raises NotFoundError."""

    async def task_view(self, run_id: RunId, task_id: TaskId) -> TaskView:
        """A task of any generation. Raises NotFoundError if there is no such run, or it has no such task."""

    async def run_results(self, run_id: RunId, types: Sequence[str], *, limit: int) -> tuple[RunResult, ...]:
        """Artifacts of some types (schema titles) that working tasks of the newest generation put out, oldest first.

        Raises NotFoundError.
        """

    async def artifact_view(self, artifact_id: ArtifactId) -> ArtifactView:
        """An artifact with the working tasks that read or put it out. Raises NotFoundError."""

    async def lineage_view(
        self, focus: ArtifactId | RunId, *, of_run: bool, upstream: bool, downstream: bool, hops: int, limit: int
    ) -> LineageView:
        """What an artifact, or all that a run put out, was made from and what was made from it.

        Args:
            focus: id of the artifact, or of the run.
            of_run: which of both it is.
            upstream: whether to look at what it was made from.
            downstream: whether to look at what was made from it.
            hops: executions away at most.
            limit: artifacts and executions at most.

        Raises:
            NotFoundError: there is no such artifact or run.
        """

    async def model_views(self, namespace: str, *, limit: int) -> tuple[ModelView, ...]:
        """Models with their newest version alone, in the order of their names."""

    async def model_view(self, namespace: str, name: str, *, limit: int) -> ModelView:
        """A model with its newest versions; without any if there is no such name."""

    async def find_pipeline_summaries(self, query: ListQuery, *, namespace: str | None = None) -> Page[PipelineSummary]:
        """A page of pipelines (keys: `wherry.model.listing.PIPELINES`). Raises InvalidArgumentError."""

    async def pipeline_summary(self, pipeline_id: PipelineId) -> PipelineSummary:
        """One pipeline. Raises NotFoundError."""

    async def find_experiment_summaries(
        self, query: ListQuery, *, namespace: str | None = None
    ) -> Page[ExperimentSummary]:
        """A page of experiments (keys: `wherry.model.listing.EXPERIMENTS`). Raises InvalidArgumentError."""

    async def search(self, text: str, *, namespace: str, limit: int) -> Findings:
        """What has a text in its name, in either case, and runs and artifacts whose id begins with it; newest first."""
