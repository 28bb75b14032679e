from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from wherry.engine.driver import (
    InputError,
    ScopeValues,
    condition_holds,
    dag_outputs,
    final_status,
    iteration_inputs,
    loop_items,
    loop_outputs,
    resolve_inputs,
)
from wherry.engine.planning import plan_run
from wherry.ir.placeholders import RunFacts
from wherry.ir.spec import PipelinePackage
from wherry.model.identity import ArtifactId, TaskKey
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
from wherry.model.runs import ArtifactInput, TaskInputs, TaskOutputs
from wherry.testing.pipelines import (
    INT,
    LIST,
    TEXT,
    const,
    dag,
    loop,
    made,
    out,
    pipeline,
    scope,
    scope_artifact,
    task,
)

FACTS = RunFacts(
    run_id="run-1",
    run_display_name="my run",
    run_resource_name="run-1",
    task_name="t",
    parent_id="task-0",
    created_at=datetime(2026, 1, 2, tzinfo=UTC),
    scheduled_at=datetime(2026, 1, 3, tzinfo=UTC),
    pipeline_root="/artifacts",
)
FAILED = Failure(fault=Fault.USER, reason=FailureReason.RAISED, message="no")


def artifacts(*ids: str, is_list: bool = False) -> ArtifactInput:
    return ArtifactInput(artifact_ids=tuple(ArtifactId(one) for one in ids), is_list=is_list)


def resolved(package: PipelinePackage, *, given: TaskInputs | None = None, **ended: TaskOutputs | None) -> Any:
    """Inputs of task ``t``; ``ended`` has the outputs of other tasks, None for one that failed."""
    plan = plan_run(package).root
    values = ScopeValues(plan, given or TaskInputs())
    for name, outputs in ended.items():
        outcome: TaskOutcome = Succeeded() if outputs is not None else FAILED
        values.record(plan.index(name), outcome, outputs or TaskOutputs())
    return resolve_inputs(plan.tasks[plan.index("t")], values, lambda: FACTS)


def gave(**parameters: Any) -> TaskOutputs:
    return TaskOutputs(parameters=parameters)


def given(**parameters: Any) -> TaskInputs:
    return TaskInputs(parameters=parameters)


# -- parameters -------------------------------------------------------------------------------------------------------


def test_integers_stay_integers() -> None:
    package = pipeline(task("t", reads={"x": const(3.0)}, types={"x": INT}))

    found = resolved(package).parameters["x"]
    assert (found, type(found)) == (3, int)


@pytest.mark.parametrize(
    ("value", "text"), [(3.0, "3"), (0.1, "0.1"), (True, "true"), ([1, "a"], '[1,"a"]'), ({"b": 1}, '{"b":1}')]
)
def test_a_text_input_takes_anything_as_text(value: Any, text: str) -> None:
    package = pipeline(task("t", reads={"x": scope("n")}, types={"x": TEXT}))

    assert resolved(package, given=given(n=value)).parameters == {"x": text}


def test_a_value_of_another_type_names_task_input_and_both_types() -> None:
    package = pipeline(task("a", makes=["o"]), task("t", reads={"x": out("a", "o")}, types={"x": INT}))

    with pytest.raises(InputError) as error:
        resolved(package, a=gave(o="7"))

    assert error.value.message == ("task 't': input 'x' is NUMBER_INTEGER and takes a whole number, got the text '7'")


def test_null_from_around_counts_as_absent() -> None:
    optional = pipeline(task("t", reads={"x": scope("n")}, defaults={"x": None}))
    required = pipeline(task("t", reads={"x": scope("n")}))

    assert resolved(optional, given=given(n=None)).parameters == {}
    with pytest.raises(InputError, match="input 'x' of task 't' has no value: input 'n' of the pipeline around it"):
        resolved(required, given=given(n=None))


