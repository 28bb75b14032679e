"""Why tasks and runs ended, in the shape of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, assert_never

import msgspec

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
from wherry.model.pages import Lender
from wherry.model.runs import Run
from wherry.model.states import RuntimeState

_SENTENCE: Final = 300
_MESSAGE: Final = 1000


def outcome(
    record: TaskOutcome | None, ids: Mapping[TaskKey, TaskId], *, lender: Lender | None = None
) -> api.Outcome | None:
    """The message for an outcome.

    Args:
        record: None if the task has not ended.
        ids: the tasks of the same run and generation that it may name.
        lender: of a reused task.
    """
    match record:
        case None:
            return None
        case Succeeded():
            return api.SucceededOutcome(sentence="Succeeded.")
        case Reused(run_id=run_id, task=task):
            of_run = f"run {lender.run_name}" if lender is not None else "a run that was deleted"
            return api.ReusedOutcome(
                sentence=f"Reused from task {label(task)} of {of_run}.",
                run_id=run_id,
                run_name=lender.run_name if lender is not None else None,
                task_key=task,
                task_id=lender.task_id if lender is not None else None,
            )
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
        case Failure(message=message) if len(message) > _MESSAGE:
            cut = message[: _MESSAGE - 1] + "…"
            return failure(msgspec.structs.replace(record, message=cut), ids)
        case Failure():
            return failure(record, ids)
        case _:
            assert_never(record)


def failure(record: Failure, ids: Mapping[TaskKey, TaskId]) -> api.FailedOutcome:
    """The message for a failure, without its traceback."""
    return api.FailedOutcome(
        sentence=first_line(record.message) or "Failed.",
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
            return first_line(message) or "The run was cancelled."
        case RuntimeState.CANCELING:
            return "The run is being cancelled."
        case _:
            return first_line(message)


def first_line(text: str) -> str:
    """The first line that says anything, no longer than a row of a table can show."""
    line = text.strip().partition("\n")[0]
    return line if len(line) <= _SENTENCE else line[: _SENTENCE - 1] + "…"
