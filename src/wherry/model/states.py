"""The states of runs and tasks, and the one table of what may follow what."""

from __future__ import annotations

import enum
from typing import Final

from wherry.errors import WherryBugError


class RuntimeState(enum.Enum):
    """State of a run or a task. Names and meaning are those of RuntimeState in KFP's run.proto.

    Monotone within one generation of a run: a retry opens the next generation.
    """

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    SKIPPED = "SKIPPED"  # reused from the cache, or not triggered: the TaskOutcome says which
    FAILED = "FAILED"
    CANCELING = "CANCELING"
    CANCELED = "CANCELED"
    PAUSED = "PAUSED"

    @property
    def is_final(self) -> bool:
        """Whether nothing may follow within this generation."""
        return self in FINAL


_S = RuntimeState
#: The whole life of a run or a task.
TRANSITIONS: Final[dict[RuntimeState, frozenset[RuntimeState]]] = {
    _S.PENDING: frozenset({_S.RUNNING, _S.SKIPPED, _S.PAUSED, _S.CANCELING, _S.CANCELED, _S.FAILED}),
    _S.PAUSED: frozenset({_S.PENDING, _S.CANCELED}),
    _S.RUNNING: frozenset({_S.SUCCEEDED, _S.FAILED, _S.CANCELING, _S.PENDING}),  # PENDING: a retry
    _S.CANCELING: frozenset({_S.SUCCEEDED, _S.FAILED, _S.CANCELED}),
    _S.SUCCEEDED: frozenset(),
    _S.SKIPPED: frozenset(),
    _S.FAILED: frozenset(),
    _S.CANCELED: frozenset(),
}
FINAL: Final = frozenset(state for state, after in TRANSITIONS.items() if not after)


class IllegalTransitionError(WherryBugError):
    """A state change that TRANSITIONS does not list: a bug, or a lost race."""


def advance(current: RuntimeState, to: RuntimeState) -> RuntimeState:
    """Return ``to`` if it may follow ``current``; raise `IllegalTransitionError` otherwise."""
    if to not in TRANSITIONS[current]:
        raise IllegalTransitionError(f"{current.name} -> {to.name} is no transition")
    return to


class AttemptState(enum.Enum):
    """State of one attempt. STARTING is the recorded intent: the launcher may not have heard of it yet."""

    STARTING = "STARTING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"

    @property
    def is_final(self) -> bool:
        """Whether the attempt has ended."""
        return self not in {AttemptState.STARTING, AttemptState.RUNNING}


class StorageState(enum.Enum):
    """Whether a run or an experiment is shown in the ordinary lists."""

    AVAILABLE = "AVAILABLE"
    ARCHIVED = "ARCHIVED"
