"""The graph of a pipeline, from its specification alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from wherry.api.pages.graphs import EdgeKind, GraphLoop, GraphNode, LoopSource, PortLink
from wherry.engine.plan import DagWork, RunPlan
from wherry.engine.planning import plan_run
from wherry.ir.spec import (
    ComponentRef,
    ComponentSpec,
    ContainerSpec,
    DagSpec,
    InputParameterSpec,
    ParameterType,
    PipelinePackage,
    PipelineTaskSpec,
)
from wherry.model.runs import TaskKind
from wherry.server.presentation import structures
from wherry.server.presentation.structures import graph, input_parameter, node_ids, structure
from wherry.testing.pipelines import (
    dag,
    exit_handler,
    exit_task,
    importer,
    loop,
    made,
    out,
    pipeline,
    scope,
    status,
    task,
)


def everything() -> PipelinePackage:
    return pipeline(
        task("load", makes_artifacts=["data"]),
        importer("old", "/x"),
        task("train", reads={"data": made("load")}, makes=["Output"], after=["old", "load"]),
        dag("condition-1", task("publish"), condition="inputs.parameter_values['x'] > 1", reads={"x": out("train")}),
        dag("condition-branches-2", dag("condition-3", task("a"), condition="1 == 1"), after=["train"]),
        loop("for-loop-4", dag("inner", task("score")), items=["a", "b"], parallelism=2, after=["train"]),
        loop("each", items=[1], after=["train"]),
        exit_handler(5, task("inside"), after=["train"]),
        exit_task("clean", 5, reads={"how": status("exit-handler-5")}),
        dag("nested", loop("for-loop-6", task("deep"), items="given"), reads={"given": scope("rows")}),
        parameters={"rows": ParameterType.LIST},
    )


def nodes(package: PipelinePackage) -> dict[str, GraphNode]:
    return {node.id: node for node in graph(package.spec).nodes}


def edges(package: PipelinePackage) -> list[tuple[str, str, EdgeKind]]:
    return [(edge.source_id, edge.target_id, edge.kind) for edge in graph(package.spec).edges]


def planned(plan: RunPlan) -> Iterator[tuple[str, TaskKind, str, bool, bool, frozenset[str]]]:
    """What the engine makes of a pipeline: (id, kind, condition, waits, is exit task, ids before it)."""
    queue = [("root", plan.root)]
    while queue:
        around, scope_ = queue.pop()
        for one in scope_.tasks:
            before = frozenset(f"{around}/{scope_.tasks[number].name}" for number in one.upstream)
            waits = one.waits_for.value == "end"
            yield f"{around}/{one.name}", one.kind, one.condition, waits, one.is_exit_task, before
            if isinstance(one.work, DagWork):
                queue.append((f"{around}/{one.name}", plan.dags[one.work.dag]))


def drawn(package: PipelinePackage) -> Iterator[tuple[str, TaskKind, str, bool, bool, frozenset[str]]]:
    found = graph(package.spec)
    for node in found.nodes[1:]:
        before = frozenset(edge.source_id for edge in found.edges if edge.target_id == node.id)
        yield node.id, node.kind, node.condition, node.waits_for_end, node.is_exit_task, before


def test_the_graph_is_what_the_engine_will_do() -> None:
    package = everything()

    assert sorted(drawn(package), key=lambda one: one[0]) == sorted(planned(plan_run(package)), key=lambda one: one[0])


def test_parents_come_before_what_is_inside_them() -> None:
    found = graph(everything().spec).nodes

    order = [node.id for node in found]
    assert [node.id for node in found if node.parent_id not in (*order[: order.index(node.id)], None)] == []


def test_an_output_that_is_read_is_a_data_edge_and_the_rest_is_order() -> None:
    (data, order) = [edge for edge in graph(everything().spec).edges if edge.target_id == "root/train"]

    assert (data.source_id, data.kind) == ("root/load", EdgeKind.DATA)
    assert data.ports == [PortLink(output="data", input="data", is_artifact=True)]
    assert (order.source_id, order.kind, order.ports) == ("root/old", EdgeKind.ORDER, [])


def test_an_exit_task_hangs_on_the_end_of_its_handler() -> None:
    assert [edge for edge in edges(everything()) if edge[1] == "root/clean"] == [
        ("root/exit-handler-5", "root/clean", EdgeKind.FINAL_STATUS)
    ]


def test_a_loop_says_what_it_goes_over() -> None:
    found = nodes(everything())

    assert found["root/for-loop-4"].loop == GraphLoop(
        source=LoopSource.ITEMS, over='["a","b"]', item="item", count=2, parallelism=2
    )
    assert found["root/nested/for-loop-6"].loop == GraphLoop(
        source=LoopSource.PARAMETER, over="given", item="item", count=None, parallelism=0
    )


def test_a_loop_over_one_container_has_that_container_inside() -> None:
    found = nodes(everything())

    assert (found["root/each"].kind, found["root/each/each"].kind) == (TaskKind.LOOP, TaskKind.RUNTIME)
    assert found["root/each/each"].loop is None


@pytest.mark.parametrize(
    ("condition", "reads", "label"),
    [
        ("inputs.parameter_values['pipelinechannel--flip-Output'] == 'heads'", out("flip"), "flip.Output == 'heads'"),
        ("inputs.parameter_values['pipelinechannel--rows'] > 3", scope("pipelinechannel--rows"), "rows > 3"),
        ("inputs.parameters['x'].string_value == 'a'", out("flip"), "x == 'a'"),
        ("1 == 1", out("flip"), "1 == 1"),
        ("", out("flip"), ""),
    ],
)
def test_a_condition_is_told_by_where_its_inputs_come_from(condition: str, reads: Any, label: str) -> None:
    name = condition.partition("['")[2].partition("']")[0] or "other"
    reads_name = name if name.startswith("pipelinechannel") else "other"
    package = pipeline(
        task("flip", makes=["Output"]), dag("d", task("a"), condition=condition, reads={reads_name: reads})
    )

    assert nodes(package)["root/d"].condition_label == label


def test_a_nest_that_stands_for_too_much_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structures, "MAX_NODES", 5)

    found = graph(everything().spec)

    assert (len(found.nodes), found.truncated) == (1, True)


def test_components_placed_in_each_other_again_and_again_end() -> None:
    package = pipeline(dag("level", task("a"), task("b")))
    components = dict(package.spec.components)
    (name,) = [key for key, one in components.items() if one.dag is not None]
    around = components[name]
    for level in range(30):
        # Each level holds the one before it twice: a thousand million tasks in all.
        components[f"{name}-{level}"] = around
        placed = PipelineTaskSpec(component_ref=ComponentRef(name=f"{name}-{level}"))
        around = ComponentSpec(dag=DagSpec(tasks={"x": placed, "y": placed}))
    components[name] = around

    found = graph(msgspec.structs.replace(package.spec, components=components))

    assert found.truncated
    assert len(found.nodes) <= structures.MAX_NODES


def test_a_task_is_an_instance_of_the_node_without_its_iterations() -> None:
    keys = [
        ("root", None, "root"),
        ("root/loop", "root", "loop"),
        ("root/loop[3]/odd[1]", "root/loop", "odd[1]"),
        ("root/loop[3]/odd[1][0]/x", "root/loop[3]/odd[1]", "x"),
    ]

    assert node_ids(keys) == {
        "root": "root",
        "root/loop": "root/loop",
        "root/loop[3]/odd[1]": "root/loop/odd[1]",
        "root/loop[3]/odd[1][0]/x": "root/loop/odd[1]/x",
    }


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        (InputParameterSpec(parameter_type=ParameterType.STRING), (False, False, None)),
        (InputParameterSpec(parameter_type=ParameterType.STRING, is_optional=True), (True, False, None)),
        (InputParameterSpec(parameter_type=ParameterType.STRING, default_value=""), (True, True, "")),
        (InputParameterSpec(parameter_type=ParameterType.STRUCT, default_value=None), (True, True, None)),
    ],
)
def test_no_default_differs_from_an_empty_one(declared: InputParameterSpec, told: tuple[bool, bool, Any]) -> None:
    found = input_parameter("x", declared)

    assert (found.is_optional, found.has_default, found.default) == told


def test_a_structure_names_the_functions_and_images_of_its_components() -> None:
    container = ContainerSpec(image="python:3.11", command=("sh",))
    package = pipeline(task("train", container=container), importer("old", "/x"))

    def function_of(given: ContainerSpec) -> str:
        return "train" if given == container else ""

    found = {one.name: one for one in structure(package, function_of).components}

    train = next(one for one in found.values() if not one.is_importer)
    old = next(one for one in found.values() if one.is_importer)
    assert (train.image, train.function) == ("python:3.11", "train")
    assert (old.image, old.function, [one.type for one in old.signature.output_artifacts]) == (
        "",
        "",
        ["system.Dataset"],
    )
