"""Views from what a server answers: wherry's own pages, or KFP's messages, which tell less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from wherry.api import artifacts as artifact_messages
from wherry.api import runs as run_messages
from wherry.api import tasks as task_messages
from wherry.api.dialect import EPOCH, micros
from wherry.api.pages import outcomes
from wherry.api.pages.artifacts import ArtifactUse, TaskLabel
from wherry.api.pages.lineage import LineageArtifact, LineageGraph, LineageTask
from wherry.api.pages.runs import RunPage, RunRow, TaskRow
from wherry.cli import wording
from wherry.cli.views import METRICS, WORKING, ArtifactView, FailureView, LineageView, RunView, TaskView
from wherry.model.identity import Micros, TaskKey
from wherry.model.outcomes import FailureReason
from wherry.model.runs import TaskKind
from wherry.model.states import RuntimeState

_CANCELLED: Final = 1
#: KFP 3.0's names of types to schema titles; any other is as it is.
_TITLES: Final = {
    "Metric": METRICS,
    "ClassificationMetric": "system.ClassificationMetrics",
    "SlicedClassificationMetric": "system.SlicedClassificationMetrics",
}

# -- from the pages ---------------------------------------------------------------------------------------------------


def run_from_line(row: RunRow) -> RunView:
    """A run of a list."""
    return RunView(
        id=row.id,
        name=row.name,
        state=row.state,
        created_at=Micros(row.created_at),
        started_at=_micros(row.started_at),
        finished_at=_micros(row.finished_at),
        pipeline=row.pipeline.name,
        created_by=row.created_by,
    )


def run_from_page(page: RunPage) -> RunView:
    """A run by itself."""
    run = page.run
    return RunView(
        id=run.id,
        name=run.name,
        state=run.state,
        created_at=Micros(run.created_at),
        started_at=_micros(run.started_at),
        finished_at=_micros(run.finished_at),
        pipeline=run.pipeline.name,
        created_by=run.created_by,
        parameters={one.name: one.value for one in run.parameters if not one.is_default},
        error=run.error.message if run.error is not None and run.error.task_key is None else "",
    )


def tasks_from_page(
    page: RunPage, messages: Sequence[task_messages.PipelineTask], failures: Mapping[str, FailureView]
) -> list[TaskView]:
    """The tasks of a run, without its root.

    Args:
        page: the run.
        messages: the same tasks as KFP has them, with what they put out.
        failures: by id of the task, for those that failed by themselves.
    """
    outputs = {message.task_id: _artifacts(message) for message in messages}
    return [
        TaskView(
            label=wording.task_label(TaskKey(task.key)),
            works=task.kind in WORKING,
            state=task.state,
            word=_word(task),
            started_at=_micros(task.started_at),
            ended_at=_micros(task.ended_at),
            attempts=task.attempt_count or None,
            why=_why(task.outcome),
            failure=failures.get(task.id),
            artifacts=outputs.get(task.id, ()),
        )
        for task in page.tasks
        if task.kind is not TaskKind.ROOT
    ]


def failed_by_itself(task: TaskRow) -> bool:
    """Whether a task failed, and not because of one inside it."""
    return isinstance(task.outcome, outcomes.FailedOutcome) and task.outcome.reason is not FailureReason.CHILD


def lineage_from_graph(graph: LineageGraph, producer: ArtifactUse | None) -> list[LineageView]:
    """A server's answer, nearest first.

    Args:
        graph: the answer.
        producer: of the artifact that was asked about; an answer about what came of it does not have that.
    """
    tasks = {node.id: node.task for node in graph.nodes if isinstance(node, LineageTask)}
    makers = {
        link.target_id: _made_by(tasks[link.source_id], link.port) for link in graph.edges if link.source_id in tasks
    }
    if producer is not None:
        makers |= dict.fromkeys(graph.focus_ids, _made_by(producer.task, producer.port))
    views = []
    for node in graph.nodes:
        if isinstance(node, LineageArtifact):
            artifact = node.artifact
            made_by, run = makers.get(node.id, ("imported", "-"))
            views.append(
                LineageView(
                    hops=abs(node.hops),
                    id=artifact.id,
                    type=artifact.type,
                    name=", ".join(f"{model.name} v{model.version}" for model in artifact.models) or artifact.name,
                    made_by=made_by,
                    run=run,
                    size=artifact.size,
                    where=artifact.uri,
                )
            )
    return sorted(views, key=lambda view: view.hops)


def _made_by(task: TaskLabel, port: str) -> tuple[str, str]:
    return f"{wording.task_label(TaskKey(task.key))}.{port}", f"{task.pipeline} {wording.short(task.run_id)}"


def _word(task: TaskRow) -> str:
    match task.outcome:
        case outcomes.ReusedOutcome():
            return "reused"
        case outcomes.KeptOutcome():
            return "kept"
        case _:
            return task.state.value.lower()


def _why(outcome: outcomes.Outcome | None) -> str:
    match outcome:
        case None | outcomes.SucceededOutcome():
            return ""
        case outcomes.ConditionFalseOutcome():
            return f"condition was false: {wording.shortened(outcome.condition)}"
        case _:
            return wording.shortened(outcome.sentence)


def _micros(at: int | None) -> Micros | None:
    return None if at is None else Micros(at)


# -- from KFP's messages ----------------------------------------------------------------------------------------------


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
    works = task.type in {kind.value for kind in WORKING}
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
        artifacts=_artifacts(task),
    )


def _artifacts(task: task_messages.PipelineTask) -> tuple[ArtifactView, ...]:
    ports = task.outputs.artifacts if task.outputs is not None else ()
    return tuple(_artifact(one, port.artifact_key) for port in ports for one in port.artifacts)


def _artifact(artifact: artifact_messages.Artifact, port: str) -> ArtifactView:
    return ArtifactView(
        id=artifact.artifact_id,
        type=_TITLES.get(artifact.type, f"system.{artifact.type}"),
        port=port,
        where=artifact.uri,
        size=None,
        metadata=artifact.metadata,
    )


def _state(name: str) -> RuntimeState:
    return RuntimeState.__members__.get(name, RuntimeState.PENDING)


def _moment(text: str | None) -> Micros | None:
    return micros(text, what="a time of the server") if text else None
