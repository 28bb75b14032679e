"""Resolves one task before it starts: inputs, condition, items; and what leaves DAGs and loops. Pure.

What KFP does in a driver pod per task. Rules and their sources are in docs/explanation/semantics.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

import msgspec

from wherry.engine.plan import (
    ArtifactPort,
    Constant,
    DagPlan,
    FinalStatus,
    FromScope,
    FromTask,
    ItemsOfArtifact,
    ItemsOfParameter,
    NotGiven,
    ParameterInput,
    RawItems,
    Selector,
    TaskPlan,
    WaitsFor,
)
from wherry.errors import SpecError, WherryError
from wherry.ir.expression import compile_expression
from wherry.ir.placeholders import RunFacts, resolve_constant
from wherry.ir.spec import InputParameterSpec, Json, ParameterType
from wherry.ir.types import coerce_parameter, parameter_text
from wherry.model.outcomes import (
    Cancelled,
    ConditionFalse,
    Failure,
    TaskOutcome,
    UpstreamUnavailable,
    has_outputs,
)
from wherry.model.runs import ArtifactInput, TaskInputs, TaskOutputs

_ABSENT = msgspec.UNSET
_PRECONDITION_FAILED = 9
"""google.rpc.Code of a task that was not triggered, in a PipelineTaskFinalStatus."""
_UNKNOWN = 2
_CANCELLED = 1


class InputError(WherryError):
    """A task's inputs, condition or items cannot be resolved; the task fails with this message."""

    code = "INVALID_ARGUMENT"


class ScopeValues:
    """What the tasks of one scope can read: the scope's inputs, and how the tasks that ended came out."""

    __slots__ = ("dag", "inputs", "outcomes", "outputs")

    def __init__(self, dag: DagPlan, inputs: TaskInputs) -> None:
        self.dag = dag
        self.inputs = inputs
        self.outputs: list[TaskOutputs | None] = [None] * len(dag.tasks)
        self.outcomes: list[TaskOutcome | None] = [None] * len(dag.tasks)

    def record(self, index: int, outcome: TaskOutcome, outputs: TaskOutputs) -> None:
        """A task has ended."""
        self.outcomes[index] = outcome
        self.outputs[index] = outputs if has_outputs(outcome) else None


# -- inputs -----------------------------------------------------------------------------------------------------------


def resolve_inputs(task: TaskPlan, scope: ScopeValues, facts: Callable[[], RunFacts]) -> TaskInputs:
    """Values of all of a task's inputs, defaults included.

    Args:
        task: what to resolve.
        scope: what is around it.
        facts: gives what placeholders about the run and the task stand for; asked if there are any.

    Raises:
        InputError: an input has no value, or one of the wrong type.
    """
    plan = task.inputs
    if not plan.parameters and not plan.artifacts and not plan.not_given:
        return _NO_INPUTS
    parameters: dict[str, Json] = {}
    filled_later: list[ParameterInput] = []
    for given in plan.parameters:
        if type(given.source) is Constant and given.source.has_placeholders:
            filled_later.append(given)
            continue
        value = _parameter(task, given, scope, facts)
        if value is not _ABSENT:
            parameters[given.name] = value
    for missing in plan.not_given:
        value = _default(task, missing)
        if value is not _ABSENT:
            parameters[missing.name] = value
    for given in filled_later:
        # A constant may quote the task's other inputs: kfp compiles an f-string so.
        parameters[given.name] = _filled(task, given, parameters, facts())
    artifacts: dict[str, ArtifactInput] = {}
    for port in plan.artifacts:
        found = _artifacts(task, port, scope)
        if found is not None:
            artifacts[port.name] = found
    return TaskInputs(parameters=parameters, artifacts=artifacts)


_NO_INPUTS = TaskInputs()


def _parameter(task: TaskPlan, given: ParameterInput, scope: ScopeValues, facts: Callable[[], RunFacts]) -> Json:
    source = given.source
    match source:
        case Constant():
            value = source.value
        case FromTask():
            value = _ABSENT
            produced = scope.outputs[source.task]
            if produced is not None:
                value = produced.parameters.get(source.port, _ABSENT)
        case FromScope():
            value = scope.inputs.parameters.get(source.name, _ABSENT)
            if value is None:
                value = _ABSENT
        case FinalStatus():
            value = final_status(scope.dag.tasks[source.task], scope.outcomes[source.task], facts().run_resource_name)
    if value is _ABSENT:
        return _fall_back(task, given, scope)
    if given.selector:
        try:
            value = compile_expression(given.selector).select(value)
        except SpecError as error:
            raise InputError(f"{_input(task, given.name)}: {error.message}") from None
    return _typed(task, given.name, given.declared, value)


