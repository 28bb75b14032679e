from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.engine.retry import Failures, RetryPlan, backoff, retry_at, retry_plan
from wherry.errors import SpecError
from wherry.ir.spec import RetryPolicy
from wherry.model.identity import Micros
from wherry.model.outcomes import FailureReason, Fault

ENDED = Micros(1_000_000_000)


def again(plan: RetryPlan | None, failures: Failures, fault: Fault, reason: FailureReason) -> Micros | None:
    return retry_at(plan, failures, fault=fault, reason=reason, ended_at=ENDED, infrastructure_retries=3)


def test_a_user_failure_is_tried_again_within_the_policy() -> None:
    plan = RetryPlan(retries=2, first=1.5)

    assert again(plan, Failures(user=1), Fault.USER, FailureReason.RAISED) == ENDED + 1_500_000
    assert again(plan, Failures(user=2), Fault.USER, FailureReason.RAISED) == ENDED + 3_000_000
    assert again(plan, Failures(user=3), Fault.USER, FailureReason.RAISED) is None


def test_without_a_policy_a_user_failure_is_final() -> None:
    assert again(None, Failures(user=1), Fault.USER, FailureReason.RAISED) is None


def test_what_a_second_try_cannot_mend_is_not_tried_again() -> None:
    assert again(RetryPlan(retries=9), Failures(user=1), Fault.USER, FailureReason.IMAGE) is None


def test_lost_attempts_count_against_their_own_budget() -> None:
    lost = [
        again(None, Failures(user=9, infrastructure=n), Fault.INFRASTRUCTURE, FailureReason.LOST) for n in (1, 2, 4)
    ]

    assert lost == [ENDED, ENDED + 1_000_000, None]


def test_our_own_faults_are_not_tried_again() -> None:
    assert again(RetryPlan(retries=9), Failures(), Fault.WHERRY, FailureReason.PUBLISH) is None


@given(st.integers(1, 10_000), st.floats(0, 1e6), st.floats(1, 100), st.floats(0, 3600))
def test_a_pause_never_exceeds_the_longest_however_many_there_were(
    attempt: int, first: float, factor: float, longest: float
) -> None:
    assert 0 <= backoff(RetryPlan(retries=1, first=first, factor=factor, longest=longest), attempt) <= longest


def test_a_policy_is_read_with_the_defaults_of_the_proto() -> None:
    assert retry_plan(RetryPolicy(max_retry_count=3), path="") == RetryPlan(
        retries=3, first=0.0, factor=2.0, longest=3600.0
    )
    assert retry_plan(RetryPolicy(), path="") is None


@pytest.mark.parametrize("text", ["1", "s", "-1s", "nans", "infs", "1m"])
def test_a_duration_is_seconds_with_an_s(text: str) -> None:
    with pytest.raises(SpecError, match=r"backoffDuration: is '.*', a duration is seconds with an s"):
        retry_plan(RetryPolicy(max_retry_count=1, backoff_duration=text), path="t")
