"""Why a task ended, as text."""

from __future__ import annotations

from typing import Final, assert_never

from wherry.api.status import Status
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

_CANCELLED: Final = 1
_UNKNOWN: Final = 2
_UNAVAILABLE: Final = 14


def reason(outcome: TaskOutcome | None) -> str:
    """Why the task is in its final state, for a person; empty where the state says it all."""
    match outcome:
        case None | Succeeded():
            return ""
        case Reused(run_id=run_id, task=task):
            return f"reused from task {task} of run {run_id}"
        case Kept(generation=generation):
            return f"kept: it ended well in generation {generation} of this run"
        case ConditionFalse(condition=condition):
            return f"not triggered: its condition was false: {condition}"
        case UpstreamUnavailable(task=task):
            return f"not triggered: task {task} before it has no outputs"
        case Cancelled(by=by):
            return f"cancelled by {by}"
        case Failure(message=message, hint=hint):
            return f"{message}\n{hint}" if hint else message
        case _:
            assert_never(outcome)


def error(outcome: TaskOutcome | None) -> Status | None:
    """The error of a task that did not end well; None for any other."""
    match outcome:
        case Failure(fault=fault):
            code = _UNKNOWN if fault.value == "user" else _UNAVAILABLE
            return Status(code=code, message=reason(outcome))
        case Cancelled():
            return Status(code=_CANCELLED, message=reason(outcome))
        case _:
            return None