def _fall_back(task: TaskPlan, given: ParameterInput, scope: ScopeValues) -> Json:
    """The value of an input whose source has none."""
    declared = given.declared
    if declared is None:
        return _ABSENT  # nobody declared it, so nobody misses it
    optional = declared.is_optional or declared.default_value is not _ABSENT
    if optional:
        return _default(task, NotGiven(name=given.name, declared=declared))
    raise InputError(
        f"{_input(task, given.name)} has no value: {_why_absent(given.source, scope)}",
        hint="Give the input a default." if task.waits_for is WaitsFor.END else "",
    )


def _why_absent(source: object, scope: ScopeValues) -> str:
    match source:
        case FromTask(task=number, port=port):
            producer = scope.dag.tasks[number].name
            if scope.outputs[number] is None:
                return f"task '{producer}' ended without outputs."
            return f"task '{producer}' ended without its output '{port}'. No task that makes it was run."
        case FromScope(name=name):
            return f"input '{name}' of the pipeline around it has none."
        case _:
            return "its source has none."


def _default(task: TaskPlan, missing: NotGiven) -> Json:
    """The default; without one, null inside a DAG, whose tasks may ask for it, and nothing for an executor."""
    declared = missing.declared
    if declared.default_value is not _ABSENT:
        return _typed(task, missing.name, declared, declared.default_value)
    if not declared.is_optional:
        raise InputError(f"{_input(task, missing.name)} has no value, and no default.")
    return None if not _is_leaf(task) else _ABSENT


def _is_leaf(task: TaskPlan) -> bool:
    return not hasattr(task.work, "dag")


def _typed(task: TaskPlan, name: str, declared: InputParameterSpec | None, value: Json) -> Json:
    if declared is None:
        return value
    # kfp declares what a loop's variable is made of as STRING, whatever it is. A DAG passes it on as it is, so that
    # the task that reads it gets a number where it asks for one.
    if declared.parameter_type is ParameterType.STRING and not _is_leaf(task):
        return value
    try:
        return coerce_parameter(value, declared, name=name)
    except SpecError as error:
        raise InputError(f"task '{task.name}': {error.message}", hint=error.hint) from None


def _filled(task: TaskPlan, given: ParameterInput, parameters: Mapping[str, Json], facts: RunFacts) -> Json:
    assert isinstance(given.source, Constant)  # noqa: S101  the caller has looked
    try:
        value = resolve_constant(given.source.value, parameters=parameters, facts=facts, name=given.name)
        if given.selector:
            value = compile_expression(given.selector).select(value)
    except SpecError as error:
        raise InputError(f"task '{task.name}': {error.message}", hint=error.hint) from None
    return _typed(task, given.name, given.declared, value)


def _artifacts(task: TaskPlan, port: ArtifactPort, scope: ScopeValues) -> ArtifactInput | None:
    source = port.source
    found: ArtifactInput | None = None
    match source:
        case FromTask():
            produced = scope.outputs[source.task]
            if produced is not None:
                found = produced.artifacts.get(source.port)
        case FromScope():
            found = scope.inputs.artifacts.get(source.name)
    if found is None:
        if port.declared is None or port.declared.is_optional:
            return None
        raise InputError(f"input artifact '{port.name}' of task '{task.name}' is missing: {_why_absent(source, scope)}")
    wants_list = port.declared is not None and port.declared.is_artifact_list
    return found if found.is_list == wants_list else ArtifactInput(artifact_ids=found.artifact_ids, is_list=wants_list)


def _input(task: TaskPlan, name: str) -> str:
    return f"input '{name}' of task '{task.name}'"


def final_status(task: TaskPlan, outcome: TaskOutcome | None, run_name: str) -> Json:
    """The struct of a PipelineTaskFinalStatus: SUCCEEDED, FAILED or CANCELLED, with the error if there is one."""
    error: dict[str, Json] = {}
    match outcome:
        case Failure():
            state = "FAILED"
            error = {"code": _UNKNOWN, "message": outcome.message}
        case Cancelled():
            state = "CANCELLED"
            error = {"code": _CANCELLED, "message": f"cancelled by {outcome.by}"}
        case ConditionFalse():
            state = "CANCELLED"
            error = {"code": _PRECONDITION_FAILED, "message": f"not run: its condition was false: {outcome.condition}"}
        case UpstreamUnavailable():
            state = "CANCELLED"
            error = {"code": _PRECONDITION_FAILED, "message": f"not run: '{outcome.task}' ended without outputs"}
        case _:
            state = "SUCCEEDED"
    return {"state": state, "pipelineTaskName": task.name, "pipelineJobResourceName": run_name, "error": error}


