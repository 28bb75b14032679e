from __future__ import annotations

import msgspec
import pytest

from wherry.engine.plan import DagWork, FromTask, RunPlan, WaitsFor
from wherry.engine.planning import plan_run
from wherry.errors import SpecError
from wherry.ir.spec import ComponentRef, PipelinePackage
from wherry.model.runs import TaskKind
from wherry.testing.pipelines import (
    dag,
    exit_handler,
    exit_task,
    importer,
    loop,
    made,
    out,
    pipeline,
    retries,
    scope,
    status,
    task,
)


def kinds(plan: RunPlan) -> dict[str, str]:
    return {one.name: one.kind.name for one in plan.root.tasks}


def test_the_kind_of_a_task_follows_from_what_it_is() -> None:
    plan = plan_run(
        pipeline(
            task("t"),
            importer("i", "/x"),
            dag("d", task("a")),
            dag("condition-1", task("b"), condition="true"),
            dag("condition-branches-2", task("c")),
            exit_handler(3, task("e")),
            loop("for-loop-4", task("f"), items=[1]),
        )
    )

    assert kinds(plan) == {
        "t": "RUNTIME",
        "i": "IMPORTER",
        "d": "DAG",
        "condition-1": "CONDITION",
        "condition-branches-2": "CONDITION_BRANCH",
        "exit-handler-3": "EXIT_HANDLER",
        "for-loop-4": "LOOP",
    }


def test_edges_come_from_dependencies_outputs_artifacts_and_final_statuses() -> None:
    plan = plan_run(
        pipeline(
            task("a"),
            task("b", makes=["o"]),
            task("c", makes_artifacts=["data"]),
            task("d"),
            task("z", after=["a"], reads={"p": out("b", "o"), "q": made("c"), "s": status("d")}),
        )
    )

    (last,) = [one for one in plan.root.tasks if one.name == "z"]
    assert [plan.root.tasks[number].name for number in last.upstream] == ["a", "b", "c", "d"]
    assert plan.root.tasks[0].downstream == (last.index,)
    assert last.inputs.parameters[0].source == FromTask(plan.root.index("b"), "o")


def test_an_exit_task_is_one_behind_an_exit_handler() -> None:
    plan = plan_run(
        pipeline(exit_handler(1, task("a")), exit_task("bye", 1), task("b"), task("c", after=["b"], waits_for_end=True))
    )

    assert [(one.name, one.is_exit_task, one.waits_for is WaitsFor.END) for one in plan.root.tasks] == [
        ("b", False, False),
        ("bye", True, True),
        ("c", False, True),
        ("exit-handler-1", False, False),
    ]


def test_a_loop_over_a_container_gets_a_body_with_that_one_task() -> None:
    plan = plan_run(pipeline(loop("t", items=[1, 2], item="x", makes=["o"], retry=retries(2))))

    (each,) = plan.root.tasks
    assert isinstance(each.work, DagWork)
    (body,) = plan.dags[each.work.dag].tasks
    assert (body.name, body.kind, each.retry) == ("t", TaskKind.RUNTIME, None)
    assert body.retry is not None


def test_a_component_that_is_used_twice_is_planned_once() -> None:
    package = pipeline(dag("d", task("a")), dag("e", task("b")))
    tasks = dict(package.spec.root.dag.tasks) if package.spec.root.dag else {}
    tasks["e"] = msgspec.structs.replace(tasks["e"], component_ref=ComponentRef(name="comp-d"))
    root = msgspec.structs.replace(package.spec.root, dag=msgspec.structs.replace(package.spec.root.dag, tasks=tasks))
    plan = plan_run(PipelinePackage(spec=msgspec.structs.replace(package.spec, root=root)))

    assert sorted(plan.dags) == ["", "comp-d"]


@pytest.mark.parametrize(
    ("package", "message"),
    [
        (pipeline(task("a", after=["nobody"])), "root.dag.tasks['a'].dependentTasks: there is no task 'nobody'"),
        (
            pipeline(task("a", reads={"x": out("b")})),
            "root.dag.tasks['a'].inputs.parameters['x']: there is no task 'b'",
        ),
        (pipeline(task("a", after=["b"]), task("b", after=["a"])), "root.dag.tasks: 'a', 'b' wait for each other"),
        (pipeline(task("a", retry=retries(1, backoff="soon"))), "backoffDuration: is 'soon', a duration is seconds"),
    ],
)
def test_a_spec_that_leads_nowhere_is_refused_with_the_place(package: PipelinePackage, message: str) -> None:
    with pytest.raises(SpecError) as error:
        plan_run(package)

    assert message in error.value.message


def test_a_long_chain_is_planned_without_recursion() -> None:
    package = pipeline(
        task("t0", makes=["o"]),
        *(task(f"t{n}", reads={"x": out(f"t{n - 1}", "o")}, makes=["o"]) for n in range(1, 8000)),
    )

    assert len(plan_run(package).root.tasks) == 8000


def test_defaults_of_inputs_that_a_task_does_not_set_are_known_to_the_plan() -> None:
    plan = plan_run(pipeline(task("t", reads={"x": scope("n")}, defaults={"x": 1, "y": 2})))

    assert [one.name for one in plan.root.tasks[0].inputs.not_given] == ["y"]
