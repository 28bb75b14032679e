"""The rules of one DAG: its tasks, how they are connected, and what leaves it. Pure; see `wherry.ir.validate`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import UNSET

from wherry.ir.cycles import find_cycle
from wherry.ir.expression import ExpressionError, compile_expression
from wherry.ir.findings import Findings, nearest
from wherry.ir.spec import (
    ArtifactIteratorSpec,
    ArtifactTypeSchema,
    ComponentInputsSpec,
    ComponentOutputsSpec,
    ComponentSpec,
    DagOutputsSpec,
    DagSpec,
    ParameterIteratorSpec,
    ParameterType,
    PipelineTaskSpec,
    RetryPolicy,
    TaskInputArtifactSpec,
    TaskInputParameterSpec,
    TaskInputsSpec,
    TriggerStrategy,
    ValueOrRuntimeParameter,
)

Place = tuple[str | int, ...]

ANY_ARTIFACT: Final = "system.Artifact"
SETTING_INPUTS: Final = frozenset({
    "base_image", "cpu_limit", "cpu_request", "memory_limit", "memory_request",
    "accelerator_type", "accelerator_limit", "accelerator_count",
})  # fmt: skip
"""Inputs that kfp gives to a task for a setting whose value is only known in the run. Components do not declare them."""
CHANNEL_PREFIX: Final = "pipelinechannel--"
"""Starts the names of inputs that kfp adds for values used inside a text. Components need not declare them."""

_DURATION = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?s")
_NO_INPUTS: Final = TaskInputsSpec()
_NOTHING_DECLARED: Final = ComponentInputsSpec()
_NO_OUTPUTS: Final = ComponentOutputsSpec()
_NO_DAG_OUTPUTS: Final = DagOutputsSpec()

_NUMBER = frozenset({ParameterType.NUMBER_DOUBLE, ParameterType.NUMBER_INTEGER})
_STRUCT = frozenset({ParameterType.STRUCT, ParameterType.TASK_FINAL_STATUS, ParameterType.TASK_CONFIG})
_TAKES_ANYTHING = frozenset({ParameterType.STRING, ParameterType.PARAMETER_TYPE_ENUM_UNSPECIFIED})


class DagRules:
    """Checks one DAG against the components it uses."""

    def __init__(
        self,
        place: Place,
        component: ComponentSpec,
        dag: DagSpec,
        components: Mapping[str, ComponentSpec],
        findings: Findings,
    ) -> None:
        self._place: Place = place
        self._inputs = component.input_definitions or _NOTHING_DECLARED
        self._outputs = component.output_definitions or _NO_OUTPUTS
        self._dag = dag
        self._components = components
        self._add = findings.add

    def check(self) -> None:
        """Add a finding for every rule that is broken."""
        edges: dict[str, dict[str, None]] = {}
        if not self._dag.tasks:
            self._add((*self._place, "dag"), "the DAG has no tasks")
        for name, task in self._dag.tasks.items():
            self._check_task(name, task)
            edges[name] = dict.fromkeys(upstream_of(task))
        cycle = find_cycle(edges)
        if cycle:
            # An edge points upstream; people read downstream.
            self._add(
                (*self._place, "dag", "tasks", cycle[0]),
                f"the tasks wait for each other in a cycle: {' -> '.join(reversed(cycle))}",
                hint="Remove one of these dependencies.",
            )
        self._check_outputs()

    # -- tasks --------------------------------------------------------------------------------------------------------

    def _at(self, task: str, *more: str | int) -> Place:
        return (*self._place, "dag", "tasks", task, *more)

    def _check_task(self, name: str, task: PipelineTaskSpec) -> None:
        component = self._components.get(task.component_ref.name)
        if component is None:
            self._add(
                self._at(name, "componentRef"),
                f"component '{task.component_ref.name}' does not exist",
                hint=nearest(task.component_ref.name, self._components, what="components"),
            )
        for upstream in task.dependent_tasks:
            if upstream not in self._dag.tasks:
                self._add(
                    self._at(name, "dependentTasks"), f"task '{upstream}' does not exist", hint=self._near(upstream)
                )
        inputs = task.inputs or _NO_INPUTS
        declared = component.input_definitions or _NOTHING_DECLARED if component else None
        for key, source in inputs.parameters.items():
            self._check_parameter(name, task, key, source, declared)
        for key, artifact in inputs.artifacts.items():
            self._check_artifact(name, key, artifact, declared)
        if component is not None:
            self._check_given(name, task, component)
        self._check_iterators(name, task, declared)
        if task.retry_policy is not None:
            self._check_retry(name, task.retry_policy)
        if task.trigger_policy is not None and task.trigger_policy.condition:
            self._check_expression(self._at(name, "triggerPolicy", "condition"), task.trigger_policy.condition)
        if task.iterator_policy is not None and task.iterator_policy.parallelism_limit < 0:
            self._add(self._at(name, "iteratorPolicy", "parallelismLimit"), "the limit is below 0")

    def _check_expression(self, place: Place, text: str) -> None:
        try:
            compile_expression(text)
        except ExpressionError as error:
            self._add(
                place,
                str(error),
                hint="Not all of CEL is read here: 'Conditions' in docs/explanation/semantics.md lists what is.",
            )

    def _near(self, task: str) -> str:
        return nearest(task, self._dag.tasks, what="tasks")

    def _check_given(self, name: str, task: PipelineTaskSpec, component: ComponentSpec) -> None:
        """Every input without a default is given, and every input given is declared."""
        declared = component.input_definitions or _NOTHING_DECLARED
        inputs = task.inputs or _NO_INPUTS
        items = item_inputs(task)
        for key, parameter in declared.parameters.items():
            optional = parameter.is_optional or parameter.default_value is not UNSET
            if not optional and key not in inputs.parameters and key not in items:
                self._missing(name, key)
        for key, artifact in declared.artifacts.items():
            if not artifact.is_optional and key not in inputs.artifacts and key not in items:
                self._missing(name, key)
        for key in inputs.parameters:
            added = key in SETTING_INPUTS or key.startswith(CHANNEL_PREFIX)
            if key not in declared.parameters and not added:
                self._undeclared(name, ("parameters", key), declared.parameters)
        for key in inputs.artifacts:
            if key not in declared.artifacts and not key.startswith(CHANNEL_PREFIX):
                self._undeclared(name, ("artifacts", key), declared.artifacts)

    def _missing(self, task: str, key: str) -> None:
        self._add(
            self._at(task, "inputs"),
            f"input '{key}' of task '{task}' is not given and has no default",
            hint=f"Give it a value, or a default in component '{self._dag.tasks[task].component_ref.name}'.",
        )

    def _undeclared(self, task: str, key: tuple[str, str], declared: Mapping[str, object]) -> None:
        self._add(
            self._at(task, "inputs", *key),
            f"the component of task '{task}' has no input '{key[1]}'",
            hint=nearest(key[1], declared, what="inputs"),
        )

    # -- parameters ---------------------------------------------------------------------------------------------------

    def _check_parameter(
        self,
        task: str,
        spec: PipelineTaskSpec,
        key: str,
        source: TaskInputParameterSpec,
        declared: ComponentInputsSpec | None,
    ) -> None:
        place = ("inputs", "parameters", key)
        given = (
            source.task_output_parameter, source.runtime_value,
            source.component_input_parameter, source.task_final_status,
        )  # fmt: skip
        if sum(one is not None for one in given) != 1:
            self._add(self._at(task, *place), f"input '{key}' of task '{task}' needs exactly one source")
            return
        if source.parameter_expression_selector:
            self._check_expression(
                self._at(task, *place, "parameterExpressionSelector"), source.parameter_expression_selector
            )
        sink = declared.parameters.get(key) if declared else None
        wants = sink.parameter_type if sink else ParameterType.PARAMETER_TYPE_ENUM_UNSPECIFIED
        gives = self._source_type(task, place, source)
        if source.task_final_status is not None:
            self._check_strategy(task, spec)
        if gives is not None and not source.parameter_expression_selector and not connects(wants, gives):
            self._add(
                self._at(task, *place),
                f"input '{key}' of task '{task}' is {wants.value}, but its source is {gives.value}",
                hint=f"Declare it as {gives.value}, or put a converting task between the two.",
            )

    def _source_type(self, task: str, place: Place, source: TaskInputParameterSpec) -> ParameterType | None:
        """The declared type of what comes in, if there is one. Adds a finding for what does not exist."""
        if source.runtime_value is not None:
            self._check_runtime_value(task, (*place, "runtimeValue"), source.runtime_value)
        elif source.component_input_parameter is not None:
            return self._input_type(task, place, source.component_input_parameter)
        elif source.task_output_parameter is not None:
            output = source.task_output_parameter
            return self._output_type(task, place, output.producer_task, output.output_parameter_key)
        elif source.task_final_status is not None:
            if source.task_final_status.producer_task not in self._dag.tasks:
                self._no_producer(task, place, source.task_final_status.producer_task)
            return ParameterType.TASK_FINAL_STATUS
        return None

    def _check_runtime_value(self, task: str, place: Place, value: ValueOrRuntimeParameter) -> None:
        if (value.constant is UNSET) == (value.runtime_parameter is None):
            self._add(self._at(task, *place), "expected exactly one of 'constant' and 'runtimeParameter'")
        elif value.runtime_parameter is not None:
            self._input_type(task, place, value.runtime_parameter)

    def _output_type(self, task: str, place: Place, producer: str, key: str) -> ParameterType | None:
        outputs = self._outputs_of(task, place, producer)
        if outputs is None:
            return None
        output = outputs.parameters.get(key)
        if output is None:
            self._no_output(task, place, producer, key, outputs.parameters)
            return None
        producing = self._dag.tasks[producer]
        iterated = producing.parameter_iterator is not None or producing.artifact_iterator is not None
        return ParameterType.LIST if iterated else output.parameter_type

    def _input_type(self, task: str, place: Place, key: str) -> ParameterType | None:
        parameter = self._inputs.parameters.get(key)
        if parameter is None:
            self._add(
                self._at(task, *place),
                f"the enclosing DAG has no input parameter '{key}'",
                hint=nearest(key, self._inputs.parameters, what="inputs"),
            )
            return None
        # kfp declares the items of a loop as STRING when it cannot tell what they are.
        return None if parameter.parameter_type is ParameterType.STRING else parameter.parameter_type

    def _check_strategy(self, task: str, spec: PipelineTaskSpec) -> None:
        strategy = spec.trigger_policy.strategy if spec.trigger_policy else None
        if strategy is not TriggerStrategy.ALL_UPSTREAM_TASKS_COMPLETED:
            self._add(
                self._at(task, "triggerPolicy", "strategy"),
                f"task '{task}' asks for a final status, and would not run if that is a failure",
                hint="Use it as an exit task, or call .ignore_upstream_failure() on it.",
            )

    # -- artifacts ----------------------------------------------------------------------------------------------------

    def _check_artifact(
        self, task: str, key: str, source: TaskInputArtifactSpec, declared: ComponentInputsSpec | None
    ) -> None:
        place = ("inputs", "artifacts", key)
        if (source.task_output_artifact is None) == (source.component_input_artifact is None):
            self._add(self._at(task, *place), f"input '{key}' of task '{task}' needs exactly one source")
            return
        gives: ArtifactTypeSchema | None = None
        if source.component_input_artifact is not None:
            artifact = self._inputs.artifacts.get(source.component_input_artifact)
            if artifact is None:
                self._add(
                    self._at(task, *place),
                    f"the enclosing DAG has no input artifact '{source.component_input_artifact}'",
                    hint=nearest(source.component_input_artifact, self._inputs.artifacts, what="input artifacts"),
                )
            else:
                gives = artifact.artifact_type
        elif source.task_output_artifact is not None:
            gives = self._output_artifact_type(
                task, place, source.task_output_artifact.producer_task, source.task_output_artifact.output_artifact_key
            )
        sink = declared.artifacts.get(key) if declared else None
        if sink and sink.artifact_type and gives and not same_artifacts(sink.artifact_type, gives):
            self._add(
                self._at(task, *place),
                f"input '{key}' of task '{task}' is {sink.artifact_type.schema_title}, "
                f"but its source is {gives.schema_title}",
                hint=f"Declare it as {gives.schema_title} or as {ANY_ARTIFACT}.",
            )

    def _output_artifact_type(self, task: str, place: Place, producer: str, key: str) -> ArtifactTypeSchema | None:
        outputs = self._outputs_of(task, place, producer)
        if outputs is None:
            return None
        output = outputs.artifacts.get(key)
        if output is None:
            self._no_output(task, place, producer, key, outputs.artifacts)
            return None
        return output.artifact_type

    # -- producers ----------------------------------------------------------------------------------------------------

    def _outputs_of(self, task: str, place: Place, producer: str) -> ComponentOutputsSpec | None:
        """What ``producer`` puts out; None if that cannot be told, which is a finding of its own."""
        producing = self._dag.tasks.get(producer)
        if producing is None:
            self._no_producer(task, place, producer)
            return None
        component = self._components.get(producing.component_ref.name)
        return (component.output_definitions or _NO_OUTPUTS) if component else None

    def _no_producer(self, task: str, place: Place, producer: str) -> None:
        self._add(self._at(task, *place), f"task '{producer}' does not exist", hint=self._near(producer))

    def _no_output(self, task: str, place: Place, producer: str, key: str, known: Mapping[str, object]) -> None:
        self._add(
            self._at(task, *place), f"task '{producer}' has no output '{key}'", hint=nearest(key, known, what="outputs")
        )

    # -- loops, retries -----------------------------------------------------------------------------------------------

    def _check_iterators(self, name: str, task: PipelineTaskSpec, declared: ComponentInputsSpec | None) -> None:
        if task.parameter_iterator is not None and task.artifact_iterator is not None:
            self._add(self._at(name), f"task '{name}' iterates over parameters and over artifacts at once")
        inputs = task.inputs or _NO_INPUTS
        if task.parameter_iterator is not None:
            self._check_parameter_iterator(name, task.parameter_iterator, inputs)
            self._check_item(
                name, "parameterIterator", task.parameter_iterator, declared.parameters if declared else None
            )
        if task.artifact_iterator is not None:
            source = task.artifact_iterator.items.input_artifact
            if source not in inputs.artifacts:
                self._add(
                    self._at(name, "artifactIterator", "items", "inputArtifact"),
                    f"task '{name}' has no input artifact '{source}' to iterate over",
                    hint=nearest(source, inputs.artifacts, what="input artifacts"),
                )
            self._check_item(name, "artifactIterator", task.artifact_iterator, declared.artifacts if declared else None)

    def _check_item(
        self,
        name: str,
        field: str,
        iterator: ParameterIteratorSpec | ArtifactIteratorSpec,
        declared: Mapping[str, object] | None,
    ) -> None:
        if declared is not None and iterator.item_input not in declared:
            self._add(
                self._at(name, field, "itemInput"),
                f"the component of task '{name}' has no input '{iterator.item_input}' for the item",
                hint=nearest(iterator.item_input, declared, what="inputs"),
            )

    def _check_parameter_iterator(self, name: str, iterator: ParameterIteratorSpec, inputs: TaskInputsSpec) -> None:
        items = iterator.items
        place = self._at(name, "parameterIterator", "items")
        if (items.raw is None) == (items.input_parameter is None):
            self._add(place, "expected exactly one of 'raw' and 'inputParameter'")
        elif items.raw is not None:
            if not _is_list(items.raw):
                self._add((*place, "raw"), f"the items of loop '{name}' are no JSON list: {items.raw[:80]}")
        elif items.input_parameter not in inputs.parameters:
            self._add(
                (*place, "inputParameter"),
                f"task '{name}' has no input '{items.input_parameter}' to iterate over",
                hint=nearest(items.input_parameter or "", inputs.parameters, what="inputs"),
            )

    def _check_retry(self, name: str, policy: RetryPolicy) -> None:
        place = self._at(name, "retryPolicy")
        if policy.max_retry_count < 0:
            self._add((*place, "maxRetryCount"), f"{policy.max_retry_count} retries are fewer than none")
        if policy.backoff_factor < 0:
            self._add((*place, "backoffFactor"), f"the factor {policy.backoff_factor} is below 0")
        for field, text in (
            ("backoffDuration", policy.backoff_duration), ("backoffMaxDuration", policy.backoff_max_duration),
        ):  # fmt: skip
            if text is not None and not _DURATION.fullmatch(text):
                self._add((*place, field), f"'{text}' is no duration", hint="Write seconds with an s, such as '1.5s'.")

    # -- what leaves the DAG ------------------------------------------------------------------------------------------

    def _check_outputs(self) -> None:
        outputs = self._dag.outputs or _NO_DAG_OUTPUTS
        for kind, declared, given in (
            ("parameters", self._outputs.parameters.keys(), outputs.parameters.keys()),
            ("artifacts", self._outputs.artifacts.keys(), outputs.artifacts.keys()),
        ):
            for key in sorted(declared - given):
                self._add((*self._place, "outputDefinitions", kind, key), f"no task of the DAG gives output '{key}'")
        for key, parameter in outputs.parameters.items():
            place = (*self._place, "dag", "outputs", "parameters", key)
            one, several = parameter.value_from_parameter, parameter.value_from_oneof
            if (one is None) == (several is None) or (several and not several.parameter_selectors):
                self._add(place, f"output '{key}' needs exactly one of 'valueFromParameter' and 'valueFromOneof'")
                continue
            for selector in several.parameter_selectors if several else (one,):
                if selector is not None:
                    self._check_selector(
                        place, selector.producer_subtask, selector.output_parameter_key, kind="parameters"
                    )
        for key, artifact in outputs.artifacts.items():
            place = (*self._place, "dag", "outputs", "artifacts", key)
            if not artifact.artifact_selectors:
                self._add(place, f"output '{key}' has no source")
            for source in artifact.artifact_selectors:
                self._check_selector(place, source.producer_subtask, source.output_artifact_key, kind="artifacts")

    def _check_selector(self, place: Place, producer: str, key: str, *, kind: str) -> None:
        producing = self._dag.tasks.get(producer)
        if producing is None:
            self._add(place, f"task '{producer}' does not exist", hint=self._near(producer))
            return
        component = self._components.get(producing.component_ref.name)
        if component is None:
            return
        outputs = component.output_definitions or _NO_OUTPUTS
        known: Mapping[str, object] = outputs.parameters if kind == "parameters" else outputs.artifacts
        if key not in known:
            self._add(place, f"task '{producer}' has no output '{key}'", hint=nearest(key, known, what="outputs"))


def upstream_of(task: PipelineTaskSpec) -> Iterator[str]:
    """The tasks that ``task`` waits for, by ``dependentTasks`` and by its inputs; a name may come up twice."""
    yield from task.dependent_tasks
    if task.inputs is None:
        return
    for parameter in task.inputs.parameters.values():
        if parameter.task_output_parameter is not None:
            yield parameter.task_output_parameter.producer_task
        if parameter.task_final_status is not None:
            yield parameter.task_final_status.producer_task
    for artifact in task.inputs.artifacts.values():
        if artifact.task_output_artifact is not None:
            yield artifact.task_output_artifact.producer_task


def item_inputs(task: PipelineTaskSpec) -> tuple[str, ...]:
    """Names of the inputs that a loop fills with its items."""
    iterators = (task.parameter_iterator, task.artifact_iterator)
    return tuple(iterator.item_input for iterator in iterators if iterator is not None)


def connects(wants: ParameterType, gives: ParameterType) -> bool:
    """Whether a value of one declared type can be an input of another: KFP's driver turns anything into text."""
    if wants is gives or wants in _TAKES_ANYTHING or gives is ParameterType.PARAMETER_TYPE_ENUM_UNSPECIFIED:
        return True
    return {wants, gives} <= _NUMBER or {wants, gives} <= _STRUCT


def same_artifacts(wants: ArtifactTypeSchema, gives: ArtifactTypeSchema) -> bool:
    """Whether an artifact of one type may be an input of another: same title, or one of them is the general type."""
    titles = {wants.schema_title, gives.schema_title}
    return len(titles) == 1 or bool(titles & {ANY_ARTIFACT, None})


def _is_list(text: str) -> bool:
    try:
        return isinstance(json.loads(text), list)
    except (ValueError, RecursionError):
        return False