def test_an_omitted_input_has_its_default_for_a_leaf_and_is_null_inside_a_dag_without_one() -> None:
    leaf = pipeline(task("t", defaults={"x": 1, "y": None}))
    nested = pipeline(dag("t", task("a"), defaults={"x": 1, "y": None}))

    assert resolved(leaf).parameters == {"x": 1}
    assert resolved(nested).parameters == {"x": 1, "y": None}


def test_a_missing_output_is_told_with_its_reason() -> None:
    package = pipeline(task("a", makes=["o"]), task("t", reads={"x": out("a", "o")}, waits_for_end=True))

    with pytest.raises(InputError) as error:
        resolved(package, a=None)

    assert error.value.message == "input 'x' of task 't' has no value: task 'a' ended without outputs."
    assert error.value.hint == "Give the input a default."


def test_an_input_that_no_one_declares_may_be_missing() -> None:
    package = pipeline(task("t", reads={"x": scope("n")}))
    root = package.spec
    component = msgspec.structs.replace(root.components["comp-t"], input_definitions=None)
    spec = msgspec.structs.replace(root, components={"comp-t": component})

    assert resolved(PipelinePackage(spec=spec)).parameters == {}


def test_a_selector_is_applied_to_the_text_of_the_value() -> None:
    package = pipeline(task("t", reads={"x": scope("n", selector='parseJson(string_value)["a"]')}))

    assert resolved(package, given=given(n={"a": [1]})).parameters == {"x": [1]}


def test_placeholders_in_constants_stand_for_the_run_the_task_and_other_inputs() -> None:
    text = "{{$.pipeline_job_uuid}} {{$.pipeline_task_name}} {{$.inputs.parameters['n']}}"
    package = pipeline(task("t", reads={"x": const(text), "n": const(2.0), "l": const(["{{$.pipeline_job_name}}"])}))

    assert resolved(package).parameters == {"x": "run-1 t 2", "n": 2, "l": ["my run"]}


def test_literal_braces_of_the_author_stay() -> None:
    package = pipeline(task("t", reads={"x": const("{{$.Values.x}} {{plain}}")}))

    assert resolved(package).parameters == {"x": "{{$.Values.x}} {{plain}}"}


# -- artifacts --------------------------------------------------------------------------------------------------------


def test_artifacts_come_from_tasks_and_from_around() -> None:
    package = pipeline(
        task("a", makes_artifacts=["data"]), task("t", reads={"x": made("a"), "y": scope_artifact("given")})
    )

    found = resolved(
        package,
        given=TaskInputs(artifacts={"given": artifacts("y1")}),
        a=TaskOutputs(artifacts={"data": artifacts("x1")}),
    )
    assert found.artifacts == {"x": artifacts("x1"), "y": artifacts("y1")}


def test_a_missing_optional_artifact_is_left_out_and_a_required_one_is_an_error() -> None:
    optional = pipeline(task("t", reads={"x": scope_artifact("given")}, defaults={"x": None}))
    required = pipeline(task("t", reads={"x": scope_artifact("given")}))

    assert resolved(optional).artifacts == {}
    with pytest.raises(InputError, match="input artifact 'x' of task 't' is missing"):
        resolved(required)


# -- conditions -------------------------------------------------------------------------------------------------------


def test_the_condition_of_a_dag_sees_loop_variables_as_the_text_they_are_declared() -> None:
    package = pipeline(
        dag(
            "t",
            task("a"),
            reads={"v": scope("item")},
            types={"v": TEXT},
            condition="inputs.parameter_values['v'] == '1'",
        )
    )
    plan = plan_run(package).root
    inputs = resolved(package, given=given(item=1))

    assert inputs.parameters == {"v": 1}
    assert condition_holds(plan.tasks[0], inputs)


# -- loops ------------------------------------------------------------------------------------------------------------


def looped(items: Any, **inputs: Any) -> Any:
    plan = plan_run(pipeline(loop("l", task("a"), items=items, reads={"x": const(0)}))).root.tasks[0]
    return loop_items(plan, given(**inputs))


