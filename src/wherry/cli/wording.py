"""How states, outcomes, times and sizes read in a terminal."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Final, assert_never

from wherry.model.identity import Micros, RunId, TaskKey
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
from wherry.model.states import RuntimeState

_SHORT_ID: Final = 8
_KIB: Final = 1024
_SECOND: Final = 1_000_000
_MINUTE: Final = 60
_LONG_TEXT: Final = 200

#: State -> colour of the terminal.
COLOURS: Final = {
    RuntimeState.PENDING: "white",
    RuntimeState.RUNNING: "cyan",
    RuntimeState.SUCCEEDED: "green",
    RuntimeState.SKIPPED: "blue",
    RuntimeState.FAILED: "red",
    RuntimeState.CANCELING: "yellow",
    RuntimeState.CANCELED: "yellow",
    RuntimeState.PAUSED: "yellow",
}


def short(identifier: str) -> str:
    """The first characters of an id: enough to name it to the commands."""
    return identifier[:_SHORT_ID]


def task_label(key: TaskKey) -> str:
    """``root/loop[3]/train`` without the root."""
    return key.removeprefix("root/")


def moment(at: Micros | None) -> str:
    """Local date and time to the second; ``-`` for none."""
    if at is None:
        return "-"
    return datetime.fromtimestamp(at / _SECOND, tz=UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def duration(started: Micros | None, ended: Micros | None) -> str:
    """``35 ms``, ``1.2 s``, ``2 min 03 s``; ``-`` if it has not both ends."""
    if started is None or ended is None:
        return "-"
    seconds = max(0, ended - started) / _SECOND
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    return f"{int(seconds // _MINUTE)} min {int(seconds % _MINUTE):02d} s"


def size(count: int | None) -> str:
    """``812 B``, ``3.4 MiB``; ``-`` for unknown."""
    if count is None:
        return "-"
    value, units = float(count), ["B", "KiB", "MiB", "GiB", "TiB"]
    while value >= _KIB and len(units) > 1:
        value /= _KIB
        units.pop(0)
    return f"{value:.0f} {units[0]}" if units[0] == "B" else f"{value:.1f} {units[0]}"


def state_word(state: RuntimeState, outcome: TaskOutcome | None) -> str:
    """One word for a task's state, telling "reused" from "skipped", which share a state."""
    match outcome:
        case Reused():
            return "reused"
        case Kept():
            return "kept"
        case _:
            return state.value.lower()


def because(outcome: TaskOutcome | None, *, own_run: RunId | None = None) -> str:
    """Why a task ended as it did, in one line; empty where the state says it all."""
    match outcome:
        case None | Succeeded():
            return ""
        case Reused(run_id=run_id, task=task):
            where = "this run" if run_id == own_run else f"run {short(run_id)}"
            return f"from {task_label(task)} of {where}"
        case Kept(generation=generation):
            return f"ended well in generation {generation}"
        case ConditionFalse(condition=condition):
            return f"condition was false: {shortened(condition)}"
        case UpstreamUnavailable(task=task):
            return f"{task_label(task)} before it has no outputs"
        case Cancelled(by=by):
            return f"cancelled by {by}"
        case Failure(message=message):
            return shortened(message.splitlines()[0] if message else "failed")
        case _:
            assert_never(outcome)


def place(uri: str) -> str:
    """A path from here where that is shorter, anything else as it is."""
    if not uri.startswith("/"):
        return uri
    return min(uri, os.path.relpath(uri), key=len)


def shortened(text: str) -> str:
    """At most 200 characters."""
    return text if len(text) <= _LONG_TEXT else text[: _LONG_TEXT - 1] + "…"
