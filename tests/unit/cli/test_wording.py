import pytest

from wherry.cli import wording
from wherry.model.identity import AttemptId, Micros, RunId, TaskKey
from wherry.model.outcomes import (
    ConditionFalse,
    Failure,
    FailureReason,
    Fault,
    Reused,
    Succeeded,
    UpstreamUnavailable,
)
from wherry.model.states import RuntimeState

REUSED = Reused(run_id=RunId("0123456789"), task=TaskKey("root/ingest"), attempt_id=AttemptId("a"))


@pytest.mark.parametrize(
    ("micros", "text"),
    [(0, "0 ms"), (35_400, "35 ms"), (1_240_000, "1.2 s"), (59_900_000, "59.9 s"), (123_000_000, "2 min 03 s")],
)
def test_a_duration_is_told_in_the_unit_that_fits(micros: int, text: str) -> None:
    assert wording.duration(Micros(5), Micros(5 + micros)) == text


def test_a_duration_without_an_end_is_a_dash() -> None:
    assert wording.duration(Micros(5), None) == "-"


@pytest.mark.parametrize(("count", "text"), [(812, "812 B"), (3 << 20, "3.0 MiB"), (None, "-"), (5 << 40, "5.0 TiB")])
def test_a_size_is_told_in_the_unit_that_fits(count: int | None, text: str) -> None:
    assert wording.size(count) == text


def test_reused_and_skipped_are_different_words_for_one_state() -> None:
    skipped = ConditionFalse(condition="1 == 2")

    assert wording.state_word(RuntimeState.SKIPPED, REUSED) == "reused"
    assert wording.state_word(RuntimeState.SKIPPED, skipped) == "skipped"


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (Succeeded(), ""),
        (REUSED, "from ingest of run 01234567"),
        (ConditionFalse(condition="a == 1"), "condition was false: a == 1"),
        (UpstreamUnavailable(task=TaskKey("root/validate")), "validate before it has no outputs"),
        (Failure(fault=Fault.USER, reason=FailureReason.RAISED, message="ValueError: no\nmore"), "ValueError: no"),
    ],
)
def test_every_end_says_why_in_one_line(outcome: object, text: str) -> None:
    assert wording.because(outcome) == text  # type: ignore[arg-type]  # the table mixes all kinds of outcomes


def test_a_reuse_within_the_same_run_says_so() -> None:
    assert wording.because(REUSED, own_run=RunId("0123456789")) == "from ingest of this run"
