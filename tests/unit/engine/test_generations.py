from __future__ import annotations

from typing import Any

from wherry.engine.generations import kept_rows
from wherry.engine.planning import plan_run
from wherry.ir.spec import PipelinePackage
from wherry.model.outcomes import Kept
from wherry.model.runs import TaskRecord
from wherry.testing.engine_room import play
from wherry.testing.fake_launcher import FakeTask
from wherry.testing.ids import SequentialIds
from wherry.testing.pipelines import dag, exit_handler, exit_task, loop, pipeline, task


def kept(package: PipelinePackage) -> list[str]:
    """What a retry keeps of a run in which tasks called ``bad…`` fail."""
    return sorted(str(row.key).removeprefix("root/") for row in rows(package))


def rows(package: PipelinePackage) -> tuple[TaskRecord, ...]:
    def act(one: FakeTask) -> Any:
        if one.key.rpartition("/")[2].startswith("bad"):
            raise ValueError("no")

    story = play(package, act)
    return kept_rows(plan_run(package), story.tasks.values(), SequentialIds().task_id)


def test_what_succeeded_is_kept_and_what_failed_is_not() -> None:
    assert kept(pipeline(task("a"), task("bad", after=["a"]), task("c", after=["bad"]))) == ["a"]


def test_what_succeeded_behind_something_that_runs_again_is_not_kept() -> None:
    assert (
        kept(pipeline(task("bad"), task("brave", after=["bad"], waits_for_end=True), task("c", after=["brave"]))) == []
    )


def test_inside_a_failed_pipeline_what_succeeded_is_kept() -> None:
    assert kept(pipeline(dag("d", task("a"), task("bad", after=["a"])))) == ["d/a"]


def test_a_pipeline_that_succeeded_is_kept_with_everything_inside() -> None:
    assert kept(pipeline(dag("d", task("a")), task("bad", after=["d"]))) == ["d", "d/a"]


def test_iterations_are_kept_one_by_one() -> None:
    assert kept(pipeline(loop("l", task("a"), task("bad", after=["a"]), items=[1, 2]))) == ["l[0]/a", "l[1]/a"]


def test_iterations_behind_something_that_runs_again_are_not_kept() -> None:
    package = pipeline(task("bad"), loop("l", task("a"), items=[1, 2], after=["bad"], waits_for_end=True))

    assert kept(package) == []


def test_an_exit_task_is_never_kept() -> None:
    assert kept(pipeline(exit_handler(1, task("a"), task("bad")), exit_task("bye", 1))) == ["exit-handler-1/a"]


def test_a_kept_row_opens_the_next_generation_and_tells_of_the_first() -> None:
    (row,) = rows(pipeline(task("a"), task("bad")))

    assert (row.generation, row.outcome, row.state.value) == (2, Kept(generation=1), "SKIPPED")
