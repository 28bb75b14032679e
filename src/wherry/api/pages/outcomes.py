"""Why a task ended as it did."""

from __future__ import annotations

from typing import TypeAlias

from wherry.api.dialect import Message
from wherry.model.outcomes import FailureReason, Fault


class SucceededOutcome(Message, frozen=True, kw_only=True, tag_field="kind", tag="succeeded"):
    """It ran, and its outputs are published."""

    sentence: str
    """For a person."""


class ReusedOutcome(Message, frozen=True, kw_only=True, tag_field="kind", tag="reused"):
    """It was not run: an earlier execution with the same fingerprint lent its outputs."""

    sentence: str
    """For a person."""
    run_id: str
    """Run of the execution that lent them."""
    run_name: str | None
    """Null if that run was deleted."""
    task_key: str
    """Key of the task in that run."""
    task_id: str | None
    """Id of the task in the newest generation of that run; null if it has none."""


class KeptOutcome(Message, frozen=True, kw_only=True, tag_field="kind", tag="kept"):
    """A retry of the run did not run it again: it had ended well before."""

    sentence: str
    """For a person."""
    generation: int
    """Generation of this run in which it ended."""


class ConditionFalseOutcome(Message, frozen=True, kw_only=True, tag_field="kind", tag="condition-false"):
    """It was not triggered: its condition was false."""

    sentence: str
    """For a person."""
    condition: str
    """CEL text of the condition."""


class UpstreamUnavailableOutcome(Message, frozen=True, kw_only=True, tag_field="kind", tag="upstream-unavailable"):
    """It was not triggered: a task before it ended without outputs."""

    sentence: str
    """For a person."""
    task_key: str
    """Key of the task before it."""
    task_id: str | None
    """Id of that task; null if it has no row."""


class CancelledOutcome(Message, frozen=True, kw_only=True, tag_field="kind", tag="cancelled"):
    """It was stopped, or never started, because the run was cancelled."""

    sentence: str
    """For a person."""
    by: str
    """Who asked."""


class FailedOutcome(Message, frozen=True, kw_only=True, tag_field="kind", tag="failed"):
    """It ended without outputs."""

    sentence: str
    """For a person: the first line of the message."""
    message: str
    """What went wrong, in a few lines. Of a task it is cut after 1,000 characters: `TaskPage.why` has it whole."""
    hint: str
    """What to do about it; may be empty."""
    fault: Fault
    reason: FailureReason
    exit_code: int | None
    """Exit status of the process, if it exited."""
    signal: int | None
    """Number of the signal that ended the process, if one did."""
    task_key: str | None
    """Where a task inside failed: the key of the first one."""
    task_id: str | None
    """Id of that task; null if there is none, or it has no row."""


Outcome: TypeAlias = (
    SucceededOutcome
    | ReusedOutcome
    | KeptOutcome
    | ConditionFalseOutcome
    | UpstreamUnavailableOutcome
    | CancelledOutcome
    | FailedOutcome
)
