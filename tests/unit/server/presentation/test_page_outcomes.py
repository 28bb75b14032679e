"""Why tasks and runs ended, as pages say it."""

from __future__ import annotations

import msgspec
import pytest

from wherry.api.pages.outcomes import FailedOutcome, ReusedOutcome
from wherry.model.identity import AttemptId, RunId, TaskId, TaskKey
from wherry.model.outcomes import (
    Cancelled,
    ConditionFalse,
    Failure,
    FailureReason,
    Fault,
    Kept,
    Reused,
    Succeeded,
    TaskOutcome,
    UpstreamUnavailable,
)
from wherry.model.pages import Lender
from wherry.model.runs import RunError
from wherry.model.states import RuntimeState
from wherry.server.presentation.page_outcomes import outcome, run_sentence
from wherry.testing.records import new_run

IDS = {TaskKey("root/loop[1]/load"): TaskId("t")}
REUSED = Reused(run_id=RunId("r"), task=TaskKey("root/load"), attempt_id=AttemptId("a"))
FAILED = Failure(
    fault=Fault.USER,
    reason=FailureReason.CHILD,
    message="task 'load' failed\nbecause",
    hint="Mend it.",
    traceback="Traceback",
    task=TaskKey("root/loop[1]/load"),
)


@pytest.mark.parametrize(
    ("ended", "sentence"),
    [
        (Succeeded(), "Succeeded."),
        (REUSED, "Reused from task load of a run that was deleted."),
        (Kept(generation=2), "Kept: it ended well in generation 2 of this run."),
        (ConditionFalse(condition="1 == 2"), "Not triggered: its condition was false."),
        (
            UpstreamUnavailable(task=TaskKey("root/loop[1]/load")),
            "Not triggered: task loop[1]/load before it ended without outputs.",
        ),
        (Cancelled(by="ann"), "Cancelled by ann."),
        (Cancelled(by=""), "Cancelled."),
        (FAILED, "task 'load' failed"),
        (msgspec.structs.replace(FAILED, message="\n"), "Failed."),
    ],
)
def test_every_outcome_has_a_sentence(ended: TaskOutcome, sentence: str) -> None:
    told = outcome(ended, IDS)

    assert told is not None
    assert told.sentence == sentence


def test_what_has_not_ended_has_no_outcome() -> None:
    assert outcome(None, IDS) is None


def test_a_reused_task_names_the_run_that_lent_its_outputs() -> None:
    told = outcome(REUSED, IDS, lender=Lender(run_name="first", task_id=TaskId("x")))

    assert told == ReusedOutcome(
        sentence="Reused from task load of run first.",
        run_id="r",
        run_name="first",
        task_key="root/load",
        task_id="x",
    )


def test_a_failure_names_the_task_inside_and_leaves_the_traceback_to_the_panel() -> None:
    assert outcome(FAILED, IDS) == FailedOutcome(
        sentence="task 'load' failed",
        message="task 'load' failed\nbecause",
        hint="Mend it.",
        fault=Fault.USER,
        reason=FailureReason.CHILD,
        exit_code=None,
        signal=None,
        task_key="root/loop[1]/load",
        task_id="t",
    )


def test_a_long_message_is_cut_in_a_row() -> None:
    told = outcome(msgspec.structs.replace(FAILED, message="no\n" + "x" * 5000), IDS)

    assert isinstance(told, FailedOutcome)
    assert (told.sentence, len(told.message), told.message[-1]) == ("no", 1000, "…")


@pytest.mark.parametrize(
    ("state", "error", "sentence"),
    [
        (RuntimeState.SUCCEEDED, None, ""),
        (RuntimeState.FAILED, "no\nrows", "no"),
        (RuntimeState.FAILED, "x" * 10_000, "x" * 299 + "…"),
        (RuntimeState.CANCELED, None, "The run was cancelled."),
        (RuntimeState.CANCELED, "stopped by ann", "stopped by ann"),
        (RuntimeState.CANCELING, None, "The run is being cancelled."),
    ],
)
def test_a_run_says_why_where_its_state_does_not(state: RuntimeState, error: str | None, sentence: str) -> None:
    run = msgspec.structs.replace(new_run().run, state=state, error=RunError(message=error) if error else None)

    assert run_sentence(run) == sentence
