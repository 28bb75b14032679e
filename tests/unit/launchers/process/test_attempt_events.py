from __future__ import annotations

import pytest

from wherry.errors import LauncherError
from wherry.launchers.process.attempt_events import ended
from wherry.model.identity import AttemptId, Micros
from wherry.model.outcomes import Failure, FailureReason, Fault
from wherry.ports import AttemptCancelled, AttemptFailed, AttemptSucceeded

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
