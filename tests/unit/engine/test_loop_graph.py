"""How runs of all shapes come out, on a whole engine with fakes."""

from __future__ import annotations

from typing import Any

from wherry.testing.engine_room import play
from wherry.testing.fake_launcher import FakeTask
from wherry.testing.pipelines import (
    INT,
    LIST,
    STATUS,
    TEXT,
    const,
    dag,
    exit_handler,
    exit_task,
    loop,
    out,
    pipeline,
    scope,
    status,
    task,
)


def answer(task: FakeTask) -> dict[str, Any]:
    """Output is the input ``x`` plus one, if there is one; a task called ``bad…`` raises."""
    name = task.key.rpartition("/")[2]
    if name.startswith("bad") or task.parameters.get("raise"):
        raise ValueError(f"{name} broke")
    given = task.parameters.get("x", 0)
    return {"Output": given + 1 if isinstance(given, int) else given}


def add(name: str, source: Any = None, **fields: Any) -> Any:
    """A task whose output is its input plus one."""
    return task(name, makes=["Output"], reads={} if source is None else {"x": source}, **fields)


def test_a_value_passes_down_a_chain() -> None:
    story = play(pipeline(add("a"), add("b", out("a")), add("c", out("b"))), answer)

    assert story.run.state.value == "SUCCEEDED"
    assert story.states == {"a": "SUCCEEDED", "b": "SUCCEEDED", "c": "SUCCEEDED"}
    assert story.output("c") == 3


def test_arguments_and_defaults_reach_the_tasks() -> None:
    package = pipeline(add("a", scope("n")), add("b", scope("m")), parameters={"n": INT, "m": INT}, defaults={"m": 5.0})

    story = play(package, answer, arguments={"n": 1})

    assert (story.output("a"), story.output("b")) == (2, 6)


def test_an_independent_branch_runs_to_its_end_beside_a_failure() -> None:
    story = play(pipeline(task("bad"), task("after-bad", after=["bad"]), add("good"), add("on", out("good"))), answer)

    assert story.states == {"bad": "FAILED", "after-bad": "SKIPPED", "good": "SUCCEEDED", "on": "SUCCEEDED"}
    assert story.outcomes["after-bad"] == "upstream-unavailable"
    assert story.run.state.value == "FAILED"
    assert story.run.error is not None
    assert story.run.error.message == "task 'bad' failed: ValueError: bad broke"
    assert story.run.error.task == "root/bad"


def test_only_the_branch_whose_condition_holds_runs_and_one_of_gives_its_output() -> None:
    branches = dag(
        "condition-branches-1",
        dag(
            "condition-2",
            add("low", const(10)),
            gives={"o": [("low", "Output")]},
            reads={"v": scope("v")},
            condition="int(inputs.parameter_values['v']) < 3",
        ),
        dag(
            "condition-3",
            add("high", const(20)),
            gives={"o": [("high", "Output")]},
            reads={"v": scope("v")},
            condition="!(int(inputs.parameter_values['v']) < 3)",
        ),
        reads={"v": out("a")},
        gives={"one": [("condition-2", "o"), ("condition-3", "o")]},
    )

    story = play(pipeline(add("a", const(4)), branches, add("z", out("condition-branches-1", "one"))), answer)

    assert story.outcomes["condition-branches-1/condition-2"] == "condition-false"
    assert "condition-branches-1/condition-2/low" not in story.tasks
    assert story.output("z") == 22
    assert story.run.state.value == "SUCCEEDED"


def test_what_stands_behind_a_false_condition_is_skipped_and_the_run_succeeds() -> None:
    story = play(pipeline(dag("condition-1", add("a"), condition="1 == 2"), add("b", after=["condition-1"])), answer)

    assert story.states == {"condition-1": "SKIPPED", "b": "SKIPPED"}
    assert story.run.state.value == "SUCCEEDED"


def test_a_condition_that_is_no_bool_fails_its_task() -> None:
    story = play(pipeline(add("a", condition="1 + 1")), answer)

    assert story.tasks["a"].outcome.reason.value == "inputs"
    assert story.tasks["a"].outcome.message == (
        "the condition of task 'a' cannot be decided: condition '1 + 1' is the int 2, it must be true or false"
    )


