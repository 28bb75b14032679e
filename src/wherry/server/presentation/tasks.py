"""Tasks in the shape of KFP 3.0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from wherry.api import tasks as api
from wherry.api.dialect import timestamp
from wherry.api.tasks import ChildTask
from wherry.model.artifacts import Artifact
from wherry.model.identity import ArtifactId, TaskId, TaskKey
from wherry.model.outcomes import Kept, Reused
from wherry.model.runs import TaskInputs, TaskOutputs, TaskRecord
from wherry.model.states import RuntimeState
from wherry.server.presentation import artifacts as present_artifacts
from wherry.server.presentation import outcomes
from wherry.server.presentation.moments import moment


class Family:
    """Who is inside whom, among all tasks of a run."""

    def __init__(self, tasks: Sequence[TaskRecord]) -> None:
        self._ids = {task.key: task.id for task in tasks}
        self._children: dict[TaskKey, list[TaskId]] = {}
        for task in tasks:
            if task.parent is not None:
                self._children.setdefault(task.parent, []).append(task.id)

    def parent(self, task: TaskRecord) -> str:
        """Id of the task around it; empty for the root."""
        return "" if task.parent is None else self._ids.get(task.parent, "")

    def children(self, task: TaskRecord) -> tuple[ChildTask, ...]:
        """The tasks directly inside it."""
        return tuple(ChildTask(task_id=one) for one in self._children.get(task.key, ()))


def task(record: TaskRecord, family: Family, artifacts: Mapping[ArtifactId, Artifact]) -> api.PipelineTask:
    """The message for a task. ``artifacts`` has those that its inputs and outputs name."""
    why = outcomes.reason(record.outcome) or record.cache_note
    return api.PipelineTask(
        name=record.name,
        display_name=record.display_name,
        task_id=record.id,
        run_id=record.run_id,
        cache_fingerprint=record.fingerprint or "",
        create_time=timestamp(record.created_at),
        start_time=moment(record.started_at),
        end_time=moment(record.ended_at),
        state=_state(record),
        status_metadata=api.StatusMetadata(message=why) if why else None,
        type=record.kind.value,
        type_attributes=_attributes(record),
        parent_task_id=family.parent(record),
        child_tasks=family.children(record),
        inputs=_ports(record.inputs, artifacts),
        outputs=_ports(record.outputs, artifacts),
        scope_path=record.key.replace("/", "."),
    )


def _state(record: TaskRecord) -> str:
    match record.outcome:
        case Reused():
            return "CACHED"
        case Kept():
            return RuntimeState.SUCCEEDED.value
        case _:
            pass
    match record.state:
        case RuntimeState.PENDING | RuntimeState.RUNNING | RuntimeState.CANCELING | RuntimeState.PAUSED:
            return RuntimeState.RUNNING.value
        case RuntimeState.CANCELED | RuntimeState.FAILED:
            return RuntimeState.FAILED.value
        case RuntimeState.SUCCEEDED | RuntimeState.SKIPPED:
            return record.state.name
        case _:
            assert_never(record.state)


def _attributes(record: TaskRecord) -> api.TypeAttributes | None:
    if record.iteration_index is None and record.iteration_count is None:
        return None
    return api.TypeAttributes(
        iteration_index=None if record.iteration_index is None else str(record.iteration_index),
        iteration_count=None if record.iteration_count is None else str(record.iteration_count),
    )


def _ports(ports: TaskInputs | TaskOutputs, artifacts: Mapping[ArtifactId, Artifact]) -> api.InputOutputs | None:
    if not ports.parameters and not ports.artifacts:
        return None
    return api.InputOutputs(
        parameters=tuple(api.IOParameter(value=value, parameter_key=key) for key, value in ports.parameters.items()),
        artifacts=tuple(
            api.IOArtifact(
                artifacts=tuple(
                    present_artifacts.artifact(artifacts[one]) for one in port.artifact_ids if one in artifacts
                ),
                artifact_key=key,
            )
            for key, port in ports.artifacts.items()
        ),
    )
