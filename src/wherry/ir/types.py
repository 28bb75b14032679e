"""Parameter values and their declared types. Pure.

Two borders use it: a run is created with arguments (`check_arguments`, `parse_argument`), strictly, as KFP's API
server does; and inside a run a value reaches an input (`coerce_parameter`), where KFP's driver turns anything into
text for a STRING input. Integers stay integers, which KFP's doubles cannot promise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Final

from msgspec import UNSET

from wherry.errors import InvalidArgumentError, SpecError
from wherry.ir.findings import nearest
from wherry.ir.spec import ComponentInputsSpec, InputParameterSpec, Json, ParameterType, PipelineSpec

_NAMES: Final[dict[ParameterType, str]] = {
    ParameterType.PARAMETER_TYPE_ENUM_UNSPECIFIED: "any value",
    ParameterType.NUMBER_DOUBLE: "a number",
    ParameterType.NUMBER_INTEGER: "a whole number",
    ParameterType.STRING: "a text",
    ParameterType.BOOLEAN: "true or false",
    ParameterType.LIST: "a list",
    ParameterType.STRUCT: "a mapping",
    ParameterType.TASK_FINAL_STATUS: "a task's final status",
    ParameterType.TASK_CONFIG: "a task's configuration",
}
_EXAMPLES: Final[dict[ParameterType, str]] = {
    ParameterType.NUMBER_DOUBLE: "0.5",
    ParameterType.NUMBER_INTEGER: "10",
    ParameterType.BOOLEAN: "true",
    ParameterType.LIST: '["a", "b"]',
    ParameterType.STRUCT: '{"key": 1}',
}
_NO_INPUTS: Final = ComponentInputsSpec()
_WHOLE = re.compile(r"[-+]?[0-9]+", re.ASCII)
_MAX_DIGITS: Final = 300
_MAX_SHOWN: Final = 80


class _MismatchError(Exception):
    """The value is not of the declared type."""


# -- inside a run -----------------------------------------------------------------------------------------------------


def coerce_parameter(value: Json, spec: InputParameterSpec, *, name: str) -> Json:
    """``value`` as the input ``name`` takes it.

    STRING takes anything, as the text of `parameter_text`. NUMBER_INTEGER takes a whole number and gives an int,
    NUMBER_DOUBLE any finite number and gives a float. BOOLEAN, LIST and STRUCT take their own kind alone: a text is
    not parsed. None passes where the input is optional. Nothing is checked for an input without a declared type.

    Raises:
        SpecError: The value is of another type, or is none of the input's ``literals``.
    """
    if value is None and (spec.is_optional or spec.default_value is None):
        return None
    kind = spec.parameter_type
    try:
        result = parameter_text(value) if kind is ParameterType.STRING and value is not None else _typed(value, kind)
    except _MismatchError:
        raise SpecError(f"input '{name}' is {kind.value} and takes {_NAMES[kind]}, got {_described(value)}") from None
    if spec.literals and not _is_one_of(result, spec.literals):
        raise SpecError(f"input '{name}' is {_described(result)}, and only {_listed(spec.literals)} are allowed")
    return result


def parameter_text(value: Json) -> str:
    """A parameter as text, as KFP's launcher writes it into commands and STRING inputs.

    Whole numbers have no point (``3.0`` is ``3``), others the fewest digits that tell them apart and never an
    exponent; booleans are ``true`` and ``false``; None is empty; lists and mappings are compact JSON, keys sorted.
    """
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return format(Decimal(repr(value)), "f").removesuffix(".0")
        case _:
            return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def _typed(value: Json, kind: ParameterType) -> Json:
    match kind, value:
        case (ParameterType.PARAMETER_TYPE_ENUM_UNSPECIFIED, _):
            return value
        case (ParameterType.STRING, str()) | (ParameterType.BOOLEAN, bool()) | (ParameterType.LIST, list()):
            return value
        case (ParameterType.LIST, tuple()):
            return list(value)
        case (ParameterType.STRUCT | ParameterType.TASK_FINAL_STATUS | ParameterType.TASK_CONFIG, dict()):
            return value
        case (ParameterType.NUMBER_INTEGER | ParameterType.NUMBER_DOUBLE, bool()):
            raise _MismatchError
        case (ParameterType.NUMBER_INTEGER, int()):
            return value
        case (ParameterType.NUMBER_INTEGER, float()) if value.is_integer():
            return int(value)
        case (ParameterType.NUMBER_DOUBLE, int() | float()):
            return _finite(value)
        case _:
            raise _MismatchError


def _finite(value: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        raise _MismatchError from None
    if not isfinite(number):
        raise _MismatchError
    return number


def _is_one_of(value: Json, literals: tuple[Json, ...]) -> bool:
    return any(value == literal and isinstance(value, bool) == isinstance(literal, bool) for literal in literals)


# -- a run's arguments ------------------------------------------------------------------------------------------------


def check_arguments(spec: PipelineSpec, arguments: Mapping[str, Json]) -> dict[str, Json]:
    """The arguments of a run, checked and of their declared types; defaults are not filled in.

    Raises:
        InvalidArgumentError: Naming every parameter that is unknown, missing, of another type, or none of its
            literals.
    """
    inputs = spec.root.input_definitions or _NO_INPUTS
    problems: list[str] = []
    hints: list[str] = []
    result: dict[str, Json] = {}
    for name, value in arguments.items():
        declared = inputs.parameters.get(name)
        if declared is None:
            problems.append(f"pipeline '{spec.pipeline_info.name}' has no parameter '{name}'")
            hints.append(nearest(name, inputs.parameters, what="parameters"))
            continue
        try:
            result[name] = _argument(value, declared, name=name)
        except SpecError as error:
            problems.append(error.message)
    for name, declared in inputs.parameters.items():
        if name not in arguments and not declared.is_optional and declared.default_value is UNSET:
            problems.append(f"parameter '{name}' has no value and no default")
            hints.append(f"Give it {_NAMES[declared.parameter_type]}.")
    for name, artifact in inputs.artifacts.items():
        if not artifact.is_optional:
            problems.append(f"the pipeline needs an artifact '{name}', and a run can only be given parameters")
            hints.append("Use it inside another pipeline, or import the artifact with dsl.importer.")
    if problems:
        raise InvalidArgumentError("; ".join(problems) + ".", hint=hints[0] if hints else "")
    return result


def root_inputs(spec: PipelineSpec, arguments: Mapping[str, Json]) -> dict[str, Json]:
    """Values of all parameters of the pipeline: the argument, else the default, else None where optional.

    Args:
        spec: The pipeline.
        arguments: As `check_arguments` returned them.

    Raises:
        SpecError: A default of the pipeline is not of its declared type.
    """
    inputs = spec.root.input_definitions or _NO_INPUTS
    result: dict[str, Json] = {}
    for name, declared in inputs.parameters.items():
        if name in arguments:
            result[name] = arguments[name]
        elif declared.default_value is not UNSET:
            result[name] = coerce_parameter(declared.default_value, declared, name=name)
        else:
            result[name] = None
    return result


def _argument(value: Json, declared: InputParameterSpec, *, name: str) -> Json:
    kind = declared.parameter_type
    if kind in {ParameterType.TASK_FINAL_STATUS, ParameterType.PARAMETER_TYPE_ENUM_UNSPECIFIED}:
        raise SpecError(f"parameter '{name}' is {kind.value}, and a run cannot be given one")
    problem = _no_json(value)
    if problem:
        raise SpecError(f"parameter '{name}' holds {problem}")
    if kind is ParameterType.STRING and value is not None and not isinstance(value, str):
        raise SpecError(f"parameter '{name}' is STRING and takes a text, got {_described(value)}")
    try:
        return coerce_parameter(value, declared, name=name)
    except SpecError as error:
        raise SpecError(error.message.replace("input '", "parameter '", 1)) from None


def _no_json(root: Json) -> str:
    """What in ``root`` JSON cannot hold; empty if it is JSON."""
    stack = [root]
    while stack:
        match stack.pop():
            case None | bool() | int():
                pass
            case str() as text:
                if "\0" in text or not _is_unicode(text):
                    return "a text with a NUL character or half of a surrogate pair"
            case float() as number:
                if not isfinite(number):
                    return f"{number}, which is no finite number"
            case dict() as mapping:
                if not all(isinstance(key, str) for key in mapping):
                    return "a mapping with a key that is no text"
                stack.extend(mapping)
                stack.extend(mapping.values())
            case list() | tuple() as items:
                stack.extend(items)
            case other:
                return f"a {type(other).__name__}, which is no JSON value"
    return ""


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


# -- arguments typed by a person --------------------------------------------------------------------------------------


def parse_argument(text: str, kind: ParameterType, *, name: str) -> Json:
    """The value that ``text`` means for a parameter of type ``kind``, as in ``--param name=text``.

    Lists and mappings are JSON; booleans are ``true`` or ``false`` in any case; a STRING is the text itself.

    Raises:
        InvalidArgumentError: The text does not mean such a value. The message names the parameter.
    """
    try:
        match kind:
            case ParameterType.STRING | ParameterType.PARAMETER_TYPE_ENUM_UNSPECIFIED:
                return text
            case ParameterType.NUMBER_INTEGER:
                return _whole(text.strip())
            case ParameterType.NUMBER_DOUBLE:
                return _finite(float(text))
            case ParameterType.BOOLEAN:
                return {"true": True, "false": False}[text.strip().lower()]
            case _:
                return _typed(json.loads(text, parse_constant=_refuse), kind)
    except (_MismatchError, ValueError, KeyError, RecursionError):
        raise InvalidArgumentError(
            f"parameter '{name}' is {kind.value} and takes {_NAMES[kind]}, got {_described(text)}.",
            hint=f"Write it like {name}={_EXAMPLES[kind]}" if kind in _EXAMPLES else "",
        ) from None


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text) or len(text) > _MAX_DIGITS:
        raise _MismatchError
    return int(text)


def _refuse(_constant: str) -> None:
    raise _MismatchError


def _described(value: Json) -> str:
    match value:
        case str():
            shown = value if len(value) <= _MAX_SHOWN else value[:_MAX_SHOWN] + "..."
            return f"the text '{shown}'"
        case list() | tuple():
            return "a list"
        case dict():
            return "a mapping"
        case None | bool():
            return json.dumps(value)
        case _:
            return str(value)[:_MAX_SHOWN]


def _listed(values: tuple[Json, ...]) -> str:
    return ", ".join(f"'{value}'" if isinstance(value, str) else json.dumps(value) for value in values)