def test_a_loop_runs_its_body_per_item_and_collects_in_order() -> None:
    each = loop("for-loop-1", add("square", scope("item")), items=[10, 20, 30], gives={"all": [("square", "Output")]})

    story = play(
        pipeline(each, task("sum", reads={"x": out("for-loop-1", "all")}, types={"x": LIST}, makes=["Output"])), answer
    )

    assert story.output("sum") == [11, 21, 31]
    assert story.tasks["for-loop-1"].iteration_count == 3
    assert story.tasks["for-loop-1[1]/square"].iteration_index == 1
    assert sorted(story.tasks) == [
        "for-loop-1",
        "for-loop-1[0]/square",
        "for-loop-1[1]/square",
        "for-loop-1[2]/square",
        "root",
        "sum",
    ]


def test_collected_parameters_nest_one_level_per_loop() -> None:
    inner = loop("for-loop-2", add("t", scope("item")), items=[1, 2], gives={"o": [("t", "Output")]})
    outer = loop("for-loop-1", inner, items=["a", "b"], gives={"o": [("for-loop-2", "o")]})

    story = play(pipeline(outer, gives={"all": [("for-loop-1", "o")]}), answer)

    assert story.tasks["root"].outputs.parameters == {"all": [[2, 3], [2, 3]]}


def test_a_loop_over_nothing_succeeds_and_collects_the_empty_list() -> None:
    each = loop("for-loop-1", add("t", scope("item")), items=[], gives={"o": [("t", "Output")]})

    story = play(pipeline(each, add("z", out("for-loop-1", "o"))), answer)

    assert story.output("z") == []
    assert story.run.state.value == "SUCCEEDED"


def test_a_loop_over_a_single_container_runs_it_per_item() -> None:
    each = loop("t", items=[1, 2], item="x", makes=["Output"])

    story = play(pipeline(each, add("z", out("t"))), answer)

    assert story.output("z") == [2, 3]
    assert story.states == {"t": "SUCCEEDED", "t[0]/t": "SUCCEEDED", "t[1]/t": "SUCCEEDED", "z": "SUCCEEDED"}


def test_the_fields_of_an_item_are_selected() -> None:
    field = scope("item", selector='parseJson(string_value)["a"]')
    each = loop(
        "for-loop-1", add("t", field, types={"x": INT}), items=[{"a": 1}, {"a": 5}], gives={"o": [("t", "Output")]}
    )

    story = play(pipeline(each, gives={"o": [("for-loop-1", "o")]}), answer)

    assert story.tasks["root"].outputs.parameters == {"o": [2, 6]}


def test_iterations_beyond_the_parallelism_start_when_others_end() -> None:
    running, most = set[str](), 0

    async def watch(task: FakeTask) -> None:
        nonlocal most
        running.add(task.key)
        most = max(most, len(running))
        running.discard(task.key)

    story = play(pipeline(loop("for-loop-1", task("t"), items=[1, 2, 3, 4, 5], parallelism=1)), watch)

    assert most == 1
    assert story.run.state.value == "SUCCEEDED"


def test_a_failing_iteration_fails_the_loop_and_no_further_one_starts() -> None:
    each = loop(
        "for-loop-1", task("t", reads={"raise": scope("item")}), items=[False, True, False, False], parallelism=1
    )

    story = play(pipeline(each), answer)

    assert story.states == {"for-loop-1": "FAILED", "for-loop-1[0]/t": "SUCCEEDED", "for-loop-1[1]/t": "FAILED"}
    assert story.tasks["for-loop-1"].outcome.task == "root/for-loop-1[1]/t"


def test_iterations_that_have_started_finish_beside_a_failing_one() -> None:
    each = loop("for-loop-1", task("t", reads={"raise": scope("item")}), items=[True, False, False])

    story = play(pipeline(each), answer)

    assert [story.states[f"for-loop-1[{number}]/t"] for number in range(3)] == ["FAILED", "SUCCEEDED", "SUCCEEDED"]


