"""The structure of a pipeline, from its specification alone. Pure."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import msgspec

from wherry.api.pages import graphs as api
from wherry.ir.spec import (
    ArtifactTypeSchema,
    ComponentInputsSpec,
    ComponentOutputsSpec,
    ComponentSpec,
    ContainerSpec,
    DagSpec,
    InputParameterSpec,
    OutputParameterSpec,
    PipelinePackage,
    PipelineSpec,
    PipelineTaskSpec,
    TriggerStrategy,
)
from wherry.model.runs import TaskKind

MAX_NODES: Final = 20_000
"""A nest of components can stand for more nodes than anybody can draw."""

ROOT_ID: Final = "root"

_ITEMS_SHOWN: Final = 500
_EXIT_HANDLER: Final = re.compile(r"exit-handler-\d+")
_CONDITION_BRANCHES: Final = re.compile(r"condition-branches-\d+")
_CONDITION_INPUT: Final = re.compile(
    r"inputs\.(?:parameter_values\['(?P<value>[^']*)'\]|parameters\['(?P<text>[^']*)'\]\.\w+)"
)

FunctionOf = Callable[[ContainerSpec], str]
"""Name of the Python function of a lightweight component; empty for any other container."""


class _Place(NamedTuple):
    """A component that is to be drawn, under a node."""

    node_id: str
    dag: DagSpec


def structure(package: PipelinePackage, function_of: FunctionOf) -> api.Structure:
    """What can be said of a pipeline before it runs.

    Args:
        package: a checked one.
        function_of: recognises lightweight components.
    """
    spec = package.spec
    return api.Structure(
        name=spec.pipeline_info.name,
        description=spec.pipeline_info.description,
        sdk_version=spec.sdk_version,
        graph=graph(spec),
        signature=signature(spec.root),
        components=[_component(spec, name, component, function_of) for name, component in spec.components.items()],
    )


def graph(spec: PipelineSpec) -> api.Graph:
    """Nodes and edges, at most `MAX_NODES`."""
    nodes = [_root(spec)]
    edges: list[api.GraphEdge] = []
    places = deque([_Place(ROOT_ID, spec.root.dag or DagSpec())])
    while places:
        place = places.popleft()
        if len(nodes) + len(place.dag.tasks) > MAX_NODES:
            return api.Graph(nodes=nodes, edges=edges, truncated=True)
        handlers = {name for name, task in place.dag.tasks.items() if _kind(spec, name, task) is TaskKind.EXIT_HANDLER}
        for name, task in place.dag.tasks.items():
            node = _node(spec, place.node_id, name, task, handlers)
            nodes.append(node)
            edges += _edges(place.node_id, name, task)
            component = spec.components.get(task.component_ref.name)
            if component is not None and component.dag is not None:
                places.append(_Place(node.id, component.dag))
            elif node.loop is not None:
                nodes.append(_body(node, spec, task))
    return api.Graph(nodes=nodes, edges=edges, truncated=False)


def node_ids(keys: Iterable[tuple[str, str | None, str]]) -> dict[str, str]:
    """Which node each task of a run is an instance of.

    Args:
        keys: (key, key of the task around it, name) of all tasks, parents before what is inside them.

    Returns:
        Node id by key: the key without the iterations.
    """
    found: dict[str, str] = {}
    for key, parent, name in keys:
        found[key] = ROOT_ID if parent is None else f"{found.get(parent, ROOT_ID)}/{name}"
    return found


# -- nodes ------------------------------------------------------------------------------------------------------------


def _root(spec: PipelineSpec) -> api.GraphNode:
    return api.GraphNode(
        id=ROOT_ID,
        parent_id=None,
        name=ROOT_ID,
        display_name=spec.pipeline_info.display_name or spec.pipeline_info.name,
        kind=TaskKind.ROOT,
        component="",
        condition="",
        condition_label="",
        loop=None,
        waits_for_end=False,
        is_exit_task=False,
    )


def _node(spec: PipelineSpec, parent: str, name: str, task: PipelineTaskSpec, handlers: set[str]) -> api.GraphNode:
    policy = task.trigger_policy
    ends = policy is not None and policy.strategy is TriggerStrategy.ALL_UPSTREAM_TASKS_COMPLETED
    condition = policy.condition if policy is not None else ""
    return api.GraphNode(
        id=f"{parent}/{name}",
        parent_id=parent,
        name=name,
        display_name=(task.task_info.name if task.task_info else "") or name,
        kind=_kind(spec, name, task),
        component=task.component_ref.name,
        condition=condition,
        condition_label=_condition_label(condition, task),
        loop=_loop(task),
        waits_for_end=ends,
        is_exit_task=ends and not handlers.isdisjoint(_before(task)),
    )


def _body(loop: api.GraphNode, spec: PipelineSpec, task: PipelineTaskSpec) -> api.GraphNode:
    """What a loop over a single container runs: a task of the loop's own name inside it."""
    return msgspec.structs.replace(
        loop,
        id=f"{loop.id}/{loop.name}",
        parent_id=loop.id,
        kind=_work_kind(spec, task),
        condition="",
        condition_label="",
        loop=None,
        waits_for_end=False,
        is_exit_task=False,
    )


