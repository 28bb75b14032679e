"""Pass 8, ``task_spec``, ``group_task_spec`` and ``exit_task_spec``: tasks of a DAG and where their inputs come from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from wherry.compiler.conditions import condition_text
from wherry.compiler.scopes import Scopes
from wherry.dsl.graph import (
    Branches,
    Condition,
    ExitScope,
    Group,
    Literal,
    Loop,
    LoopItem,
    LoopItemKey,
    PipelineInput,
    Root,
    Source,
    Task,
)
from wherry.dsl.names import injected_input, kubernetes_name
from wherry.dsl.value_types import ArtifactType, Kind, ParameterType
from wherry.errors import PipelineTopologyError
from wherry.ir.spec import (
    ArtifactItemsSpec,
    ArtifactIteratorSpec,
    CachingOptions,
    ComponentRef,
    IteratorPolicy,
    ParameterItemsSpec,
    ParameterIteratorSpec,
    PipelineTaskInfo,
    PipelineTaskSpec,
    RetryPolicy,
    TaskFinalStatusSpec,
    TaskInputArtifactSpec,
    TaskInputParameterSpec,
    TaskInputsSpec,
    TaskOutputArtifactSpec,
    TaskOutputParameterSpec,
    TriggerPolicy,
    TriggerStrategy,
    ValueOrRuntimeParameter,
)


@dataclass(frozen=True)
class Place:
    """The DAG in which a task stands."""

    dag: str
    scopes: Scopes
    component: str
    """Key of the task's component in the spec."""
    waits_for: tuple[str, ...] = ()

    @property
    def is_root(self) -> bool:
        """Whether it is the pipeline's own DAG, where inputs have the author's names."""
        return isinstance(self.scopes.groups[self.dag].kind, Root)

    def makes(self, source: Source) -> bool:
        """Whether the task or group that makes ``source`` stands in this DAG."""
        return source.producer is not None and self.scopes.path(source.producer)[-2:-1] == (self.dag,)

    def incoming(self, source: Source) -> str:
        """Name of this DAG's input that holds ``source``."""
        if self.is_root and isinstance(source, PipelineInput):
            return source.full_name
        return injected_input(source.full_name)


class _Inputs:
    """Inputs of one task, while they are put together."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._parameters: dict[str, TaskInputParameterSpec] = {}
        self._artifacts: dict[str, TaskInputArtifactSpec] = {}

    def take(self, name: str, source: Source) -> None:
        """Input ``name`` comes from ``source``."""
        if isinstance(source.type, ArtifactType):
            self._artifacts[name] = self._artifact(source)
        else:
            self._parameters[name] = self._parameter(source)

    def set(self, name: str, literal: Literal) -> None:
        """Input ``name`` is a constant; each value that it mentions comes in by an input of its own."""
        value = literal.value
        for pattern, source in literal.references.items():
            injected = injected_input(source.full_name)
            self.take(injected, source)
            value = _replaced(value, pattern, f"{{{{$.inputs.parameters['{injected}']}}}}")
        constant = ValueOrRuntimeParameter(constant=value)
        self._parameters[name] = TaskInputParameterSpec(runtime_value=constant)

    def take_final_status(self, name: str, producer: str) -> None:
        """Input ``name`` tells how ``producer`` ended."""
        self._parameters[name] = TaskInputParameterSpec(task_final_status=TaskFinalStatusSpec(producer_task=producer))

    def done(self) -> TaskInputsSpec | None:
        """All inputs; None if there are none."""
        if not self._parameters and not self._artifacts:
            return None
        return TaskInputsSpec(parameters=self._parameters, artifacts=self._artifacts)

    def _artifact(self, source: Source) -> TaskInputArtifactSpec:
        if not isinstance(source, LoopItem) and self._place.makes(source):
            return TaskInputArtifactSpec(
                task_output_artifact=TaskOutputArtifactSpec(
                    producer_task=str(source.producer), output_artifact_key=source.name
                )
            )
        return TaskInputArtifactSpec(component_input_artifact=self._place.incoming(source))

    def _parameter(self, source: Source) -> TaskInputParameterSpec:
        match source:
            case LoopItemKey(item, key):
                return TaskInputParameterSpec(
                    component_input_parameter=self._place.incoming(item),
                    parameter_expression_selector=f'parseJson(string_value)["{key}"]',
                )
            case LoopItem():
                return TaskInputParameterSpec(component_input_parameter=self._place.incoming(source))
            case _ if self._place.makes(source):
                return TaskInputParameterSpec(
                    task_output_parameter=TaskOutputParameterSpec(
                        producer_task=str(source.producer), output_parameter_key=source.name
                    )
                )
            case _:
                return TaskInputParameterSpec(component_input_parameter=self._place.incoming(source))


def task_spec(task: Task, place: Place) -> PipelineTaskSpec:
    """A task in its DAG.

    Raises:
        PipelineTopologyError: It asks for a PipelineTaskFinalStatus, and does not wait for exactly one neighbour.
    """
    inputs = _argument_inputs(task, place)
    trigger = None
    if task.settings.ignore_upstream_failure:
        trigger = TriggerPolicy(strategy=TriggerStrategy.ALL_UPSTREAM_TASKS_COMPLETED)
        for name in final_status_inputs(task):
            if len(place.waits_for) != 1:
                raise PipelineTopologyError(
                    f"Task '{task.name}' takes a PipelineTaskFinalStatus and waits for {len(place.waits_for)} tasks of its "
                    "own scope; expected exactly one.",
                    hint="Wait for one task by after(), or use dsl.ExitHandler.",
                )
            inputs.take_final_status(name, place.waits_for[0])
    return _with_settings(task, place, inputs, place.waits_for, trigger)


def exit_task_spec(task: Task, scope: str, place: Place) -> PipelineTaskSpec:
    """The exit task of a scope; it stands in the pipeline's own DAG."""
    inputs = _argument_inputs(task, place)
    for name in final_status_inputs(task):
        inputs.take_final_status(name, scope)
    trigger = TriggerPolicy(strategy=TriggerStrategy.ALL_UPSTREAM_TASKS_COMPLETED)
    return _with_settings(task, place, inputs, (scope,), trigger)


