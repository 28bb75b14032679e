"""What a component's function returned, checked against its declaration, to ExecutorOutput."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_origin

from wherry.runtime.annotations import is_artifact_class, is_named_tuple, strip_optional
from wherry.runtime.artifacts import Artifact
from wherry.runtime.binding import Task
from wherry.runtime.json_values import json_value
from wherry.runtime.parameter_types import parameter_type

#: Name of the output of a function that returns one value.
SINGLE_OUTPUT = "Output"

_PYTHON_TYPES: dict[str, Any] = {"str": str, "int": int, "float": float, "bool": bool, "dict": dict, "list": list}


class ReturnedValueError(ValueError):
    """A component returned something other than it declares. The message names both."""


def take_returned_value(task: Task, value: Any) -> dict[str, Any]:
    """Turn a function's return value into output parameters; artifacts are put into ``task.output_artifacts``.

    Args:
        task: The task that ran.
        value: What its function returned. None reports nothing.

    Returns:
        JSON values of output parameters by name.

    Raises:
        ReturnedValueError: the value is not of the declared type.
    """
    if value is None:
        return {}
    declared = strip_optional(task.function.__annotations__.get("return"))
    if not is_named_tuple(declared):
        return _take(task, SINGLE_OUTPUT, declared, value)
    fields: tuple[str, ...] = declared._fields
    if not isinstance(value, tuple) or len(value) != len(fields):
        came = f"{len(value)} values" if isinstance(value, tuple) else f"a {_name(type(value))}"
        raise ReturnedValueError(
            f"component {task.component!r} declares {len(fields)} outputs ({', '.join(fields)}) but returned {came}."
        )
    parameters: dict[str, Any] = {}
    for index, field in enumerate(fields):
        item = value[index] if type(value) is tuple else getattr(value, field, value[index])
        parameters.update(_take(task, field, strip_optional(declared.__annotations__[field]), item))
    return parameters


def _take(task: Task, output: str, declared: Any, value: Any) -> dict[str, Any]:
    where = f"output {output!r} of component {task.component!r}"
    if isinstance(declared, type) and is_artifact_class(declared):
        _take_artifact(task, output, where, value)
        return {}
    if parameter_type(declared) is None:
        raise ReturnedValueError(
            f"component {task.component!r} returned a {_name(type(value))}, but "
            + ("declares no return type" if declared is None else f"{_name(declared)} is no type of an output")
            + ": declare str, int, float, bool, list, dict, an artifact class, or a NamedTuple of these."
        )
    plain = _PYTHON_TYPES.get(declared, declared) if isinstance(declared, str) else get_origin(declared) or declared
    # As in kfp: an int is a float, and a bool is an int.
    accepted = (int, float) if plain is float else plain
    if isinstance(plain, type) and not isinstance(value, accepted):
        raise ReturnedValueError(
            f"{where} is declared {_name(declared)}, but the function returned {_shortened(value)} "
            f"of type {_name(type(value))}."
        )
    return {output: json_value(value, where)}


def _take_artifact(task: Task, output: str, where: str, value: Any) -> None:
    place = task.output_artifacts.get(output)
    if isinstance(value, Artifact):
        if not value.uri and place is not None:
            value.uri = place.uri
        task.output_artifacts[output] = value
        return
    if place is None:
        raise ReturnedValueError(f"No place was given for {where}.")
    if value is not None:
        Path(place.path).write_text(str(value), encoding="utf-8")


def _name(declared: Any) -> str:
    if isinstance(declared, type) and get_origin(declared) is None:
        return (
            declared.__qualname__
            if declared.__module__ == "builtins"
            else f"{declared.__module__}.{declared.__qualname__}"
        )
    return str(declared)


def _shortened(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004  one line of a terminal