def _kind(spec: PipelineSpec, name: str, task: PipelineTaskSpec) -> TaskKind:
    if task.parameter_iterator or task.artifact_iterator:
        return TaskKind.LOOP
    component = spec.components.get(task.component_ref.name)
    if component is None or component.dag is None:
        return _work_kind(spec, task)
    if _EXIT_HANDLER.fullmatch(name):
        return TaskKind.EXIT_HANDLER
    if _CONDITION_BRANCHES.fullmatch(name):
        return TaskKind.CONDITION_BRANCH
    return TaskKind.CONDITION if task.trigger_policy and task.trigger_policy.condition else TaskKind.DAG


def _work_kind(spec: PipelineSpec, task: PipelineTaskSpec) -> TaskKind:
    component = spec.components.get(task.component_ref.name)
    label = component.executor_label if component is not None else None
    executor = spec.deployment_spec.executors.get(label or "")
    return TaskKind.IMPORTER if executor is not None and executor.importer is not None else TaskKind.RUNTIME


def _loop(task: PipelineTaskSpec) -> api.GraphLoop | None:
    parallelism = task.iterator_policy.parallelism_limit if task.iterator_policy else 0
    if task.artifact_iterator is not None:
        return api.GraphLoop(
            source=api.LoopSource.ARTIFACTS,
            over=task.artifact_iterator.items.input_artifact,
            item=task.artifact_iterator.item_input,
            count=None,
            parallelism=parallelism,
        )
    if task.parameter_iterator is None:
        return None
    items = task.parameter_iterator.items
    return api.GraphLoop(
        source=api.LoopSource.PARAMETER if items.raw is None else api.LoopSource.ITEMS,
        over=(items.input_parameter or "") if items.raw is None else items.raw[:_ITEMS_SHOWN],
        item=task.parameter_iterator.item_input,
        count=_count(items.raw),
        parallelism=parallelism,
    )


def _count(raw: str | None) -> int | None:
    if raw is None:
        return None
    try:
        found = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return None
    return len(found) if isinstance(found, list) else None


def _condition_label(condition: str, task: PipelineTaskSpec) -> str:
    """The condition with inputs named by where they come from."""
    given = task.inputs.parameters if task.inputs else {}

    def named(match: re.Match[str]) -> str:
        name = match["value"] or match["text"] or ""
        source = given.get(name)
        if source is not None and source.task_output_parameter is not None:
            output = source.task_output_parameter
            return f"{output.producer_task}.{output.output_parameter_key}"
        if source is not None and source.component_input_parameter is not None:
            return source.component_input_parameter.removeprefix("pipelinechannel--")
        return name.removeprefix("pipelinechannel--")

    return _CONDITION_INPUT.sub(named, condition)


# -- edges ------------------------------------------------------------------------------------------------------------


def _before(task: PipelineTaskSpec) -> set[str]:
    """Names of the tasks before one, for whatever reason."""
    return {*task.dependent_tasks, *_data(task), *_statuses(task)}


