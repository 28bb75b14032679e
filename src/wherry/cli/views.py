"""What the commands show of a run, wherever it was read: from the rows of a state folder, or from a server.

A server of this machine and the rows tell the same; KFP's messages, which a distant one speaks, have no attempts, sizes
or tracebacks, so these are empty there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from wherry.api import artifacts as artifact_messages
from wherry.api import runs as run_messages
from wherry.api import tasks as task_messages
from wherry.api.dialect import EPOCH, micros
from wherry.cli import wording
from wherry.model.artifacts import Artifact
from wherry.model.identity import ArtifactId, Json, Micros, TaskKey
from wherry.model.outcomes import Failure, FailureReason
from wherry.model.runs import Attempt, Run, TaskKind, TaskRecord
from wherry.model.states import RuntimeState

METRICS: Final = "system.Metrics"
_CANCELLED: Final = 1
_WORKING: Final = frozenset({TaskKind.RUNTIME, TaskKind.IMPORTER})
#: KFP 3.0's names of types to schema titles; any other is as it is.
_TITLES: Final = {
    "Metric": METRICS,
    "ClassificationMetric": "system.ClassificationMetrics",
    "SlicedClassificationMetric": "system.SlicedClassificationMetrics",
}


@dataclass(frozen=True, kw_only=True)
class ArtifactView:
    """An artifact that a task put out."""

    id: str
    type: str
    port: str
    uri: str
    size: int | None
    metadata: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class FailureView:
    """Why a task failed by itself."""

    message: str
    traceback: str = ""
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class TaskView:
    """A task."""

    label: str
    works: bool
    """Whether it does work of its own: a container or an importer."""
    state: RuntimeState
    word: str
    """The state in a word that tells "reused" from "skipped"."""
    started_at: Micros | None
    ended_at: Micros | None
    attempts: int | None
    """None if it has none, or they are not known."""
    why: str
    failure: FailureView | None = None
    artifacts: tuple[ArtifactView, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RunView:
    """A run."""

    id: str
    name: str
    state: RuntimeState
    created_at: Micros
    started_at: Micros | None
    finished_at: Micros | None
    pipeline: str = ""
    """Empty if not known."""
    created_by: str = ""
    """Empty if not known."""
    parameters: Mapping[str, Json] = field(default_factory=dict)
    error: str = ""
    """Why it did not succeed, where no task says it."""


# -- from rows --------------------------------------------------------------------------------------------------------


def run_from_row(run: Run) -> RunView:
    """A recorded run."""
    return RunView(
        id=run.id,
        name=run.display_name,
        state=run.state,
        created_at=run.created_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        pipeline=run.pipeline,
        created_by=run.created_by,
        parameters=run.parameters,
        error=run.error.message if run.error is not None and run.error.task is None else "",
    )


def tasks_from_rows(
    tasks: Iterable[TaskRecord], attempts: Iterable[Attempt], artifacts: Mapping[ArtifactId, Artifact]
) -> list[TaskView]:
    """The recorded tasks of a run, without its root. ``artifacts`` has those that their outputs name."""
    tries: dict[TaskKey, int] = {}
    for attempt in attempts:
        tries[attempt.task] = max(tries.get(attempt.task, 0), attempt.number)
    return [
        TaskView(
            label=wording.task_label(task.key),
            works=task.kind in _WORKING,
            state=task.state,
            word=wording.state_word(task.state, task.outcome),
            started_at=task.started_at,
            ended_at=task.ended_at,
            attempts=tries.get(task.key),
            why=wording.because(task.outcome, own_run=task.run_id) or task.cache_note,
            failure=_failure(task),
            artifacts=tuple(
                ArtifactView(
                    id=artifact.id,
                    type=artifact.type,
                    port=port,
                    uri=artifact.uri,
                    size=artifact.size,
                    metadata=artifact.metadata,
                )
                for port, made in task.outputs.artifacts.items()
                for artifact_id in made.artifact_ids
                if (artifact := artifacts.get(artifact_id)) is not None
            ),
        )
        for task in tasks
        if task.kind is not TaskKind.ROOT
    ]


def _failure(task: TaskRecord) -> FailureView | None:
    outcome = task.outcome
    if not isinstance(outcome, Failure) or outcome.reason is FailureReason.CHILD:
        return None
    return FailureView(message=outcome.message, traceback=outcome.traceback, hint=outcome.hint)


# -- from messages ----------------------------------------------------------------------------------------------------


def run_from_message(run: run_messages.Run) -> RunView:
    """A run as a server tells it."""
    started = next((one.update_time for one in run.state_history if one.state == RuntimeState.RUNNING.value), None)
    ended = run.finished_at if run.finished_at != EPOCH else None
    config = run.runtime_config
    return RunView(
        id=run.run_id,
        name=run.display_name,
        state=state_from_message(run),
        created_at=_moment(run.created_at) or Micros(0),
        started_at=_moment(started),
        finished_at=_moment(ended),
        parameters=config.parameters if config is not None else {},
        error=run.error.message if run.error is not None else "",
    )


def state_from_message(run: run_messages.Run) -> RuntimeState:
    """The state of a run. A terminated one is FAILED on the wire, with an error of code CANCELLED."""
    state = _state(run.state)
    cancelled = run.error is not None and run.error.code == _CANCELLED
    return RuntimeState.CANCELED if state is RuntimeState.FAILED and cancelled else state


def tasks_from_messages(tasks: Sequence[task_messages.PipelineTask]) -> list[TaskView]:
    """The tasks of a run as a server tells them, without its root."""
    return [_task(task) for task in tasks if task.type != TaskKind.ROOT.value]


def _task(task: task_messages.PipelineTask) -> TaskView:
    why = task.status_metadata.message if task.status_metadata is not None else ""
    reused = task.state == "CACHED"
    state = RuntimeState.SKIPPED if reused else _state(task.state)
    works = task.type in {kind.value for kind in _WORKING}
    failed = state is RuntimeState.FAILED and works
    return TaskView(
        label=task.scope_path.removeprefix("root.").replace(".", "/") or task.name,
        works=works,
        state=state,
        word="reused" if reused else state.value.lower(),
        started_at=_moment(task.start_time),
        ended_at=_moment(task.end_time),
        attempts=None,
        why=wording.shortened(why.splitlines()[0]) if why else "",
        failure=FailureView(message=why) if failed and why else None,
        artifacts=tuple(
            _artifact(one, port.artifact_key)
            for port in (task.outputs.artifacts if task.outputs is not None else ())
            for one in port.artifacts
        ),
    )


def _artifact(artifact: artifact_messages.Artifact, port: str) -> ArtifactView:
    return ArtifactView(
        id=artifact.artifact_id,
        type=_TITLES.get(artifact.type, f"system.{artifact.type}"),
        port=port,
        uri=artifact.uri,
        size=None,
        metadata=artifact.metadata,
    )


def _state(name: str) -> RuntimeState:
    return RuntimeState.__members__.get(name, RuntimeState.PENDING)


def _moment(text: str | None) -> Micros | None:
    return micros(text, what="a time of the server") if text else None
