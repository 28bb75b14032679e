"""Runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from wherry.api import runs as api
from wherry.api.dialect import EPOCH, timestamp
from wherry.api.status import Status
from wherry.api.tasks import ChildTask, PipelineTask
from wherry.model.runs import Run, StateChange, TaskKind, TaskRecord
from wherry.model.states import RuntimeState
from wherry.server.presentation import outcomes
from wherry.server.presentation.moments import moment

_UNKNOWN: Final = 2
_TERMINATED: Final = "the run was terminated"


def run(
    record: Run,
    *,
    history: Sequence[StateChange] = (),
    tasks: Sequence[TaskRecord] = (),
    spec: msgspec.Raw | None = None,
    full: Sequence[PipelineTask] = (),
) -> api.Run:
    """The message for a run.

    A run that was terminated is FAILED here, with an error that says so: kfp's ``wait_for_run_completion`` would wait
    for ever on CANCELED, which KFP's backend never sends.
    """
    reference = None
    if record.pipeline_id is not None:
        reference = api.PipelineVersionReference(
            pipeline_id=record.pipeline_id, pipeline_version_id=record.pipeline_version_id or ""
        )
    return api.Run(
        experiment_id=record.experiment_id or "",
        run_id=record.id,
        display_name=record.display_name,
        storage_state=record.storage_state.value,
        description=record.description,
        pipeline_spec=spec,
        pipeline_version_reference=reference,
        runtime_config=api.RuntimeConfig(parameters=record.parameters, pipeline_root=record.pipeline_root),
        service_account=record.service_account,
        created_at=timestamp(record.created_at),
        scheduled_at=timestamp(record.scheduled_at),
        finished_at=EPOCH if record.finished_at is None else timestamp(record.finished_at),
        state=wire_state(record.state),
        error=_error(record),
        run_details=api.RunDetails(task_details=task_details(tasks)) if tasks else None,
        recurring_run_id=record.recurring_run_id or "",
        state_history=tuple(_change(one) for one in history),
        tasks=tuple(full),
    )


def wire_state(state: RuntimeState) -> str:
    """The state of a run on the wire."""
    return RuntimeState.FAILED.value if state is RuntimeState.CANCELED else state.value


def _error(record: Run) -> Status | None:
    message = record.error.message if record.error is not None else ""
    if record.state is RuntimeState.CANCELED:
        text = message if "terminat" in message else f"{_TERMINATED}: {message}" if message else _TERMINATED
        return Status(code=1, message=text)
    return Status(code=_UNKNOWN, message=message) if message else None


def _change(one: StateChange) -> api.RuntimeStatus:
    message = one.error or (_TERMINATED if one.state is RuntimeState.CANCELED else "")
    return api.RuntimeStatus(
        update_time=timestamp(one.at),
        state=wire_state(one.state),
        error=Status(code=_UNKNOWN, message=message) if message else None,
    )


def task_details(tasks: Sequence[TaskRecord]) -> tuple[api.TaskDetail, ...]:
    """One entry per task and iteration."""
    ids = {task.key: task.id for task in tasks}
    children: dict[str, list[ChildTask]] = {}
    for task in tasks:
        if task.parent is not None:
            children.setdefault(task.parent, []).append(ChildTask(task_id=task.id))
    return tuple(
        api.TaskDetail(
            run_id=task.run_id,
            task_id=task.id,
            display_name="root" if task.kind is TaskKind.ROOT else task.name,
            create_time=timestamp(task.created_at),
            start_time=moment(task.started_at),
            end_time=moment(task.ended_at),
            state=task.state.value,
            error=outcomes.error(task.outcome),
            inputs={
                name: api.ArtifactList(artifact_ids=port.artifact_ids) for name, port in task.inputs.artifacts.items()
            },
            outputs={
                name: api.ArtifactList(artifact_ids=port.artifact_ids) for name, port in task.outputs.artifacts.items()
            },
            parent_task_id=ids.get(task.parent, "") if task.parent is not None else "",
            child_tasks=tuple(children.get(task.key, ())),
        )
        for task in tasks
    )
