"""The page about states, made from the table of transitions, so that it cannot lie. Pure."""

from __future__ import annotations

from typing import Final

from wherry.model.states import FINAL, TRANSITIONS, AttemptState, RuntimeState

_STATES: Final = {
    RuntimeState.PENDING: "A run: recorded, not begun. A task: lost an attempt and waits for the next.",
    RuntimeState.RUNNING: "It has begun.",
    RuntimeState.SUCCEEDED: "It ended well; its outputs are published.",
    RuntimeState.SKIPPED: "It did not run: reused or kept (outputs exist), or not triggered (none). The outcome says which.",
    RuntimeState.FAILED: "It ended without outputs. The outcome says whose fault it is.",
    RuntimeState.CANCELING: "It is to be stopped and has not ended yet.",
    RuntimeState.CANCELED: "It was stopped, or dropped before it began.",
    RuntimeState.PAUSED: "Reserved by KFP; never entered.",
}

_ATTEMPTS: Final = {
    AttemptState.STARTING: "The recorded intent: the launcher may not have heard of it yet.",
    AttemptState.RUNNING: "The task's own code is known to run.",
    AttemptState.SUCCEEDED: "Its result is published.",
    AttemptState.FAILED: "It ended without a result.",
    AttemptState.CANCELED: "It was stopped.",
}


def state_machines_page() -> str:
    """``docs/explanation/state-machines.md``."""
    arrows = [
        f"    {before.name} --> {after.name}"
        for before in RuntimeState
        for after in RuntimeState
        if after in TRANSITIONS[before]
    ]
    ends = [f"    {state.name} --> [*]" for state in RuntimeState if state in FINAL]
    lines = [
        "# States",
        "",
        "Made from the table of transitions in `wherry.model.states` by `wherry.engine.state_diagrams`; a test compares.",
        "",
        "## Runs and tasks",
        "",
        "One enum for both, with the names of KFP's RuntimeState. Monotone within one generation of a run: a retry opens",
        "the next. A task's row appears with its first state, which may be a final one.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> PENDING",
        *arrows,
        *ends,
        "```",
        "",
        "| state | meaning | may be followed by |",
        "|---|---|---|",
        *(f"| {state.name} | {_STATES[state]} | {_after(state)} |" for state in RuntimeState),
        "",
        "Why something ended is a value beside the state, `TaskOutcome`; see [What a run means](semantics.md).",
        "",
        "## Attempts",
        "",
        "An attempt is created STARTING, before its launcher hears of it, and ended once, by compare-and-set.",
        "",
        "| state | meaning |",
        "|---|---|",
        *(f"| {state.name} | {_ATTEMPTS[state]} |" for state in AttemptState),
        "",
    ]
    return "\n".join(lines)


def _after(state: RuntimeState) -> str:
    return ", ".join(after.name for after in RuntimeState if after in TRANSITIONS[state]) or "nothing: it is final"