def group_task_spec(group: Group, sources: Iterable[Source], place: Place) -> PipelineTaskSpec:
    """A group as a task of the DAG around it."""
    inputs = _Inputs(place)
    for source in sources:
        inputs.take(injected_input(source.full_name), source)
    spec: dict[str, Any] = {}
    match group.kind:
        case Condition(comparisons):
            spec["trigger_policy"] = TriggerPolicy(condition=condition_text(comparisons))
        case Loop(item, raw, parallelism):
            spec |= _iterator(item, raw)
            if parallelism:
                spec["iterator_policy"] = IteratorPolicy(parallelism_limit=parallelism)
        case Root() | Branches() | ExitScope():
            pass
    return PipelineTaskSpec(
        component_ref=ComponentRef(name=place.component),
        task_info=PipelineTaskInfo(name=group.display_name or group.name),
        inputs=inputs.done(),
        dependent_tasks=place.waits_for,
        **spec,
    )


def final_status_inputs(task: Task) -> list[str]:
    """Names of its inputs that take a PipelineTaskFinalStatus."""
    return [
        name
        for name, spec in task.component.interface.inputs.items()
        if isinstance(spec.type, ParameterType) and spec.type.kind is Kind.TASK_FINAL_STATUS
    ]


def _iterator(item: LoopItem, raw: Any) -> dict[str, Any]:
    item_input = injected_input(item.full_name)
    if item.items is None:
        items = ParameterItemsSpec(raw=json.dumps(raw, sort_keys=True))
        return {"parameter_iterator": ParameterIteratorSpec(items=items, item_input=item_input)}
    source = injected_input(item.items.full_name)
    if isinstance(item.type, ArtifactType):
        artifacts = ArtifactItemsSpec(input_artifact=source)
        return {"artifact_iterator": ArtifactIteratorSpec(items=artifacts, item_input=item_input)}
    items = ParameterItemsSpec(input_parameter=source)
    return {"parameter_iterator": ParameterIteratorSpec(items=items, item_input=item_input)}


def _argument_inputs(task: Task, place: Place) -> _Inputs:
    inputs = _Inputs(place)
    for name, argument in task.arguments.items():
        if isinstance(argument, Literal):
            inputs.set(name, argument)
        else:
            inputs.take(name, argument)
    return inputs


def _with_settings(
    task: Task, place: Place, inputs: _Inputs, waits_for: tuple[str, ...], trigger: TriggerPolicy | None
) -> PipelineTaskSpec:
    settings = task.settings
    retry = settings.retry
    return PipelineTaskSpec(
        component_ref=ComponentRef(name=place.component),
        task_info=PipelineTaskInfo(name=settings.display_name or task.name),
        inputs=inputs.done(),
        dependent_tasks=tuple(kubernetes_name(name) for name in waits_for),
        caching_options=CachingOptions(enable_cache=settings.enable_caching, cache_key=settings.cache_key),
        trigger_policy=trigger,
        retry_policy=None
        if retry is None
        else RetryPolicy(
            max_retry_count=retry.max_retry_count,
            backoff_duration=f"{retry.backoff_duration}s",
            backoff_factor=retry.backoff_factor,
            backoff_max_duration=f"{retry.backoff_max_duration}s",
        ),
    )


def _replaced(value: Any, pattern: str, placeholder: str) -> Any:
    if isinstance(value, str):
        return value.replace(pattern, placeholder)
    if isinstance(value, list):
        return [_replaced(item, pattern, placeholder) for item in value]
    if isinstance(value, dict):
        return {key: _replaced(item, pattern, placeholder) for key, item in value.items()}
    return value
