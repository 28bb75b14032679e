"""Why a task ended: a value that UI, CLI and API print, and nobody infers.

The state alone does not tell: SKIPPED is "reused" (outputs exist) or "not triggered" (none).
"""

from __future__ import annotations

import enum
from typing import TypeAlias

import msgspec

from wherry.model.identity import AttemptId, RunId, TaskKey


class Fault(enum.Enum):
    """Whose fault a failure is; each has its own retry budget, wherry's own has none."""

    USER = "user"
    INFRASTRUCTURE = "infrastructure"
    WHERRY = "wherry"


class FailureReason(enum.Enum):
    """What went wrong, as a machine may branch on it."""

    RAISED = "raised"  # user code raised
    EXITED = "exited"  # the process ended with a non-zero status
    KILLED = "killed"  # the process ended by a signal that wherry did not send
    TIMED_OUT = "timed-out"  # longer than the task's timeout
    BAD_OUTPUT = "bad-output"  # outputs missing, malformed or of the wrong type
    ENVIRONMENT = "environment"  # the packages it asked for could not be installed
    IMAGE = "image"  # nothing here can stand in for the image
    INPUTS = "inputs"  # inputs, condition or items could not be resolved
    LAUNCH = "launch"  # the launcher could not start it
    LOST = "lost"  # it vanished without a result: its host died
    CHILD = "child"  # a task inside this DAG or loop failed
    PUBLISH = "publish"  # its outputs could not be stored


class Succeeded(msgspec.Struct, frozen=True, tag="succeeded"):
    """Ran, and its outputs are published."""


class Reused(msgspec.Struct, frozen=True, tag="reused", kw_only=True):
    """Not run: an earlier execution with the same fingerprint lent its outputs."""

    run_id: RunId
    task: TaskKey
    attempt_id: AttemptId


class Kept(msgspec.Struct, frozen=True, tag="kept", kw_only=True):
    """Not run again by a retry: it had ended well in an earlier generation of the same run."""

    generation: int


class ConditionFalse(msgspec.Struct, frozen=True, tag="condition-false", kw_only=True):
    """Not triggered: its condition was false. ``condition`` is the CEL text."""

    condition: str


class UpstreamUnavailable(msgspec.Struct, frozen=True, tag="upstream-unavailable", kw_only=True):
    """Not triggered: ``task`` before it ended without outputs (failed, skipped or cancelled)."""

    task: TaskKey


class Cancelled(msgspec.Struct, frozen=True, tag="cancelled", kw_only=True):
    """Stopped, or never started, because the run was cancelled. ``by`` names who asked."""

    by: str


class Failure(msgspec.Struct, frozen=True, tag="failed", kw_only=True, omit_defaults=True):
    """Ended without outputs."""

    fault: Fault
    reason: FailureReason
    message: str
    """One or few lines for a person, in the author's words."""
    hint: str = ""
    """What to do about it; may be empty."""
    traceback: str = ""
    """Python traceback of the user's code, if that raised. At most 16 KiB."""
    exit_code: int | None = None
    """Exit status of the process, if it exited."""
    signal: int | None = None
    """Number of the signal that ended the process, if one did."""
    task: TaskKey | None = None
    """For CHILD: the first task inside that failed."""


TaskOutcome: TypeAlias = Succeeded | Reused | Kept | ConditionFalse | UpstreamUnavailable | Cancelled | Failure


def has_outputs(outcome: TaskOutcome) -> bool:
    """Whether tasks behind one that ended so can read its outputs."""
    return isinstance(outcome, Succeeded | Reused | Kept)
