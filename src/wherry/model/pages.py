"""What one page of the UI needs to know, read at one moment: records joined with what they refer to."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from wherry.model.artifacts import Artifact, LinkKind, ModelVersion
from wherry.model.experiments import Experiment
from wherry.model.identity import ArtifactId, Micros, RunId, TaskId, TaskKey
from wherry.model.outcomes import TaskOutcome
from wherry.model.pipelines import Pipeline, PipelineVersion
from wherry.model.runs import Attempt, Run, TaskKind, TaskRecord
from wherry.model.states import RuntimeState


class TaskTally(msgspec.Struct, frozen=True, kw_only=True):
    """How many tasks that do work (containers and importers) a run's newest generation has, by what became of them."""

    by_state: dict[RuntimeState, int] = {}
    """Those that are neither reused nor kept."""
    reused: int = 0
    kept: int = 0


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A run with what a list shows beside it."""

    run: Run
    pipeline_name: str | None
    """Display name of the registered pipeline; None if there is none, or it was deleted."""
    version_name: str | None
    """Display name of the registered version; None likewise."""
    experiment_name: str | None
    """None if the experiment was deleted."""
    tally: TaskTally
    metrics: tuple[Artifact, ...]
    """Metrics artifacts that its newest generation put out, oldest first; at most 50."""


class Lender(msgspec.Struct, frozen=True, kw_only=True):
    """Where a reused task's outputs came from, as far as that is still recorded."""

    run_name: str
    task_id: TaskId | None
    """The task of the same key in the newest generation of that run."""


class TaskSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A task without its inputs, outputs and fingerprint."""

    id: TaskId
    key: TaskKey
    parent: TaskKey | None
    name: str
    display_name: str
    component: str
    kind: TaskKind
    state: RuntimeState
    outcome: TaskOutcome | None
    iteration_index: int | None
    iteration_count: int | None
    created_at: Micros
    started_at: Micros | None
    ended_at: Micros | None
    attempts: int
    lender: Lender | None = None
    """Of a reused task; None if its run was deleted."""


class RunOutput(msgspec.Struct, frozen=True, kw_only=True):
    """An artifact that a working task of a run put out."""

    artifact_id: ArtifactId
    name: str
    type: str
    task: TaskKey
    port: str


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """The newest generation of a run."""

    summary: RunSummary
    tasks: tuple[TaskSummary, ...]
    """In the order in which they appeared: parents first."""
    outputs: tuple[RunOutput, ...]
    last_seq: int


class TaskPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A task of some run, as others refer to it."""

    id: TaskId
    current_id: TaskId
    """Id of the task of the same key in the newest generation of its run; its own if there is none."""
    generation: int
    key: TaskKey
    display_name: str
    kind: TaskKind
    state: RuntimeState
    reused: bool
    ended_at: Micros | None
    run_id: RunId
    run_name: str
    pipeline: str


class ArtifactUse(msgspec.Struct, frozen=True, kw_only=True):
    """A working task read or put out an artifact."""

    artifact_id: ArtifactId
    kind: LinkKind
    port: str
    task: TaskPlace

    @property
    def made(self) -> bool:
        """Whether the task made it: ran itself, and put it out."""
        return self.kind is LinkKind.OUTPUT and not self.task.reused and self.task.state is RuntimeState.SUCCEEDED


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """A task with everything around it."""

    run: Run
    record: TaskRecord
    siblings: Mapping[TaskKey, TaskSummary]
    """The task itself, those around it and those that its outcome names, as far as they have rows."""
    attempts: tuple[Attempt, ...]
    """Oldest first. Of a task that a retry kept: those of the generation in which it ended."""
    attempts_of: TaskId
    """The task whose they are: the same key in the generation in which it ended."""
    artifacts: Mapping[ArtifactId, Artifact]
    """What its inputs and outputs name."""
    versions: Mapping[ArtifactId, tuple[ModelVersion, ...]]
    origin: TaskPlace | None
    """The execution that it was reused from; None if none was, or its run was deleted."""
    warnings: tuple[str, ...]


class ArtifactView(msgspec.Struct, frozen=True, kw_only=True):
    """An artifact with everything around it."""

    artifact: Artifact
    versions: tuple[ModelVersion, ...]
    uses: tuple[ArtifactUse, ...]
    """Newest first."""
    truncated: bool


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """An artifact of a run that is a result by its type."""

    artifact: Artifact
    port: str
    task: TaskSummary


class LineageView(msgspec.Struct, frozen=True, kw_only=True):
    """Artifacts and the executions between them."""

    focus: tuple[ArtifactId, ...]
    artifacts: Mapping[ArtifactId, Artifact]
    hops: Mapping[ArtifactId, int]
    """Negative upstream. Of every artifact."""
    versions: Mapping[ArtifactId, tuple[ModelVersion, ...]]
    uses: tuple[ArtifactUse, ...]
    """Between these artifacts and the tasks that made or read them."""
    truncated: bool


class ModelVersionView(msgspec.Struct, frozen=True, kw_only=True):
    """A registered model version with where it came from."""

    version: ModelVersion
    artifact: Artifact
    producer: TaskPlace | None
    metrics: tuple[Artifact, ...]
    """Metrics artifacts that tasks of the same run made from it."""
    datasets: tuple[Artifact, ...]
    """The nearest data sets upstream that were made from no other data set."""


class ModelView(msgspec.Struct, frozen=True, kw_only=True):
    """A registered model."""

    name: str
    version_count: int
    aliases: Mapping[str, int]
    versions: tuple[ModelVersionView, ...]
    """Newest first."""


class PipelineSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A registered pipeline with what a list shows beside it."""

    pipeline: Pipeline
    version_count: int
    latest: PipelineVersion | None
    last_run: Run | None


class ExperimentSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment with what a list shows beside it."""

    experiment: Experiment
    run_count: int
    last_run: Run | None


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What a search found, the newest first."""

    runs: tuple[Run, ...]
    pipelines: tuple[Pipeline, ...]
    models: tuple[tuple[str, int], ...]
    """Name and number of versions."""
    experiments: tuple[Experiment, ...]
    artifacts: tuple[Artifact, ...]
