"""Runs as pages show them: the parts that decide something."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from wherry.api.pages.runs import TaskCounts
from wherry.model.artifacts import Artifact
from wherry.model.identity import Micros
from wherry.model.pages import TaskTally
from wherry.model.states import RuntimeState
from wherry.server.presentation.run_pages import METRICS_SHOWN, duration, numbers, task_counts
from wherry.testing.records import artifact


def metrics(**values: Any) -> Artifact:
    return msgspec.structs.replace(artifact("m", **values), type="system.Metrics")


def test_of_two_numbers_of_one_name_the_later_is_shown() -> None:
    assert numbers([metrics(auc=0.5, loss=1), metrics(auc=0.75)]) == {"auc": 0.75, "loss": 1}


def test_only_numbers_are_numbers() -> None:
    shown = numbers([metrics(a=True, b="0.5", c=None, d=[1], e=float("inf"), f=float("nan"), g=2, **{"x" * 201: 1})])

    assert shown == {"g": 2}


def test_no_more_numbers_are_shown_than_fit_into_a_row() -> None:
    many = metrics(**{f"m{number:02}": number for number in range(100)})

    shown = numbers([many, metrics(m00=7)])

    assert (len(shown), shown["m00"]) == (METRICS_SHOWN, 7)


def test_every_state_is_counted_once() -> None:
    tally = TaskTally(by_state=dict.fromkeys(RuntimeState, 1), reused=5, kept=10)

    assert task_counts(tally) == TaskCounts(
        pending=1, running=3, succeeded=11, reused=5, skipped=1, failed=1, canceled=1
    )


@pytest.mark.parametrize(("ends", "expected"), [((1, 4), 3), ((None, 4), None), ((1, None), None), ((4, 1), 0)])
def test_a_duration_has_both_ends_and_is_never_negative(ends: tuple[Any, Any], expected: int | None) -> None:
    started, ended = (None if end is None else Micros(end) for end in ends)

    assert duration(started, ended) == expected
