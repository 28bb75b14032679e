"""``@dsl.pipeline``: a function is called once, and the tasks it places become a frozen graph."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar, overload

from wherry.dsl import tracing
from wherry.dsl.channels import Channel, channel_for, source_of
from wherry.dsl.components import GraphComponent, component_name
from wherry.dsl.graph import (
    CollectedOutput,
    ComponentDefinition,
    Graph,
    Group,
    Interface,
    Literal,
    OneOfOutput,
    PipelineInput,
    Source,
)
from wherry.dsl.names import kubernetes_name
from wherry.dsl.pipeline_config import PipelineConfig
from wherry.dsl.signature import SINGLE_OUTPUT, read_interface
from wherry.dsl.value_types import can_connect
from wherry.errors import IncompatibleTypeError, PipelineTopologyError
from wherry.runtime.placeholders import WORKSPACE_PATH_PLACEHOLDER

P = ParamSpec("P")
R = TypeVar("R")

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,127}")
_WORKSPACE = "/kfp-workspace"


@overload
def pipeline(func: Callable[P, R]) -> GraphComponent[P, R]: ...


@overload
def pipeline(
    func: None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    pipeline_root: str | None = None,
    display_name: str | None = None,
    pipeline_config: PipelineConfig | None = None,
) -> Callable[[Callable[P, R]], GraphComponent[P, R]]: ...


def pipeline(
    func: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    pipeline_root: str | None = None,
    display_name: str | None = None,
    pipeline_config: PipelineConfig | None = None,
) -> Any:
    """Make a pipeline of a function that places tasks. The function is called at once, with stand-ins for its inputs.

    Args:
        func: The function, when the decorator is written without parentheses.
        name: Name of the pipeline. Default: the function's, with dashes.
        description: Default: the docstring's.
        pipeline_root: URI under which artifacts are stored. Default: the server's.
        display_name: Name that people see.
        pipeline_config: Settings of the pipeline as a whole.

    Raises:
        PipelineTopologyError: No tasks, a bad name, or values wired in a way that a pipeline cannot have.
    """

    def decorate(function: Callable[..., Any]) -> GraphComponent[..., Any]:
        interface = read_interface(function, description=description)
        pipeline_name = kubernetes_name(name) if name else component_name(function.__name__)
        _check_name(pipeline_name)
        root, outputs = _trace(function, pipeline_name, interface)
        if _uses_workspace(root) and (pipeline_config is None or pipeline_config.workspace is None):
            raise PipelineTopologyError(
                f"Pipeline '{pipeline_name}' uses the workspace, but has none.",
                hint="Add pipeline_config=dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size='10Gi')).",
            )
        graph = Graph(
            name=pipeline_name,
            interface=interface,
            root=root,
            outputs=outputs,
            display_name=display_name or "",
            pipeline_root=pipeline_root or "",
            config=pipeline_config,
        )
        return GraphComponent(ComponentDefinition(pipeline_name, interface, graph), function)

    return decorate if func is None else decorate(func)


def _trace(function: Callable[..., Any], name: str, interface: Interface) -> tuple[Group, Mapping[str, Source]]:
    arguments = [
        channel_for(PipelineInput(parameter, interface.inputs[parameter].type))
        for parameter in inspect.signature(function).parameters
        if parameter in interface.inputs
    ]
    with tracing.tracing(name) as trace:
        returned = function(*arguments)
        if not trace.has_tasks:
            raise PipelineTopologyError(
                f"Pipeline '{name}' has no tasks: 'Task is missing from pipeline'.",
                hint="Call a component in its function.",
            )
        outputs = _outputs(returned, name)
        _check_outputs(outputs, interface, trace)
        return trace.root.freeze(), outputs


def _outputs(returned: Any, pipeline_name: str) -> Mapping[str, Source]:
    if returned is None:
        return {}
    if isinstance(returned, Channel):
        values: Mapping[str, Any] = {SINGLE_OUTPUT: returned}
    elif isinstance(returned, tuple) and hasattr(returned, "_asdict"):
        values = returned._asdict()
    else:
        raise _not_an_output(pipeline_name, "", returned)
    sources: dict[str, Source] = {}
    for name, value in values.items():
        if not isinstance(value, Channel):
            raise _not_an_output(pipeline_name, f" as '{name}'", value)
        sources[name] = source_of(value)
    return sources


def _not_an_output(pipeline_name: str, place: str, value: object) -> PipelineTopologyError:
    return PipelineTopologyError(
        f"Pipeline '{pipeline_name}' returns {value!r} of type {type(value).__name__}{place}; expected outputs of tasks.",
        hint="Return 'task.output', dsl.Collected, dsl.OneOf, or a NamedTuple of them.",
    )


def _check_outputs(outputs: Mapping[str, Source], interface: Interface, trace: tracing.Trace) -> None:
    for name, source in outputs.items():
        where = f"output '{name}' of pipeline '{trace.name}'"
        _check_scope(where, source, trace)
        declared = interface.outputs.get(name)
        if declared is None:
            raise PipelineTopologyError(
                f"{where} is returned, but not declared.", hint="Add a return annotation to the pipeline function."
            )
        if not can_connect(source.type, declared.type):
            raise IncompatibleTypeError(
                f"{where} is declared as {declared.type}, but '{source.full_name}' is {source.type}.",
                hint=f"Declare it as {source.type}.",
            )
    for name in interface.outputs:
        if name not in outputs:
            raise PipelineTopologyError(
                f"output '{name}' of pipeline '{trace.name}' is declared, but not returned.",
                hint="Return it, or take it out of the annotation.",
            )


def _check_scope(where: str, source: Source, trace: tracing.Trace) -> None:
    if isinstance(source, CollectedOutput):
        return
    if source.producer is None:
        raise PipelineTopologyError(
            f"{where} is '{source.full_name}', which no task made.",
            hint="Pass it through a task and return its output.",
        )
    group = (
        trace.branches_parent(source.producer) if isinstance(source, OneOfOutput) else trace.group_of(source.producer)
    )
    if group is not trace.root:
        raise PipelineTopologyError(
            f"{where} comes from inside a dsl.{group.word} block; only outputs of the outermost scope can be returned.",
            hint="Use dsl.Collected for outputs of a loop, dsl.OneOf for outputs of branches.",
        )


def _check_name(name: str) -> None:
    if _NAME.fullmatch(name) is None:
        raise PipelineTopologyError(
            f"'{name}' is no valid name of a pipeline.",
            hint="Use 1 to 128 lower-case letters, digits and dashes, not starting with a dash: @dsl.pipeline(name=...).",
        )


def _uses_workspace(root: Group) -> bool:
    return any(
        isinstance(argument, Literal)
        and isinstance(argument.value, str)
        and (WORKSPACE_PATH_PLACEHOLDER in argument.value or argument.value.startswith(_WORKSPACE))
        for group in root.walk()
        for task in group.tasks
        for argument in task.arguments.values()
    )
