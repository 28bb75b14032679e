"""Components: what a pipeline function calls to place a task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, ParamSpec, TypeVar

from wherry.dsl import caching, hooks, tracing
from wherry.dsl.graph import ComponentDefinition, Graph, Importer, Interface
from wherry.dsl.names import kubernetes_name
from wherry.dsl.tasks import PipelineTask
from wherry.dsl.value_types import ArtifactType, Kind, ParameterType
from wherry.errors import ComponentSignatureError

P = ParamSpec("P")
R = TypeVar("R")


class Component:
    """A reusable definition: inputs, outputs, implementation. Calling it inside a pipeline places a task.

    Outside a pipeline a call runs it at once, if ``wherry.local`` is set up.
    """

    def __init__(self, definition: ComponentDefinition) -> None:
        self.definition = definition
        self.name = definition.name
        self.description: str | None = definition.interface.description or None

    @property
    def interface(self) -> Interface:
        """Inputs and outputs."""
        return self.definition.interface

    @property
    def required_inputs(self) -> list[str]:
        """Inputs without a default."""
        return [name for name, spec in self.interface.inputs.items() if not spec.optional]

    @property
    def pipeline_spec(self) -> Any:
        """The compiled `wherry.ir.spec.PipelineSpec`; a component alone makes a pipeline of one task."""
        return hooks.compile_component(self).spec

    @property
    def platform_spec(self) -> Any:
        """The compiled `wherry.ir.spec.PlatformSpec`, or None if there are no platform settings."""
        return hooks.compile_component(self).platform

    def __call__(self, *args: Any, **arguments: Any) -> PipelineTask:
        """Place a task, or outside a pipeline run the component.

        Raises:
            ComponentSignatureError: A positional, unknown or missing argument.
            IncompatibleTypeError: An argument of the wrong type.
        """
        if args:
            raise ComponentSignatureError(
                f"Component '{self.name}' takes keyword arguments only, but got {len(args)} positional.",
                hint=f"Write {self.name}(name=value).",
            )
        self._check_names(arguments)
        if tracing.current() is None:
            return PipelineTask(self.definition, arguments, results=hooks.run_component(self, arguments))
        return PipelineTask(self.definition, arguments, enable_caching=caching.enabled_by_default())

    def execute(self, *_args: Any, **_arguments: Any) -> Any:
        """Call the Python function behind the component, if there is one."""
        raise NotImplementedError(f"'{self.name}' has no Python function that could be called here.")

    def _check_names(self, arguments: Mapping[str, Any]) -> None:
        takes = [
            name
            for name, spec in self.interface.inputs.items()
            if not (isinstance(spec.type, ParameterType) and spec.type.kind is Kind.TASK_FINAL_STATUS)
        ]
        for name in arguments:
            if name not in takes:
                inputs = ", ".join(f"'{known}'" for known in takes) or "none"
                raise ComponentSignatureError(
                    f"{self.name}() got an unexpected keyword argument '{name}'.", hint=f"Its inputs are: {inputs}."
                )
        missing = [name for name in self.required_inputs if name not in arguments]
        if missing:
            noun = "argument" if len(missing) == 1 else "arguments"
            raise ComponentSignatureError(
                f"{self.name}() missing {len(missing)} required {noun}: {', '.join(missing)}.",
                hint="Pass them by name, or give the parameters a default.",
            )


class PythonComponent(Component, Generic[P, R]):
    """A component made of a Python function. ``python_func`` is that function."""

    def __init__(self, definition: ComponentDefinition, python_func: Callable[P, R]) -> None:
        super().__init__(definition)
        refuse_output_lists(definition)
        self.python_func = python_func
        self.__doc__ = python_func.__doc__

    def execute(self, *args: P.args, **arguments: P.kwargs) -> R:
        """Call the function here and now, with real values."""
        return self.python_func(*args, **arguments)


class ContainerComponent(Component):
    """A component made of an image and a command. ``pipeline_func`` is the function that described it."""

    def __init__(self, definition: ComponentDefinition, pipeline_func: Callable[..., Any]) -> None:
        super().__init__(definition)
        refuse_output_lists(definition)
        self.pipeline_func = pipeline_func


class ImporterComponent(Component):
    """Brings an artifact that exists into the pipeline."""

    @property
    def importer(self) -> Importer:
        """What it imports."""
        implementation = self.definition.implementation
        assert isinstance(implementation, Importer)  # noqa: S101  made by dsl.importer only
        return implementation


class GraphComponent(Component, Generic[P, R]):
    """A pipeline. Called inside another pipeline, it becomes one task of it."""

    def __init__(self, definition: ComponentDefinition, pipeline_func: Callable[P, R]) -> None:
        super().__init__(definition)
        self.pipeline_func = pipeline_func
        self.__doc__ = pipeline_func.__doc__

    @property
    def graph(self) -> Graph:
        """What was traced."""
        implementation = self.definition.implementation
        assert isinstance(implementation, Graph)  # noqa: S101  made by dsl.pipeline only
        return implementation


def component_name(function_name: str) -> str:
    """``train_model`` becomes ``train-model``."""
    return kubernetes_name(function_name.replace("_", " "))


def refuse_output_lists(definition: ComponentDefinition) -> None:
    """Refuse ``Output[List[...]]`` on anything but a pipeline.

    Raises:
        ComponentSignatureError: There is one.
    """
    for name, spec in definition.interface.outputs.items():
        if isinstance(spec.type, ArtifactType) and spec.type.is_list:
            raise ComponentSignatureError(
                f"Output '{name}' of component '{definition.name}' is a list of artifacts, which only a pipeline can return.",
                hint="Make one artifact per output, or a folder in one artifact.",
            )