def test_items_that_are_no_list_fail_the_loop_before_it_starts() -> None:
    each = loop("for-loop-1", task("t"), items="x", reads={"x": const("no list")})

    story = play(pipeline(each), answer)

    assert story.tasks["for-loop-1"].outcome.message == (
        "task 'for-loop-1' cannot iterate over input 'x': the text 'no list' is no JSON list."
    )


def test_an_exit_task_runs_when_its_handler_has_failed_and_is_told_so() -> None:
    bye = exit_task("bye", 1, reads={"status": status("exit-handler-1")}, types={"status": STATUS})
    seen = []

    def act(task: FakeTask) -> None:
        if task.key == "root/bye":
            seen.append(task.parameters["status"])
        else:
            answer(task)

    story = play(pipeline(exit_handler(1, task("bad")), bye), act)

    assert story.states == {"exit-handler-1": "FAILED", "exit-handler-1/bad": "FAILED", "bye": "SUCCEEDED"}
    assert story.run.state.value == "FAILED"
    assert seen == [
        {
            "state": "FAILED",
            "pipelineTaskName": "exit-handler-1",
            "pipelineJobResourceName": "run-0001",
            "error": {"code": 2, "message": "task 'exit-handler-1/bad' failed: ValueError: bad broke"},
        }
    ]


def test_the_failure_of_an_exit_task_does_not_change_the_run() -> None:
    story = play(pipeline(exit_handler(1, task("a")), exit_task("bad-bye", 1)), answer)

    assert story.states["bad-bye"] == "FAILED"
    assert story.run.state.value == "SUCCEEDED"


def test_a_task_that_ignores_upstream_failure_runs_with_its_default() -> None:
    brave = task("brave", reads={"x": out("bad")}, defaults={"x": 41}, makes=["Output"], waits_for_end=True)

    story = play(pipeline(task("bad", makes=["Output"]), brave), answer)

    assert story.output("brave") == 42
    assert story.run.state.value == "FAILED"


def test_a_nested_pipeline_has_its_defaults_and_gives_its_outputs() -> None:
    inner = dag("inner", add("t", scope("n")), defaults={"n": 7}, gives={"o": [("t", "Output")]})

    story = play(pipeline(inner, add("z", out("inner", "o"))), answer)

    assert story.output("z") == 9


def test_a_constant_quotes_other_inputs_as_text() -> None:
    quoting = task(
        "t",
        reads={"n": out("a"), "x": const("v {{$.inputs.parameters['n']}} of {{$.pipeline_task_name}}")},
        types={"x": TEXT},
        makes=["Output"],
    )

    story = play(pipeline(add("a"), quoting), answer)

    assert story.output("t") == "v 1 of t"


def test_an_output_of_the_wrong_type_fails_the_task_with_both_types() -> None:
    story = play(pipeline(task("t", makes=["Output"], types={"Output": INT})), lambda _: {"Output": "many"})

    assert story.tasks["t"].outcome.reason.value == "bad-output"
    assert story.tasks["t"].outcome.message == (
        "output 'Output' of task 't' is NUMBER_INTEGER, but the task returned the text 'many'."
    )


def test_an_output_that_was_not_set_fails_the_task() -> None:
    story = play(pipeline(task("t", makes=["Output"], types={"Output": INT})))

    assert (
        story.tasks["t"].outcome.message
        == "output 'Output' of task 't' is NUMBER_INTEGER, but the task did not set it."
    )


def test_events_tell_the_story_without_gaps() -> None:
    story = play(pipeline(add("a"), add("b", out("a"), condition="false")), answer)

    assert [event.seq for event in story.events] == list(range(1, len(story.events) + 1))
    assert [(event.kind.value, event.task) for event in story.events] == [
        ("run.created", None),
        ("run.started", None),
        ("task.started", "root/a"),
        ("task.ended", "root/a"),
        ("task.skipped", "root/b"),
        ("run.ended", None),
    ]