@pytest.mark.parametrize("value", [[1, 2], "[1, 2]"])
def test_items_are_a_list_or_the_text_of_one(value: Any) -> None:
    assert looped("x", x=value) == [1, 2]


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (None, "it is a null, not a list."),
        (3, "it is a int, not a list."),
        ('{"a": 1}', "it is a dict, not a list."),
        ("[1", "the text '[1' is no JSON list."),
    ],
)
def test_items_that_are_no_list_are_refused(value: Any, what: str) -> None:
    with pytest.raises(InputError) as error:
        looped("x", x=value)

    assert error.value.message == f"task 'l' cannot iterate over input 'x': {what}"


def test_an_iteration_sees_the_loops_inputs_and_its_item() -> None:
    plan = plan_run(pipeline(loop("l", task("a"), items=[5]))).root.tasks[0]

    assert iteration_inputs(plan, given(n=1), 5).parameters == {"n": 1, "item": 5}


def test_a_loop_over_artifacts_gives_each_iteration_one() -> None:
    plan = plan_run(
        pipeline(loop("l", task("a"), items="all", reads={"all": scope_artifact("x")}, over_artifacts=True))
    ).root.tasks[0]
    inputs = TaskInputs(artifacts={"all": artifacts("a", "b", is_list=True)})

    assert list(loop_items(plan, inputs)) == ["a", "b"]
    assert iteration_inputs(plan, inputs, "b").artifacts["item"] == artifacts("b")


# -- outputs ----------------------------------------------------------------------------------------------------------


def test_the_first_of_several_selectors_that_has_outputs_is_taken() -> None:
    package = pipeline(
        task("a", makes=["o"]),
        task("b", makes=["o"]),
        task("c", makes=["o"]),
        gives={"one": [("a", "o"), ("b", "o"), ("c", "o")]},
    )
    plan = plan_run(package).root
    values = ScopeValues(plan, TaskInputs())
    values.record(0, ConditionFalse(condition="false"), TaskOutputs())
    values.record(1, Reused(run_id="r", task=TaskKey("t"), attempt_id="x"), gave(o=2))  # type: ignore[arg-type]
    values.record(2, Succeeded(), gave(o=3))

    assert dag_outputs(values) == gave(one=2)


def test_an_output_that_no_task_made_is_left_out() -> None:
    plan = plan_run(pipeline(task("a", makes=["o"]), gives={"one": [("a", "o")]})).root

    assert dag_outputs(ScopeValues(plan, TaskInputs())) == TaskOutputs()


def test_iterations_without_the_output_are_left_out_of_the_collection() -> None:
    plan = plan_run(pipeline(task("a", makes=["o"], types={"o": LIST}), gives={"o": [("a", "o")]})).root

    assert loop_outputs(plan, [gave(o=1), TaskOutputs(), gave(o=3)]).parameters == {"o": [1, 3]}
    assert loop_outputs(plan, []).parameters == {"o": []}


# -- final status -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "state", "message"),
    [
        (Succeeded(), "SUCCEEDED", None),
        (Kept(generation=1), "SUCCEEDED", None),
        (FAILED, "FAILED", "no"),
        (Cancelled(by="bob"), "CANCELLED", "cancelled by bob"),
        (ConditionFalse(condition="x"), "CANCELLED", "not run: its condition was false: x"),
        (UpstreamUnavailable(task=TaskKey("root/a")), "CANCELLED", "not run: 'root/a' ended without outputs"),
    ],
)
def test_a_final_status_says_how_the_task_ended(outcome: TaskOutcome, state: str, message: str | None) -> None:
    plan = plan_run(pipeline(task("a"))).root.tasks[0]

    found = final_status(plan, outcome, "run-1")
    assert (found["state"], found["error"].get("message"), found["pipelineTaskName"]) == (state, message, "a")
