"""From a Python function's signature to the interface of a component."""

from __future__ import annotations

import builtins
import inspect
import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any, ForwardRef

from wherry.dsl.container_placeholders import ContainerSpec
from wherry.dsl.docstrings import Docstring, read_docstring
from wherry.dsl.graph import InputSpec, Interface, OutputSpec
from wherry.dsl.value_types import ArtifactType, Kind, ParameterType, type_of_annotation
from wherry.errors import ComponentSignatureError
from wherry.runtime.annotations import (
    EmbeddedAnnotation,
    InputAnnotation,
    OutputAnnotation,
    OutputPath,
    artifact_list_item,
    is_artifact_class,
    is_named_tuple,
    marker_of,
    strip_optional,
)

SINGLE_OUTPUT = "Output"
"""Name of the output of a function that returns one value."""


def read_interface(
    function: Callable[..., Any], *, is_container: bool = False, description: str | None = None
) -> Interface:
    """The inputs and outputs that the signature declares, with descriptions from the docstring.

    Args:
        function: A component's or pipeline's function.
        is_container: Artifacts must be marked with Input or Output, and nothing may be returned but a ContainerSpec.
        description: Takes precedence over the docstring's.

    Raises:
        ComponentSignatureError: A parameter has no annotation, a wrong name, or a type the IR does not have.
    """
    docstring = read_docstring(inspect.getdoc(function))
    inputs: dict[str, InputSpec] = {}
    outputs: dict[str, OutputSpec] = {}
    for name, parameter, annotation in annotated_parameters(function):
        where = f"parameter '{name}' of '{function.__name__}'"
        marker = marker_of(annotation)
        if marker is EmbeddedAnnotation:
            continue
        declared = type_of_annotation(annotation, where=where)
        if marker is OutputAnnotation or isinstance(annotation, OutputPath):
            outputs[name] = OutputSpec(declared, docstring.returns.get(name, ""))
            continue
        if is_container and isinstance(declared, ArtifactType) and marker is not InputAnnotation:
            raise ComponentSignatureError(
                f"{where} is an artifact without a marker; container components need one.",
                hint="Write dsl.Input[...] or dsl.Output[...] around the artifact class.",
            )
        inputs[name] = _input(parameter, declared, docstring, where)
    returned = resolve_annotation(inspect.signature(function).return_annotation, function)
    outputs |= _returned(returned, function, docstring, is_container=is_container)
    return Interface(inputs, outputs, description or docstring.description)


def annotated_parameters(function: Callable[..., Any]) -> list[tuple[str, inspect.Parameter, Any]]:
    """Name, parameter and annotation (``Optional`` taken off) of every parameter of a component's function.

    Raises:
        ComponentSignatureError: A parameter has no annotation, or a name that is taken.
    """
    found = []
    for name, parameter in inspect.signature(function).parameters.items():
        if name == SINGLE_OUTPUT:
            raise ComponentSignatureError(
                f"'{SINGLE_OUTPUT}' is no valid parameter name in '{function.__name__}'.",
                hint="Rename it: this is the name of the value that the function returns.",
            )
        if parameter.annotation is inspect.Parameter.empty:
            raise ComponentSignatureError(
                f"parameter '{name}' of '{function.__name__}' has no type annotation.",
                hint=f"Write '{name}: str', or whichever type it has.",
            )
        found.append((name, parameter, strip_optional(resolve_annotation(parameter.annotation, function))))
    return found


def resolve_annotation(annotation: Any, function: Callable[..., Any]) -> Any:
    """An annotation as an object, where it is a text (``from __future__ import annotations``) that names one."""
    if isinstance(annotation, ForwardRef):  # a field of a NamedTuple
        annotation = annotation.__forward_arg__
    if not isinstance(annotation, str):
        return annotation
    scope: dict[str, Any] = {**vars(builtins), **getattr(function, "__globals__", {}), **_enclosing_names(function)}
    try:
        return eval(annotation, scope)  # noqa: S307  the author's own annotation, in the author's own module
    except (NameError, SyntaxError, AttributeError, TypeError):
        return annotation


def _enclosing_names(function: Callable[..., Any]) -> Mapping[str, Any]:
    """Names of the function that defines a component, while it runs: classes made there may be annotations."""
    if "<locals>" not in function.__qualname__:
        return {}
    frame: FrameType | None = sys._getframe()  # noqa: SLF001  the only way to the scope the annotation was written in
    while frame is not None and frame.f_code.co_filename != function.__code__.co_filename:
        frame = frame.f_back
    return {} if frame is None else frame.f_locals


def _input(parameter: inspect.Parameter, declared: Any, docstring: Docstring, where: str) -> InputSpec:
    default = None if parameter.default is inspect.Parameter.empty else parameter.default
    optional = parameter.default is not inspect.Parameter.empty
    description = docstring.arguments.get(parameter.name, "")
    match declared:
        case ArtifactType():
            if default is not None:
                raise ComponentSignatureError(
                    f"{where} is an artifact with the default {default!r}; the only default it may have is None.",
                    hint="Write '= None', or pass the artifact.",
                )
        case ParameterType(kind=Kind.TASK_FINAL_STATUS | Kind.TASK_CONFIG):
            return InputSpec(declared, optional=True, description=description)
        case _:
            _check_default(default, declared, where)
    return InputSpec(declared, optional, default, description)


_PYTHON_TYPES: Mapping[Kind, tuple[type, ...]] = {
    Kind.NUMBER_INTEGER: (int,),
    Kind.NUMBER_DOUBLE: (int, float),
    Kind.STRING: (str,),
    Kind.BOOLEAN: (bool, int),
    Kind.LIST: (list, dict, str, int, float),
    Kind.STRUCT: (dict, list, str, int, float),
}


def _check_default(default: Any, declared: ParameterType, where: str) -> None:
    if default is not None and not isinstance(default, _PYTHON_TYPES[declared.kind]):
        raise ComponentSignatureError(
            f"{where} is {declared}, but its default is {default!r} of type {type(default).__name__}.",
            hint="Make the default a value of the annotated type.",
        )


def _returned(
    annotation: Any, function: Callable[..., Any], docstring: Docstring, *, is_container: bool
) -> dict[str, OutputSpec]:
    if annotation is inspect.Signature.empty or annotation is None:
        return {}
    where = f"the return value of '{function.__name__}'"
    if is_container:
        if annotation is not ContainerSpec:
            raise ComponentSignatureError(
                f"{where} is annotated with {annotation!r}; expected dsl.ContainerSpec or nothing.",
                hint="Declare outputs as parameters: dsl.Output[...] or dsl.OutputPath(...).",
            )
        return {}
    if is_named_tuple(annotation):
        fields = {name: resolve_annotation(field, function) for name, field in annotation.__annotations__.items()}
        return {
            name: OutputSpec(
                type_of_annotation(fields[name], where=f"field '{name}' of {where}"), docstring.returns.get(name, "")
            )
            for name in annotation._fields
        }
    if isinstance(annotation, dict):
        raise ComponentSignatureError(
            f"{where} is annotated with a dict.", hint="Use typing.NamedTuple to return several outputs."
        )
    if artifact_list_item(annotation) is None and not is_artifact_class(annotation):
        annotation = strip_optional(annotation)
    return {
        SINGLE_OUTPUT: OutputSpec(type_of_annotation(annotation, where=where), docstring.returns.get(SINGLE_OUTPUT, ""))
    }
