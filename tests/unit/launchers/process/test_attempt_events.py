from __future__ import annotations

import pytest

from wherry.errors import LauncherError
from wherry.launchers.process.attempt_events import ended, not_prepared
from wherry.launchers.process.interpreters import UnknownImageError
from wherry.launchers.process.uv import EnvironmentBuildError, RequirementsError
from wherry.model.identity import AttemptId, Micros
from wherry.model.outcomes import Failure, FailureReason, Fault
from wherry.ports import AttemptCancelled, AttemptFailed, AttemptSucceeded
from wherry.runtime.protocol import ProtocolError

ENDED = {"op": "ended", "attempt": "a1", "outcome": "succeeded", "started_at": 5, "ended_at": 9}
A1 = AttemptId("a1")


def test_a_success_carries_its_output() -> None:
    assert ended(ENDED, b"{}") == AttemptSucceeded(
        attempt_id=A1, started_at=Micros(5), ended_at=Micros(9), executor_output=b"{}"
    )


def test_an_attempt_cancelled_before_it_started_has_no_start() -> None:
    told = {**ENDED, "outcome": "cancelled", "started_at": None}

    assert ended(told, b"") == AttemptCancelled(attempt_id=A1, started_at=None, ended_at=Micros(9))


def test_a_failure_is_read_into_its_record() -> None:
    told = {"fault": "user", "reason": "exited", "message": "it left", "exit_code": 3}

    assert ended({**ENDED, "outcome": "failed", "failure": told}, b"") == AttemptFailed(
        attempt_id=A1,
        started_at=Micros(5),
        ended_at=Micros(9),
        failure=Failure(fault=Fault.USER, reason=FailureReason.EXITED, message="it left", exit_code=3),
    )


@pytest.mark.parametrize(
    "told",
    [
        {**ENDED, "outcome": "evaporated"},
        {**ENDED, "outcome": "failed", "failure": {"fault": "user", "reason": "bored", "message": ""}},
    ],
)
def test_what_a_later_version_tells_is_an_error(told: dict[str, object]) -> None:
    with pytest.raises(LauncherError, match="does not know"):
        ended(told, b"")


@pytest.mark.parametrize(
    ("error", "fault", "reason"),
    [
        (UnknownImageError("acme/x:1"), Fault.USER, FailureReason.IMAGE),
        (RequirementsError("no such package"), Fault.USER, FailureReason.ENVIRONMENT),
        (EnvironmentBuildError("no network"), Fault.INFRASTRUCTURE, FailureReason.ENVIRONMENT),
        (LauncherError("no interpreter"), Fault.INFRASTRUCTURE, FailureReason.LAUNCH),
        (OSError("disk full"), Fault.INFRASTRUCTURE, FailureReason.LAUNCH),
        (ProtocolError("too long"), Fault.USER, FailureReason.LAUNCH),
        (ZeroDivisionError("ours"), Fault.WHERRY, FailureReason.LAUNCH),
    ],
)
def test_what_keeps_a_task_from_starting_says_whose_fault_it_is(
    error: BaseException, fault: Fault, reason: FailureReason
) -> None:
    event = not_prepared(A1, "task 'root/train'", error, now=Micros(3))

    assert (event.failure.fault, event.failure.reason, event.started_at) == (fault, reason, None)
