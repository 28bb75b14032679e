"""ExecutorInput to the arguments of a component's function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from wherry.runtime.annotations import (
    EmbeddedAnnotation,
    InputAnnotation,
    InputPath,
    OutputAnnotation,
    OutputPath,
    artifact_list_item,
    is_artifact_class,
    marked_type,
    marker_of,
    strip_optional,
)
from wherry.runtime.artifacts import ARTIFACT_CLASSES, Artifact
from wherry.runtime.final_status import PipelineTaskFinalStatus
from wherry.runtime.parameter_types import parameter_type
from wherry.runtime.task_config import TaskConfig


class MissingInputError(ValueError):
    """The task was not told something that its component declares."""


class Task:
    """What one ExecutorInput says, as objects: values, artifacts, and where outputs go.

    Args:
        executor_input: KFP's ExecutorInput as JSON.
        function: The component's function; its annotations name the class of artifacts of types of its own.
        component: Name of the component, for messages.
    """

    def __init__(self, executor_input: Mapping[str, Any], function: Callable[..., Any], *, component: str) -> None:
        self.component = component
        self.function = function
        inputs = executor_input.get("inputs") or {}
        outputs = executor_input.get("outputs") or {}
        self.parameters: Mapping[str, Any] = inputs.get("parameterValues") or {}
        self.input_artifacts: dict[str, list[Artifact]] = {
            name: [self._artifact(item, name) for item in port.get("artifacts") or ()]
            for name, port in (inputs.get("artifacts") or {}).items()
        }
        self.output_artifacts: dict[str, Artifact] = {}
        for name, port in (outputs.get("artifacts") or {}).items():
            for item in (port.get("artifacts") or ())[:1]:
                artifact = self._artifact(item, name)
                self.output_artifacts[name] = artifact
                make_parent(artifact.path)
        self.output_files: dict[str, str] = {
            name: port["outputFile"]
            for name, port in (outputs.get("parameters") or {}).items()
            if port.get("outputFile")
        }
        self.executor_output_file: str = outputs.get("outputFile") or ""

    def _artifact(self, item: Mapping[str, Any], name: str) -> Artifact:
        title = (item.get("type") or {}).get("schemaTitle", "")
        cls = ARTIFACT_CLASSES.get(title) or _declared_class(self.function.__annotations__.get(name)) or Artifact
        # Classes of Google's component library are made through this, where they have it.
        make = getattr(cls, "_from_executor_fields", cls)
        made: Artifact = make(name=item.get("name", ""), uri=item.get("uri", ""), metadata=item.get("metadata") or {})
        return made

    def arguments(self) -> dict[str, Any]:
        """The function's arguments by name. A parameter without a value is left out: the default applies."""
        arguments: dict[str, Any] = {}
        for name, annotation in self.function.__annotations__.items():
            if name != "return":
                self._bind(name, strip_optional(annotation), arguments)
        return arguments

    def _bind(self, name: str, declared: Any, arguments: dict[str, Any]) -> None:
        marker = marker_of(declared)
        if declared is PipelineTaskFinalStatus:
            arguments[name] = self._final_status(name)
        elif declared is TaskConfig:
            arguments[name] = TaskConfig.from_wire(self.parameters.get(name) or {})
        elif marker is OutputAnnotation:
            arguments[name] = self.output_artifacts.get(name)
        elif marker is EmbeddedAnnotation:
            arguments[name] = self._embedded(name, marked_type(declared))
        elif marker is InputAnnotation:
            arguments[name] = self._input(name, is_list=artifact_list_item(marked_type(declared)) is not None)
        elif isinstance(declared, OutputPath):
            arguments[name] = self._output_path(name, declared)
        elif isinstance(declared, InputPath):
            artifact = self._input(name, is_list=False)
            arguments[name] = None if artifact is None else artifact.path
        elif artifact_list_item(declared) is not None or is_artifact_class(declared):
            arguments[name] = self._input(name, is_list=artifact_list_item(declared) is not None)
        elif self.parameters.get(name) is not None:
            arguments[name] = number_as_declared(self.parameters[name], parameter_type(declared))

    def _input(self, name: str, *, is_list: bool) -> Any:
        found = self.input_artifacts.get(name)
        if is_list or found is None:
            return found
        return found[0] if found else None

    def _final_status(self, name: str) -> PipelineTaskFinalStatus:
        value = self.parameters.get(name)
        if not isinstance(value, Mapping):
            raise MissingInputError(
                f"input {name!r} of component {self.component!r} is a PipelineTaskFinalStatus, but none was sent: "
                "the task must be an exit task, or ignore the failure of the one task it waits for."
            )
        return PipelineTaskFinalStatus.from_wire(dict(value))

    def _output_path(self, name: str, declared: OutputPath) -> str:
        if parameter_type(declared.type) is None:
            if name not in self.output_artifacts:
                raise MissingInputError(f"No place was given for output {name!r} of component {self.component!r}.")
            return self.output_artifacts[name].path
        if name not in self.output_files:
            raise MissingInputError(f"No file was given for output {name!r} of component {self.component!r}.")
        make_parent(self.output_files[name])
        return self.output_files[name]

    def _embedded(self, name: str, declared: Any) -> Artifact:
        # The component's source unpacks the asset when it is loaded, and leaves one of these names behind.
        names = self.function.__globals__
        place = names.get("__KFP_EMBEDDED_ASSET_FILE") or names.get("__KFP_EMBEDDED_ASSET_DIR")
        if not place:
            raise MissingInputError(
                f"input {name!r} of component {self.component!r} is an EmbeddedInput, but its source holds no asset: "
                "declare the component with embedded_artifact_path."
            )
        artifact: Artifact = (declared if is_artifact_class(declared) else Artifact)()
        artifact.path = place
        return artifact


def number_as_declared(value: Any, declared: str | None) -> Any:
    """A number in the declared kind: JSON does not tell 3 from 3.0. Other values as they are."""
    if declared == "NUMBER_INTEGER" and isinstance(value, float) and value.is_integer():
        return int(value)
    if declared == "NUMBER_DOUBLE" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def make_parent(path: str) -> None:
    """Create the folder that ``path`` is to be written in."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)


def _declared_class(annotation: Any) -> Any:
    """The artifact class that a signature names at an input or output, or None."""
    declared = strip_optional(annotation)
    if marker_of(declared) is not None:
        declared = marked_type(declared)
    declared = artifact_list_item(declared) or declared
    return declared if isinstance(declared, type) and is_artifact_class(declared) else None
