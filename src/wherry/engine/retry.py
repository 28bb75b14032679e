"""When a task that lost an attempt tries again: two budgets, pure.

The author's ``retryPolicy`` counts failures of the user's code. Failures of the infrastructure (a lost process, a
launch that did not happen) have a budget of their own, so that a flaky machine does not use up the author's.
Wherry's own faults are never retried.
"""

from __future__ import annotations

import math

import msgspec

from wherry.errors import SpecError
from wherry.ir.spec import RetryPolicy
from wherry.model.identity import Micros
from wherry.model.outcomes import FailureReason, Fault

_SECOND = 1_000_000
_LONGEST = 3600.0
"""``backoff_max_duration`` where the policy says none, in seconds, and the most it may say."""


class RetryPlan(msgspec.Struct, frozen=True, kw_only=True):
    """``PipelineTaskSpec.RetryPolicy`` with its durations read. All in seconds."""

    retries: int
    first: float = 0.0
    factor: float = 2.0
    longest: float = _LONGEST


#: How lost attempts are tried again: at once, then after 1 s, 2 s … at most 30 s.
INFRASTRUCTURE_BACKOFF = RetryPlan(retries=0, first=0.5, factor=2.0, longest=30.0)


class Failures(msgspec.Struct, frozen=True):
    """How many attempts a task has lost so far in this generation, by whose fault."""

    user: int = 0
    infrastructure: int = 0

    def count(self, fault: Fault) -> Failures:
        """With one more."""
        match fault:
            case Fault.USER:
                return Failures(self.user + 1, self.infrastructure)
            case Fault.INFRASTRUCTURE:
                return Failures(self.user, self.infrastructure + 1)
            case Fault.WHERRY:
                return self


#: User failures that a second try cannot mend: the same request would be refused again.
_HOPELESS = frozenset({FailureReason.INPUTS, FailureReason.IMAGE})


def retry_at(
    plan: RetryPlan | None,
    failures: Failures,
    *,
    fault: Fault,
    reason: FailureReason,
    ended_at: Micros,
    infrastructure_retries: int,
) -> Micros | None:
    """When the next attempt starts, or None if there is none.

    Args:
        plan: The author's policy; None means no retries.
        failures: Attempts lost so far, the newest included.
        fault: Whose fault the newest was.
        reason: Its reason.
        ended_at: When it ended.
        infrastructure_retries: The other budget.
    """
    match fault:
        case Fault.USER:
            if plan is None or failures.user > plan.retries or reason in _HOPELESS:
                return None
            return Micros(ended_at + round(backoff(plan, failures.user) * _SECOND))
        case Fault.INFRASTRUCTURE:
            if failures.infrastructure > infrastructure_retries:
                return None
            if failures.infrastructure == 1:
                return ended_at
            return Micros(ended_at + round(backoff(INFRASTRUCTURE_BACKOFF, failures.infrastructure) * _SECOND))
        case Fault.WHERRY:
            return None


def backoff(plan: RetryPlan, attempt: int) -> float:
    """Seconds to wait before retry number ``attempt``, which counts from 1: ``first * factor ** (attempt - 1)``.

    Never more than ``plan.longest``.
    """
    if attempt < 1:
        raise ValueError(f"attempt={attempt}: the first retry is number 1")
    try:
        return min(plan.first * plan.factor ** (attempt - 1), plan.longest)
    except OverflowError:
        return plan.longest


def retry_plan(policy: RetryPolicy, *, path: str) -> RetryPlan | None:
    """Read a policy. None if it allows no retry.

    Raises:
        SpecError: a duration is not seconds with an ``s``, or a number is out of range.
    """
    if policy.max_retry_count <= 0:
        return None
    factor = policy.backoff_factor or 2.0
    if factor < 1.0:
        raise SpecError(f"is {factor}, it is at least 1", path=f"{path}.backoffFactor")
    longest = _seconds(policy.backoff_max_duration, f"{path}.backoffMaxDuration")
    return RetryPlan(
        retries=policy.max_retry_count,
        first=_seconds(policy.backoff_duration, f"{path}.backoffDuration"),
        factor=factor,
        longest=min(longest, _LONGEST) or _LONGEST,
    )


def _seconds(text: str | None, path: str) -> float:
    if not text:
        return 0.0
    try:
        seconds = float(text.removesuffix("s"))
    except ValueError:
        seconds = math.nan
    if not text.endswith("s") or not seconds >= 0 or math.isinf(seconds):
        raise SpecError(f"is '{text}', a duration is seconds with an s, such as '1.5s'", path=path)
    return seconds
