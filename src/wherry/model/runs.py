"""Runs, tasks and attempts as they are recorded, and the changes one turn of the engine makes to them."""

from __future__ import annotations

import enum

import msgspec

from wherry.model.artifacts import Artifact, ArtifactLink, Registration
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
from wherry.model.outcomes import Failure, TaskOutcome
from wherry.model.states import AttemptState, RuntimeState, StorageState

SEMANTICS = 1
"""Version of the rules that runs are planned under. A change of what a spec means gets the next number."""


class RunError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a run did not succeed."""

    message: str
    task: TaskKey | None = None
    """The first task that failed, if one did."""


class CachePolicy(enum.Enum):
    """What a run does when a task with the same fingerprint has already succeeded."""

    AS_COMPILED = "as-compiled"  # each task's cachingOptions decide
    RERUN = "rerun"  # no task is reused; results are recorded for later reuse all the same


class Run(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One execution of a pipeline. The spec itself is in its own table, by ``spec_digest``."""

    id: RunId
    generation: int
    """1 at first; each retry opens the next."""
    namespace: str
    created_by: str
    display_name: str
    pipeline: str
    """``pipelineInfo.name``."""
    spec_digest: str
    parameters: dict[str, Json]
    """Arguments as given, checked. The pipeline's defaults for the others are in its spec."""
    pipeline_root: str
    cache: CachePolicy
    state: RuntimeState
    storage_state: StorageState
    created_at: Micros
    scheduled_at: Micros
    started_at: Micros | None = None
    finished_at: Micros | None = None
    error: RunError | None = None
    semantics: int = SEMANTICS
    crashes: int = 0
    """How often the engine crashed on this run in this generation; at 3 it is quarantined (FAILED)."""
    experiment_id: ExperimentId | None = None
    """None only before it is recorded: a store puts it into the default experiment of its namespace then."""
    description: str = ""
    pipeline_id: PipelineId | None = None
    """The registered pipeline it was created from; None if its spec came with it."""
    pipeline_version_id: PipelineVersionId | None = None
    service_account: str = ""
    recurring_run_id: str | None = None


class StateChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of a run's state history (KFP: RuntimeStatus)."""

    at: Micros
    state: RuntimeState
    error: str = ""
    """Why, if the run ended without success."""


class TaskKind(enum.Enum):
    """What a task is (KFP 3.0: PipelineTask.TaskType)."""

    RUNTIME = "RUNTIME"  # has attempts
    IMPORTER = "IMPORTER"
    DAG = "DAG"
    CONDITION = "CONDITION"
    CONDITION_BRANCH = "CONDITION_BRANCH"
    LOOP = "LOOP"
    EXIT_HANDLER = "EXIT_HANDLER"
    ROOT = "ROOT"


class ArtifactInput(msgspec.Struct, frozen=True, kw_only=True):
    """The artifacts that one input port of a task received, in order."""

    artifact_ids: tuple[ArtifactId, ...]
    is_list: bool = False


