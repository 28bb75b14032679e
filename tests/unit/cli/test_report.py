import click
import pytest

from wherry.cli import report
from wherry.cli.row_views import tasks_from_rows
from wherry.cli.views import TaskView
from wherry.model.identity import Micros, RunId, TaskId, TaskKey
from wherry.model.outcomes import ConditionFalse, Failure, FailureReason, Fault, Succeeded, TaskOutcome
from wherry.model.runs import TaskKind, TaskRecord
from wherry.model.states import RuntimeState


def task(name: str, outcome: TaskOutcome, state: RuntimeState = RuntimeState.SUCCEEDED, **more: object) -> TaskRecord:
    return TaskRecord(
        run_id=RunId("run"),
        generation=1,
        key=TaskKey(f"root/{name}"),
        id=TaskId(name),
        parent=TaskKey("root"),
        name=name,
        display_name=name,
        component=f"comp-{name}",
        kind=TaskKind.RUNTIME,
        state=state,
        created_at=Micros(0),
        outcome=outcome,
        **more,  # type: ignore[arg-type]  few tests set few fields
    )


FAILED = Failure(
    fault=Fault.USER,
    reason=FailureReason.RAISED,
    message="component 'train' raised ValueError: no data\nat all",
    traceback='Traceback (most recent call last):\n  File "<component train>", line 2, in train\nValueError: no data\nat all',
    hint="Give it data.",
)


def shown(*records: TaskRecord) -> list[TaskView]:
    return tasks_from_rows(records, [], {})


def plain(text: str) -> list[str]:
    return [line.rstrip() for line in click.unstyle(text).splitlines()]


def test_a_task_is_a_row_with_state_duration_attempt_and_why() -> None:
    rows = [
        task("load", Succeeded(), started_at=Micros(0), ended_at=Micros(1_500_000)),
        task("report", ConditionFalse(condition="a == 1"), RuntimeState.SKIPPED),
    ]

    assert plain(report.task_table(shown(*rows))) == [
        "  task    state      duration  attempt  why",
        "  load    succeeded  1.5 s     -",
        "  report  skipped    -         -        condition was false: a == 1",
    ]


def test_a_failure_is_told_once_with_its_frames_and_its_way_out() -> None:
    assert plain(report.failures(shown(task("train", FAILED, RuntimeState.FAILED)))) == [
        "train failed: component 'train' raised ValueError: no data",
        "at all",
        "  Traceback (most recent call last):",
        '    File "<component train>", line 2, in train',
        "  hint: Give it data.",
    ]


@pytest.mark.parametrize("reason", [FailureReason.CHILD])
def test_a_dag_that_failed_by_what_is_inside_is_not_told_again(reason: FailureReason) -> None:
    inside = Failure(fault=Fault.USER, reason=reason, message="task 'train' failed", task=TaskKey("root/train"))

    assert report.failures(shown(task("loop", inside, RuntimeState.FAILED))) == ""


def test_columns_are_as_wide_as_their_widest_cell_whatever_its_colour() -> None:
    text = report.table(["a", "b"], [[click.style("wide cell", fg="red"), "x"], ["y", "z"]])

    assert plain(text) == ["  a          b", "  wide cell  x", "  y          z"]
