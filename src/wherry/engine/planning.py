"""PipelineSpec -> RunPlan, in time linear in the spec. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from wherry.engine.plan import (
    ROOT_DAG,
    ArtifactPort,
    ArtifactSource,
    Constant,
    ContainerWork,
    DagPlan,
    DagWork,
    FinalStatus,
    FromScope,
    FromTask,
    ImporterWork,
    InputsPlan,
    ItemsOfArtifact,
    ItemsOfParameter,
    Loop,
    NotGiven,
    ParameterInput,
    ParameterSource,
    RawItems,
    RunPlan,
    Selector,
    TaskPlan,
    WaitsFor,
    Work,
)
from wherry.engine.retry import retry_plan
from wherry.engine.task_config import task_config_input
from wherry.errors import SpecError
from wherry.ir.spec import (
    CachingOptions,
    ComponentSpec,
    DagOutputParameterSpec,
    Json,
    ParameterSelectorSpec,
    PipelinePackage,
    PipelineSpec,
    PipelineTaskSpec,
    TaskInputArtifactSpec,
    TaskInputParameterSpec,
    TriggerStrategy,
)
from wherry.model.runs import TaskKind

_EXIT_HANDLER = re.compile(r"exit-handler-\d+")
_CONDITION_BRANCHES = re.compile(r"condition-branches-\d+")
_HAS_PLACEHOLDER = "{{$"


def plan_run(package: PipelinePackage) -> RunPlan:
    """Plan the runs of a package.

    Raises:
        SpecError: with the path of a reference that leads nowhere, of tasks or components that wait for each other,
            or of a part that no engine of ours runs.
    """
    spec = package.spec
    planner = _Planner(spec, _timeouts(package))
    return msgspec.structs.replace(planner.plan(), has_workspace=_has_workspace(package))


class _Planner:
    """Walks from the root to every component that is used, each once."""

    def __init__(self, spec: PipelineSpec, timeouts: Mapping[str, float]) -> None:
        self._spec = spec
        self._timeouts = timeouts
        self._dags: dict[str, DagPlan] = {}
        self._bodies: set[str] = set()

    def plan(self) -> RunPlan:
        queue = [ROOT_DAG]
        uses: dict[str, list[str]] = {}
        while queue:
            name = queue.pop()
            if name in uses:
                continue
            self._dags[name] = dag = self._dag(name)
            inner = {task.work.dag for task in dag.tasks if isinstance(task.work, DagWork)}
            uses[name] = sorted(inner - self._bodies)
            queue += uses[name]
        _refuse_cycle(uses, "components")
        definitions = self._spec.root.input_definitions
        return RunPlan(
            pipeline=self._spec.pipeline_info.name,
            dags=self._dags,
            input_parameters=definitions.parameters if definitions else {},
        )

    def _dag(self, component: str) -> DagPlan:
        spec = self._spec.components[component] if component else self._spec.root
        path = f"components['{component}'].dag" if component else "root.dag"
        if spec.dag is None:
            raise SpecError("is missing", path=path, hint="A pipeline's root is a DAG.")
        names = sorted(spec.dag.tasks)
        numbers = {name: number for number, name in enumerate(names)}
        upstream = {name: _upstream(spec.dag.tasks[name], numbers, f"{path}.tasks['{name}']") for name in names}
        downstream: list[list[int]] = [[] for _ in names]
        for number, name in enumerate(names):
            for before in upstream[name]:
                downstream[before].append(number)
        _refuse_cycle({name: [names[before] for before in upstream[name]] for name in names}, f"{path}.tasks")
        handlers = {numbers[name] for name in names if self._kind(name, spec.dag.tasks[name]) is TaskKind.EXIT_HANDLER}
        tasks = tuple(
            self._task(
                spec.dag.tasks[name],
                name=name,
                numbers=numbers,
                upstream=upstream[name],
                downstream=tuple(downstream[number]),
                handlers=handlers,
                path=f"{path}.tasks['{name}']",
            )
            for number, name in enumerate(names)
        )
        outputs = spec.dag.outputs
        return DagPlan(
            name=component,
            tasks=tasks,
            parameters={
                name: tuple(
                    _selector(chosen, numbers, f"{path}.outputs.parameters['{name}']") for chosen in _chosen(source)
                )
                for name, source in (outputs.parameters.items() if outputs else ())
            },
            artifacts={
                name: tuple(
                    Selector(
                        _number(numbers, one.producer_subtask, f"{path}.outputs.artifacts['{name}']"),
                        one.output_artifact_key,
                    )
                    for one in source.artifact_selectors
                )
                for name, source in (outputs.artifacts.items() if outputs else ())
            },
        )

    def _component(self, task: PipelineTaskSpec, path: str) -> ComponentSpec:
        found = self._spec.components.get(task.component_ref.name)
        if found is None:
            raise SpecError(f"there is no component '{task.component_ref.name}'", path=f"{path}.componentRef.name")
        return found

    def _kind(self, name: str, task: PipelineTaskSpec) -> TaskKind:
        component = self._spec.components.get(task.component_ref.name)
        if task.parameter_iterator or task.artifact_iterator:
            return TaskKind.LOOP
        if component is None or component.dag is None:
            return TaskKind.RUNTIME
        if _EXIT_HANDLER.fullmatch(name):
            return TaskKind.EXIT_HANDLER
        if _CONDITION_BRANCHES.fullmatch(name):
            return TaskKind.CONDITION_BRANCH
        return TaskKind.CONDITION if task.trigger_policy and task.trigger_policy.condition else TaskKind.DAG

    def _task(
        self,
        task: PipelineTaskSpec,
        *,
        name: str,
        numbers: Mapping[str, int],
        upstream: tuple[int, ...],
        downstream: tuple[int, ...],
        handlers: set[int],
        path: str,
    ) -> TaskPlan:
        component = self._component(task, path)
        policy = task.trigger_policy
        ends = bool(policy and policy.strategy is TriggerStrategy.ALL_UPSTREAM_TASKS_COMPLETED)
        work = self._work(task.component_ref.name, component)
        kind = self._kind(name, task)
        loop = _loop(task, path)
        planned = TaskPlan(
            index=numbers[name],
            name=name,
            display_name=(task.task_info.name if task.task_info else "") or name,
            component=task.component_ref.name,
            kind=TaskKind.IMPORTER if isinstance(work, ImporterWork) and kind is TaskKind.RUNTIME else kind,
            work=work,
            upstream=upstream,
            downstream=downstream,
            waits_for=WaitsFor.END if ends else WaitsFor.OUTPUTS,
            is_exit_task=ends and any(before in handlers for before in upstream),
            condition=policy.condition if policy else "",
            loop=loop,
            retry=retry_plan(task.retry_policy, path=f"{path}.retryPolicy") if task.retry_policy else None,
            caching=task.caching_options or CachingOptions(),
            output_parameters=component.output_definitions.parameters if component.output_definitions else {},
            output_artifacts=component.output_definitions.artifacts if component.output_definitions else {},
            inputs=_inputs(task, component, numbers, path),
        )
        if loop is not None and not isinstance(work, DagWork):
            return self._loop_over_executor(planned, component, path)
        return planned

    def _work(self, name: str, component: ComponentSpec) -> Work:
        if component.dag is not None:
            return DagWork(dag=name)
        label = component.executor_label
        executor = self._spec.deployment_spec.executors.get(label or "")
        if label is None or executor is None:
            raise SpecError(f"there is no executor '{label}'", path="deploymentSpec.executors")
        if executor.container is not None:
            return ContainerWork(
                label=label,
                spec=executor.container,
                timeout_seconds=self._timeouts.get(label),
                task_config=task_config_input(component),
            )
        if executor.importer is not None:
            return ImporterWork(spec=executor.importer)
        raise SpecError("is neither a container nor an importer", path=f"deploymentSpec.executors['{label}']")

    def _loop_over_executor(self, loop: TaskPlan, component: ComponentSpec, path: str) -> TaskPlan:
        """A loop whose body is one container: wrap the container in a DAG of one task, so that loops have one form."""
        name = f"loop:{path}"
        self._bodies.add(name)
        declared = component.input_definitions
        body = TaskPlan(
            index=0,
            name=loop.name,
            display_name=loop.display_name,
            component=loop.component,
            kind=TaskKind.IMPORTER if isinstance(loop.work, ImporterWork) else TaskKind.RUNTIME,
            work=loop.work,
            inputs=InputsPlan(
                parameters=tuple(
                    ParameterInput(name=port, source=FromScope(port), declared=one)
                    for port, one in sorted(declared.parameters.items() if declared else ())
                ),
                artifacts=tuple(
                    ArtifactPort(name=port, source=FromScope(port), declared=one)
                    for port, one in sorted(declared.artifacts.items() if declared else ())
                ),
            ),
            output_parameters=loop.output_parameters,
            output_artifacts=loop.output_artifacts,
            retry=loop.retry,
            caching=loop.caching,
        )
        self._dags[name] = DagPlan(
            name=name,
            tasks=(body,),
            parameters={port: (Selector(0, port),) for port in loop.output_parameters},
            artifacts={port: (Selector(0, port),) for port in loop.output_artifacts},
        )
        return msgspec.structs.replace(loop, work=DagWork(dag=name), retry=None)


def _has_workspace(package: PipelinePackage) -> bool:
    platform = package.platform.platforms.get("kubernetes") if package.platform else None
    config = platform.pipeline_config if platform is not None else None
    return config is not None and config.workspace is not None


def _timeouts(package: PipelinePackage) -> dict[str, float]:
    """``active_deadline_seconds`` of each executor in the kubernetes platform."""
    platform = package.platform.platforms.get("kubernetes") if package.platform else None
    if platform is None or platform.deployment_spec is None:
        return {}
    found = {}
    for label, config in platform.deployment_spec.executors.items():
        seconds = config.get("activeDeadlineSeconds")
        if seconds:
            found[label] = float(seconds)
    return found


# -- references -------------------------------------------------------------------------------------------------------


def _number(numbers: Mapping[str, int], name: str, path: str) -> int:
    found = numbers.get(name)
    if found is None:
        raise SpecError(f"there is no task '{name}' in this DAG", path=path)
    return found


def _upstream(task: PipelineTaskSpec, numbers: Mapping[str, int], path: str) -> tuple[int, ...]:
    """``dependentTasks``, and the tasks whose outputs or final status are inputs, each once, in order."""
    found = {_number(numbers, name, f"{path}.dependentTasks") for name in task.dependent_tasks}
    if task.inputs is not None:
        for name, parameter in task.inputs.parameters.items():
            where = f"{path}.inputs.parameters['{name}']"
            if parameter.task_output_parameter is not None:
                found.add(_number(numbers, parameter.task_output_parameter.producer_task, where))
            if parameter.task_final_status is not None:
                found.add(_number(numbers, parameter.task_final_status.producer_task, where))
        for name, artifact in task.inputs.artifacts.items():
            if artifact.task_output_artifact is not None:
                where = f"{path}.inputs.artifacts['{name}']"
                found.add(_number(numbers, artifact.task_output_artifact.producer_task, where))
    return tuple(sorted(found))


def _inputs(task: PipelineTaskSpec, component: ComponentSpec, numbers: Mapping[str, int], path: str) -> InputsPlan:
    declared = component.input_definitions
    parameters = declared.parameters if declared else {}
    artifacts = declared.artifacts if declared else {}
    given = task.inputs.parameters if task.inputs else {}
    given_artifacts = task.inputs.artifacts if task.inputs else {}
    own_items = {task.parameter_iterator.item_input} if task.parameter_iterator else set()
    return InputsPlan(
        parameters=tuple(
            ParameterInput(
                name=name,
                source=_parameter_source(one, numbers, f"{path}.inputs.parameters['{name}']"),
                selector=one.parameter_expression_selector,
                declared=parameters.get(name),
            )
            for name, one in sorted(given.items())
        ),
        artifacts=tuple(
            ArtifactPort(
                name=name,
                source=_artifact_source(one, numbers, f"{path}.inputs.artifacts['{name}']"),
                declared=artifacts.get(name),
            )
            for name, one in sorted(given_artifacts.items())
        ),
        not_given=tuple(
            NotGiven(name=name, declared=one)
            for name, one in sorted(parameters.items())
            if name not in given and name not in own_items
        ),
    )


def _parameter_source(one: TaskInputParameterSpec, numbers: Mapping[str, int], path: str) -> ParameterSource:
    if one.task_output_parameter is not None:
        reference = one.task_output_parameter
        return FromTask(_number(numbers, reference.producer_task, path), reference.output_parameter_key)
    if one.component_input_parameter is not None:
        return FromScope(one.component_input_parameter)
    if one.task_final_status is not None:
        return FinalStatus(_number(numbers, one.task_final_status.producer_task, path))
    if one.runtime_value is not None:
        if one.runtime_value.runtime_parameter is not None:
            return FromScope(one.runtime_value.runtime_parameter)
        if one.runtime_value.constant is not msgspec.UNSET:
            value = one.runtime_value.constant
            return Constant(value, has_placeholders=_mentions_placeholder(value))
    raise SpecError("has no source", path=path)


def _artifact_source(one: TaskInputArtifactSpec, numbers: Mapping[str, int], path: str) -> ArtifactSource:
    if one.task_output_artifact is not None:
        reference = one.task_output_artifact
        return FromTask(_number(numbers, reference.producer_task, path), reference.output_artifact_key)
    if one.component_input_artifact is not None:
        return FromScope(one.component_input_artifact)
    raise SpecError("has no source", path=path)


def _mentions_placeholder(value: Json) -> bool:
    match value:
        case str():
            return _HAS_PLACEHOLDER in value
        case list():
            return any(_mentions_placeholder(item) for item in value)
        case dict():
            return any(_mentions_placeholder(key) or _mentions_placeholder(item) for key, item in value.items())
        case _:
            return False


def _chosen(source: DagOutputParameterSpec) -> tuple[ParameterSelectorSpec, ...]:
    if source.value_from_parameter is not None:
        return (source.value_from_parameter,)
    return source.value_from_oneof.parameter_selectors if source.value_from_oneof is not None else ()


def _selector(chosen: ParameterSelectorSpec, numbers: Mapping[str, int], path: str) -> Selector:
    return Selector(_number(numbers, chosen.producer_subtask, path), chosen.output_parameter_key)


def _loop(task: PipelineTaskSpec, path: str) -> Loop | None:
    limit = task.iterator_policy.parallelism_limit if task.iterator_policy else 0
    if task.parameter_iterator is not None and task.artifact_iterator is not None:
        raise SpecError("iterates over parameters and over artifacts at once", path=path)
    if task.parameter_iterator is not None:
        items = task.parameter_iterator.items
        if items.raw is not None:
            over: RawItems | ItemsOfParameter = RawItems(items.raw)
        elif items.input_parameter is not None:
            over = ItemsOfParameter(items.input_parameter)
        else:
            raise SpecError("says nothing to iterate over", path=f"{path}.parameterIterator.items")
        return Loop(items=over, item_input=task.parameter_iterator.item_input, parallelism=limit)
    if task.artifact_iterator is not None:
        return Loop(
            items=ItemsOfArtifact(task.artifact_iterator.items.input_artifact),
            item_input=task.artifact_iterator.item_input,
            parallelism=limit,
        )
    return None


def _refuse_cycle(upstream: Mapping[str, Sequence[str]], path: str) -> None:
    """Raise if some of the names wait for each other. Linear; not recursive."""
    left = {name: len(before) for name, before in upstream.items()}
    downstream: dict[str, list[str]] = {name: [] for name in upstream}
    for name, before in upstream.items():
        for one in before:
            downstream[one].append(name)
    ready = [name for name, count in left.items() if count == 0]
    done = 0
    while ready:
        done += 1
        for name in downstream[ready.pop()]:
            left[name] -= 1
            if left[name] == 0:
                ready.append(name)
    if done < len(upstream):
        stuck = sorted(name or "root" for name, count in left.items() if count)
        shown = ", ".join(f"'{name}'" for name in stuck[:5])
        raise SpecError(f"{shown} wait for each other", path=path, hint="A pipeline has no cycles.")
