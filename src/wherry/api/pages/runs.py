"""The list of runs and the page of one."""

from __future__ import annotations

from wherry.api.dialect import Message
from wherry.api.pages.graphs import Graph, Structure
from wherry.api.pages.outcomes import Outcome
from wherry.api.pages.quantities import Duration, Moment
from wherry.ir.spec import ParameterType
from wherry.model.identity import Json
from wherry.model.runs import CachePolicy, TaskKind
from wherry.model.states import RuntimeState


class PipelineLabel(Message, frozen=True, kw_only=True):
    """The pipeline of a run."""

    name: str
    """`pipelineInfo.name` of its specification."""
    id: str | None
    """The registered pipeline it was started from; null if the specification came with the run."""
    display_name: str | None
    """Name of the registered pipeline; null if there is none, or it was deleted."""
    version_id: str | None
    version_name: str | None
    """Null if there is no registered version, or it was deleted."""


class ExperimentLabel(Message, frozen=True, kw_only=True):
    """The experiment of a run."""

    id: str
    name: str | None
    """Null if it was deleted."""


class TaskCounts(Message, frozen=True, kw_only=True):
    """How many tasks that do work (containers and importers) are in which state.

    What still waits for other tasks has no row and is not counted.
    """

    pending: int
    running: int
    """Canceling and paused ones too."""
    succeeded: int
    """Kept by a retry too."""
    reused: int
    """From the cache."""
    skipped: int
    """Not triggered."""
    failed: int
    canceled: int


class RunRow(Message, frozen=True, kw_only=True):
    """A run in a list."""

    id: str
    name: str
    state: RuntimeState
    sentence: str
    """Why it is in this state, for a person; empty where the state says it all."""
    pipeline: PipelineLabel
    experiment: ExperimentLabel
    created_at: Moment
    created_by: str
    started_at: Moment | None
    finished_at: Moment | None
    duration: Duration | None
    """From start to end; null until it has ended."""
    metrics: dict[str, float]
    """Numbers of its Metrics artifacts, by name; at most 20. Of a name that occurs twice, the newest. Names of
    more than 200 characters are left out.
    """
    task_counts: TaskCounts
    archived: bool
    recurring_run_id: str | None


class RunRows(Message, frozen=True, kw_only=True):
    """A page of runs."""

    runs: list[RunRow]
    total_size: int
    """Runs on all pages."""
    next_page_token: str
    """Empty on the last page."""


class RunParameter(Message, frozen=True, kw_only=True):
    """A parameter of a run."""

    name: str
    type: ParameterType
    value: Json
    """As given, or the default."""
    is_default: bool
    """Whether nothing was given."""


class RunFailure(Message, frozen=True, kw_only=True):
    """Why a run did not succeed."""

    message: str
    task_key: str | None
    """The first task that failed, if one did."""
    task_id: str | None
    """Null if there is none, or it has no row."""


class RunHeader(Message, frozen=True, kw_only=True):
    """A run as a whole."""

    id: str
    name: str
    description: str
    state: RuntimeState
    sentence: str
    """Why it is in this state, for a person; empty where the state says it all."""
    error: RunFailure | None
    pipeline: PipelineLabel
    experiment: ExperimentLabel
    parameters: list[RunParameter]
    """Every parameter of the pipeline, in the order of their names."""
    generation: int
    """1 at first; each retry opens the next."""
    cache: CachePolicy
    created_at: Moment
    created_by: str
    started_at: Moment | None
    finished_at: Moment | None
    duration: Duration | None
    """From start to end; null until it has ended."""
    archived: bool
    recurring_run_id: str | None
    service_account: str
    spec_digest: str
    """Names its specification by content."""
    pipeline_root: str
    """Where its artifacts lie."""
    metrics: dict[str, float]
    """As in the list."""
    task_counts: TaskCounts


class TaskRow(Message, frozen=True, kw_only=True):
    """A task of a run. It has a row from the moment it leaves waiting."""

    id: str
    key: str
    """Where it stands: `root/for-loop-1[3]/train`."""
    node_id: str
    """`GraphNode.id` of the structure it is an instance of."""
    parent_id: str | None
    """The task around it; null for the root. An iteration has no row of its own: its tasks are children of the loop."""
    name: str
    display_name: str
    kind: TaskKind
    component: str
    iteration_index: int | None
    """Innermost iteration it belongs to, from 0."""
    iteration_count: int | None
    """For a loop: how many iterations it has."""
    state: RuntimeState
    outcome: Outcome | None
    """Null until the state is final."""
    created_at: Moment
    started_at: Moment | None
    ended_at: Moment | None
    attempt_count: int


class RunArtifact(Message, frozen=True, kw_only=True):
    """An artifact that a task of the run put out."""

    id: str
    name: str
    type: str
    """Schema title such as `system.Model`."""
    task_id: str
    """The task that made it; of a reused one, the task that took it over."""
    port: str
    """Name of the output."""


class RunPage(Message, frozen=True, kw_only=True):
    """Everything the page of a run shows."""

    run: RunHeader
    graph: Graph
    tasks: list[TaskRow]
    """Of the newest generation, in the order in which they appeared."""
    artifacts: list[RunArtifact]
    last_event_seq: int
    """Number of the newest event that this answer includes: `Last-Event-ID` of a stream that goes on from it."""


class RunSpec(Message, frozen=True, kw_only=True):
    """What a run was started with: enough to start it again, changed or not."""

    run_id: str
    run_name: str
    experiment_id: str
    pipeline_id: str | None
    """Null if the specification came with the run: send `spec` as `pipeline_spec` then."""
    pipeline_version_id: str | None
    parameters: dict[str, Json]
    """As given, without defaults."""
    structure: Structure
    spec: Json
    """The specification as CreateRun takes it in `pipeline_spec`."""
    yaml: str
    """The same as a package file."""
