"""Why tasks and runs ended, in the shape of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from wherry.api.pages import outcomes as api
from wherry.model.identity import TaskId, TaskKey
from wherry.model.outcomes import (
    Cancelled,
    ConditionFalse,
    Failure,
    Kept,
    Reused,
    Succeeded,
    TaskOutcome,
    UpstreamUnavailable,
)
from wherry.model.runs import Run
from wherry.model.states import RuntimeState


def outcome(record: TaskOutcome | None, ids: Mapping[TaskKey, TaskId]) -> api.Outcome | None:
    """The message for an outcome. ``ids`` has the tasks of the same run and generation."""
    match record:
        case None:
            return None
        case Succeeded():
            return api.SucceededOutcome(sentence="Succeeded.")
        case Reused(run_id=run_id, task=task):
            sentence = f"Reused from task {label(task)} of run {run_id}."
            return api.ReusedOutcome(sentence=sentence, run_id=run_id, task_key=task)
        case Kept(generation=generation):
            sentence = f"Kept: it ended well in generation {generation} of this run."
            return api.KeptOutcome(sentence=sentence, generation=generation)
        case ConditionFalse(condition=condition):
            return api.ConditionFalseOutcome(sentence="Not triggered: its condition was false.", condition=condition)
        case UpstreamUnavailable(task=task):
            sentence = f"Not triggered: task {label(task)} before it ended without outputs."
            return api.UpstreamUnavailableOutcome(sentence=sentence, task_key=task, task_id=ids.get(task))
        case Cancelled(by=by):
            sentence = f"Cancelled by {by}." if by else "Cancelled."
            return api.CancelledOutcome(sentence=sentence, by=by)
        case Failure():
            return failure(record, ids)
        case _:
            assert_never(record)


def failure(record: Failure, ids: Mapping[TaskKey, TaskId]) -> api.FailedOutcome:
    """The message for a failure, without its traceback."""
    return api.FailedOutcome(
        sentence=record.message.strip().partition("\n")[0] or "Failed.",
        message=record.message,
        hint=record.hint,
        fault=record.fault,
        reason=record.reason,
        exit_code=record.exit_code,
        signal=record.signal,
        task_key=record.task,
        task_id=ids.get(record.task) if record.task is not None else None,
    )


def label(key: TaskKey) -> str:
    """``root/loop[3]/train`` without the root, for a sentence."""
    return key.removeprefix("root/")


def run_sentence(run: Run) -> str:
    """Why a run is in its state; empty where the state says it all."""
    message = run.error.message if run.error is not None else ""
    match run.state:
        case RuntimeState.CANCELED:
            return message or "The run was cancelled."
        case RuntimeState.CANCELING:
            return "The run is being cancelled."
        case _:
            return message.strip().partition("\n")[0]