# -- conditions and loops ---------------------------------------------------------------------------------------------


def condition_holds(task: TaskPlan, inputs: TaskInputs) -> bool:
    """Evaluate a task's condition over its resolved parameters; true if it has none.

    Raises:
        InputError: the condition cannot be read, has no value, or one that is neither true nor false.
    """
    if not task.condition:
        return True
    parameters = inputs.parameters
    as_text = [
        one.name
        for one in task.inputs.parameters
        if one.declared is not None
        and one.declared.parameter_type is ParameterType.STRING
        and not isinstance(parameters.get(one.name), str | None)
    ]
    if as_text:
        # See `_typed`: kfp compiles the comparison of such a variable as one of strings.
        parameters = {**parameters, **{name: parameter_text(parameters[name]) for name in as_text}}
    try:
        return compile_expression(task.condition).holds(parameters)
    except SpecError as error:
        raise InputError(f"the condition of task '{task.name}' cannot be decided: {error.message}") from None


def loop_items(task: TaskPlan, inputs: TaskInputs) -> Sequence[Json]:
    """The items a loop task iterates over: values, or artifact ids.

    Raises:
        InputError: what it iterates over is no list and no text of one.
    """
    assert task.loop is not None  # noqa: S101  the caller has looked
    match task.loop.items:
        case RawItems(text=text):
            return _list_of(task, text, "its items")
        case ItemsOfParameter(name=name):
            return _list_of(task, inputs.parameters.get(name), f"input '{name}'")
        case ItemsOfArtifact(name=name):
            found = inputs.artifacts.get(name)
            if found is None:
                raise InputError(f"task '{task.name}' cannot iterate over input '{name}': it has no value.")
            return found.artifact_ids


def _list_of(task: TaskPlan, value: Json, what: str) -> list[Json]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise InputError(
                f"task '{task.name}' cannot iterate over {what}: the text {value[:40]!r} is no JSON list."
            ) from None
    if not isinstance(value, list):
        kind = "null" if value is None else type(value).__name__
        raise InputError(f"task '{task.name}' cannot iterate over {what}: it is a {kind}, not a list.")
    return value


def iteration_inputs(task: TaskPlan, inputs: TaskInputs, item: Json) -> TaskInputs:
    """What one iteration of a loop can read: everything the loop was given, and its item."""
    assert task.loop is not None  # noqa: S101  the caller has looked
    if isinstance(task.loop.items, ItemsOfArtifact):
        one = ArtifactInput(artifact_ids=(item,))
        return TaskInputs(parameters=inputs.parameters, artifacts={**inputs.artifacts, task.loop.item_input: one})
    return TaskInputs(parameters={**inputs.parameters, task.loop.item_input: item}, artifacts=inputs.artifacts)


# -- outputs of DAGs and loops ----------------------------------------------------------------------------------------


def dag_outputs(scope: ScopeValues) -> TaskOutputs:
    """What leaves a DAG. An output none of whose selectors has a value is left out."""
    dag = scope.dag
    if not dag.parameters and not dag.artifacts:
        return _NO_OUTPUTS
    parameters = {}
    for name, selectors in dag.parameters.items():
        for outputs, selector in _with_outputs(scope, selectors):
            if selector.port in outputs.parameters:
                parameters[name] = outputs.parameters[selector.port]
                break
    artifacts = {}
    for name, selectors in dag.artifacts.items():
        for outputs, selector in _with_outputs(scope, selectors):
            if selector.port in outputs.artifacts:
                artifacts[name] = outputs.artifacts[selector.port]
                break
    return TaskOutputs(parameters=parameters, artifacts=artifacts)


_NO_OUTPUTS = TaskOutputs()


def _with_outputs(scope: ScopeValues, selectors: Sequence[Selector]) -> list[tuple[TaskOutputs, Selector]]:
    return [(outputs, selector) for selector in selectors if (outputs := scope.outputs[selector.task]) is not None]


def loop_outputs(dag: DagPlan, iterations: Sequence[TaskOutputs]) -> TaskOutputs:
    """What leaves a loop, from what left its iterations, in their order.

    A parameter becomes a list with one value per iteration, so nested loops nest lists. Artifacts collect flat. An
    iteration that made no value, because a condition kept its producer from running, is left out.
    """
    return TaskOutputs(
        parameters={
            name: [one.parameters[name] for one in iterations if name in one.parameters] for name in dag.parameters
        },
        artifacts={
            name: ArtifactInput(
                artifact_ids=tuple(
                    artifact
                    for one in iterations
                    if name in one.artifacts
                    for artifact in one.artifacts[name].artifact_ids
                ),
                is_list=True,
            )
            for name in dag.artifacts
        },
    )