class TaskInputs(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Resolved inputs of a task: what its executor is told, defaults included."""

    parameters: dict[str, Json] = {}
    artifacts: dict[str, ArtifactInput] = {}


class TaskOutputs(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Published outputs of a task: parameters by value, artifacts by id (several for a list)."""

    parameters: dict[str, Json] = {}
    artifacts: dict[str, ArtifactInput] = {}


class TaskRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One task of one generation of a run. The row appears when the task leaves waiting, with its first state."""

    run_id: RunId
    generation: int
    key: TaskKey
    id: TaskId
    parent: TaskKey | None
    """The DAG, condition or loop task around it; None for the root."""
    name: str
    """Task name in its DAG."""
    display_name: str
    component: str
    """Name of the component in the spec."""
    kind: TaskKind
    state: RuntimeState
    created_at: Micros
    outcome: TaskOutcome | None = None
    """None until the state is final."""
    iteration_index: int | None = None
    """Index of the innermost loop iteration it belongs to, from 0."""
    iteration_count: int | None = None
    """For a LOOP: how many iterations it has."""
    started_at: Micros | None = None
    ended_at: Micros | None = None
    inputs: TaskInputs = TaskInputs()
    outputs: TaskOutputs = TaskOutputs()
    base_key: str | None = None
    """Digest of the fingerprint's parts that need no artifact; what look-ups search by."""
    fingerprint: str | None = None
    """``f1:<hex>`` of all parts, with artifact inputs by content where known, else by id."""
    fingerprint_parts: dict[str, str] = {}
    """Part name -> short digest or text: compared to explain a miss."""
    cache_note: str = ""
    """Why it was not reused, for a person: nearest earlier execution and what differs. Empty: reused or not asked."""


class TaskUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """Replaces a task's row, if its state still is ``seen``."""

    seen: RuntimeState
    record: TaskRecord


class Attempt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One try of a task."""

    id: AttemptId
    run_id: RunId
    generation: int
    task: TaskKey
    number: int
    """1 for the first try of the task in this generation."""
    token: int
    """Fencing token of the owner that started it."""
    state: AttemptState
    created_at: Micros
    handle: dict[str, Json] | None = None
    """The launcher's own, opaque; None until known (an attempt can be found by id alone)."""
    started_at: Micros | None = None
    ended_at: Micros | None = None
    failure: Failure | None = None


class AttemptEnd(msgspec.Struct, frozen=True, kw_only=True):
    """Ends an attempt, if it has not ended yet: the compare-and-set that lets exactly one result in."""

    id: AttemptId
    state: AttemptState
    ended_at: Micros
    started_at: Micros | None
    failure: Failure | None = None
    handle: dict[str, Json] | None = None


class CacheEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A successful execution that later tasks may reuse."""

    namespace: str
    base_key: str
    fingerprint: str
    component: str
    run_id: RunId
    generation: int
    task: TaskKey
    attempt_id: AttemptId
    created_at: Micros
    artifact_inputs: dict[str, ArtifactInput] = {}
    outputs: TaskOutputs = TaskOutputs()
    fingerprint_parts: dict[str, str] = {}


class RunEventKind(enum.Enum):
    """What happened to a run; the body's shape depends on it and is listed in docs/explanation/semantics.md."""

    RUN_CREATED = "run.created"
    RUN_STARTED = "run.started"
    RUN_CANCELING = "run.canceling"
    RUN_ENDED = "run.ended"
    RUN_RETRIED = "run.retried"
    TASK_STARTED = "task.started"
    TASK_REUSED = "task.reused"
    TASK_SKIPPED = "task.skipped"
    TASK_ENDED = "task.ended"
    ATTEMPT_STARTED = "attempt.started"
    ATTEMPT_ENDED = "attempt.ended"
    MODEL_REGISTERED = "model.registered"
    WARNING = "warning"


class RunEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a run's history. ``seq`` counts from 1 per run, over all generations, without gaps."""

    run_id: RunId
    seq: int
    at: Micros
    kind: RunEventKind
    task: TaskKey | None = None
    body: dict[str, Json] = {}


class RunRequestKind(enum.Enum):
    """What a person can ask of a run that the engine owns."""

    CANCEL = "CANCEL"


class RunRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Something asked of a run, recorded before anybody acts on it."""

    id: int
    run_id: RunId
    kind: RunRequestKind
    by: str
    at: Micros


class RunUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """Moves a run to a state; None leaves a value as it is."""

    state: RuntimeState
    started_at: Micros | None = None
    finished_at: Micros | None = None
    error: RunError | None = None


class RunChanges(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one turn of the engine decided about one run: written in one transaction or not at all."""

    run_id: RunId
    generation: int
    token: int
    """Fencing token of the owner. A store whose run has a higher one refuses with StaleOwnerError."""
    run: RunUpdate | None = None
    tasks_created: tuple[TaskRecord, ...] = ()
    tasks_updated: tuple[TaskUpdate, ...] = ()
    attempts_created: tuple[Attempt, ...] = ()
    attempts_ended: tuple[AttemptEnd, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    links: tuple[ArtifactLink, ...] = ()
    cache_entries: tuple[CacheEntry, ...] = ()
    registrations: tuple[Registration, ...] = ()
    requests_handled: tuple[int, ...] = ()
    events: tuple[RunEvent, ...] = ()
    """With ``seq`` set by the owner, which continues from the last one it loaded."""


class RunSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """All rows of one generation of a run: what a schedule is rebuilt from."""

    run: Run
    spec: bytes
    """The stored package, as wherry.ir.digest.encode_package wrote it."""
    tasks: tuple[TaskRecord, ...]
    attempts: tuple[Attempt, ...]
    artifacts: tuple[Artifact, ...]
    """Every artifact that the tasks' inputs and outputs name."""
    requests: tuple[RunRequest, ...]
    """Requests not handled yet, oldest first."""
    last_seq: int
    """Sequence number of the newest event; 0 if there is none."""
