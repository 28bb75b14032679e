"""What the host tells, and what a record holds, as events of the launcher port."""

from __future__ import annotations

from typing import Final

import msgspec

from wherry.errors import LauncherError, WherryError
from wherry.model.identity import AttemptId, Json, Micros
from wherry.model.outcomes import Failure, FailureReason, Fault
from wherry.ports import AttemptCancelled, AttemptFailed, AttemptSucceeded
from wherry.runtime.protocol import Header

Ended = AttemptSucceeded | AttemptFailed | AttemptCancelled

_LOST_HINT: Final = "It is tried again if infrastructure retries are left."


def ended(header: Header, output: bytes) -> Ended:
    """The event that an ``ended`` message stands for.

    Raises:
        LauncherError: it is none that this version knows.
    """
    attempt_id = AttemptId(header["attempt"])
    started_at = None if header["started_at"] is None else Micros(header["started_at"])
    ended_at = Micros(header["ended_at"])
    match header["outcome"]:
        case "succeeded":
            return AttemptSucceeded(
                attempt_id=attempt_id,
                started_at=ended_at if started_at is None else started_at,
                ended_at=ended_at,
                executor_output=output,
            )
        case "cancelled":
            return AttemptCancelled(attempt_id=attempt_id, started_at=started_at, ended_at=ended_at)
        case "failed":
            return AttemptFailed(
                attempt_id=attempt_id, started_at=started_at, ended_at=ended_at, failure=_failure(header["failure"])
            )
        case other:
            raise LauncherError(f"attempt {attempt_id} ended in a way that this wherry does not know: {other!r}")


def _failure(told: Json) -> Failure:
    try:
        return msgspec.convert({"type": "failed", **told}, Failure)
    except msgspec.ValidationError as error:
        raise LauncherError(f"a failure was told in a form that this wherry does not know: {error}") from error


def lost(attempt_id: AttemptId, task: str, why: str, *, now: Micros) -> AttemptFailed:
    """An attempt vanished."""
    return AttemptFailed(
        attempt_id=attempt_id,
        started_at=None,
        ended_at=now,
        failure=Failure(
            fault=Fault.INFRASTRUCTURE,
            reason=FailureReason.LOST,
            message=f"{task} was lost: {why}",
            hint=_LOST_HINT,
        ),
    )


def not_launched(attempt_id: AttemptId, error: WherryError, reason: FailureReason, *, now: Micros) -> AttemptFailed:
    """An attempt was given up before its process was started."""
    fault = getattr(error, "fault", Fault.INFRASTRUCTURE)
    return AttemptFailed(
        attempt_id=attempt_id,
        started_at=None,
        ended_at=now,
        failure=Failure(fault=fault, reason=reason, message=error.message, hint=error.hint),
    )
