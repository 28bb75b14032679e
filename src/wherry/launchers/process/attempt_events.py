"""What the host tells, and what a record holds, as events of the launcher port."""

from __future__ import annotations

from typing import Final

import msgspec

from wherry.errors import LauncherError, WherryBugError, WherryError
from wherry.launchers.process.interpreters import UnknownImageError
from wherry.launchers.process.uv import EnvironmentBuildError
from wherry.model.identity import AttemptId, Json, Micros
from wherry.model.outcomes import Failure, FailureReason, Fault
from wherry.ports import AttemptCancelled, AttemptFailed, AttemptSucceeded
from wherry.runtime.protocol import Header, ProtocolError

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


def not_launched(attempt_id: AttemptId, error: WherryError, *, now: Micros) -> AttemptFailed:
    """There is no host to start it."""
    return _given_up(attempt_id, error, Fault.INFRASTRUCTURE, FailureReason.LAUNCH, now)


def not_prepared(attempt_id: AttemptId, task: str, error: BaseException, *, now: Micros) -> AttemptFailed:
    """What it needs could not be made. ``error`` is what `Preparation.prepare` or `launch_frame` raised."""
    match error:
        case UnknownImageError():
            return _given_up(attempt_id, error, error.fault, FailureReason.IMAGE, now)
        case EnvironmentBuildError():
            return _given_up(attempt_id, error, error.fault, FailureReason.ENVIRONMENT, now)
        case WherryError():
            return _given_up(attempt_id, error, Fault.INFRASTRUCTURE, FailureReason.LAUNCH, now)
        case OSError():
            told = LauncherError(f"{task} could not be started: {error}")
            return _given_up(attempt_id, told, Fault.INFRASTRUCTURE, FailureReason.LAUNCH, now)
        case ProtocolError():
            told = LauncherError(f"{task} could not be started: its inputs are too large: {error}")
            return _given_up(attempt_id, told, Fault.USER, FailureReason.LAUNCH, now)
        case _:
            bug = WherryBugError(f"{task} could not be started: {error!r}")
            return _given_up(attempt_id, bug, Fault.WHERRY, FailureReason.LAUNCH, now)


def _given_up(
    attempt_id: AttemptId, error: WherryError, fault: Fault, reason: FailureReason, now: Micros
) -> AttemptFailed:
    failure = Failure(fault=fault, reason=reason, message=error.message, hint=error.hint)
    return AttemptFailed(attempt_id=attempt_id, started_at=None, ended_at=now, failure=failure)