def _data(task: PipelineTaskSpec) -> dict[str, list[api.PortLink]]:
    links: dict[str, list[api.PortLink]] = {}
    if task.inputs is None:
        return links
    for name, parameter in task.inputs.parameters.items():
        if (output := parameter.task_output_parameter) is not None:
            link = api.PortLink(output=output.output_parameter_key, input=name, is_artifact=False)
            links.setdefault(output.producer_task, []).append(link)
    for name, artifact in task.inputs.artifacts.items():
        if (made := artifact.task_output_artifact) is not None:
            link = api.PortLink(output=made.output_artifact_key, input=name, is_artifact=True)
            links.setdefault(made.producer_task, []).append(link)
    return links


def _statuses(task: PipelineTaskSpec) -> set[str]:
    given = task.inputs.parameters.values() if task.inputs else ()
    return {one.task_final_status.producer_task for one in given if one.task_final_status is not None}


def _edges(parent: str, name: str, task: PipelineTaskSpec) -> list[api.GraphEdge]:
    data, statuses = _data(task), _statuses(task)
    kinds = [
        *((source, api.EdgeKind.DATA, ports) for source, ports in data.items()),
        *((source, api.EdgeKind.FINAL_STATUS, []) for source in sorted(statuses)),
        # KFP lists a producer among the dependencies too: that is no further arrow.
        *(
            (source, api.EdgeKind.ORDER, [])
            for source in dict.fromkeys(task.dependent_tasks)
            if source not in data and source not in statuses
        ),
    ]
    return [
        api.GraphEdge(source_id=f"{parent}/{source}", target_id=f"{parent}/{name}", kind=kind, ports=ports)
        for source, kind, ports in kinds
    ]


# -- interfaces -------------------------------------------------------------------------------------------------------


def signature(component: ComponentSpec) -> api.Signature:
    """What a component, or the root, takes and gives."""
    inputs = component.input_definitions or ComponentInputsSpec()
    outputs = component.output_definitions or ComponentOutputsSpec()
    return api.Signature(
        input_parameters=[input_parameter(name, one) for name, one in sorted(inputs.parameters.items())],
        input_artifacts=[
            api.ArtifactSignature(
                name=name,
                type=schema_title(one.artifact_type),
                is_list=one.is_artifact_list,
                is_optional=one.is_optional,
                description=one.description,
            )
            for name, one in sorted(inputs.artifacts.items())
        ],
        output_parameters=[_output_parameter(name, one) for name, one in sorted(outputs.parameters.items())],
        output_artifacts=[
            api.ArtifactSignature(
                name=name,
                type=schema_title(one.artifact_type),
                is_list=one.is_artifact_list,
                is_optional=False,
                description=one.description,
            )
            for name, one in sorted(outputs.artifacts.items())
        ],
    )


def input_parameter(name: str, declared: InputParameterSpec) -> api.ParameterSignature:
    """A declared input parameter."""
    has_default = declared.default_value is not msgspec.UNSET
    return api.ParameterSignature(
        name=name,
        type=declared.parameter_type,
        description=declared.description,
        is_optional=declared.is_optional or has_default,
        has_default=has_default,
        default=declared.default_value if has_default else None,
        literals=list(declared.literals),
    )


def schema_title(kind: ArtifactTypeSchema | None) -> str:
    """``system.Dataset``; ``system.Artifact`` where nothing is said."""
    return (kind.schema_title if kind else None) or "system.Artifact"


def _output_parameter(name: str, declared: OutputParameterSpec) -> api.ParameterSignature:
    return api.ParameterSignature(
        name=name,
        type=declared.parameter_type,
        description=declared.description,
        is_optional=False,
        has_default=False,
        default=None,
        literals=[],
    )


def _component(
    spec: PipelineSpec, name: str, component: ComponentSpec, function_of: FunctionOf
) -> api.ComponentDescription:
    executor = spec.deployment_spec.executors.get(component.executor_label or "")
    container = executor.container if executor is not None else None
    return api.ComponentDescription(
        name=name,
        signature=signature(component),
        image=container.image if container is not None else "",
        is_importer=executor is not None and executor.importer is not None,
        function=function_of(container) if container is not None else "",
    )
