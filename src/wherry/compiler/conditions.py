"""Pass 5, ``condition_text``: comparisons as the CEL of ``triggerPolicy.condition``."""

from __future__ import annotations

import json
from typing import Any

from wherry.dsl.graph import Comparison, Source
from wherry.dsl.names import injected_input
from wherry.dsl.value_types import Kind, ParameterType, type_of_constant
from wherry.errors import IncompatibleTypeError, PipelineTopologyError


class IncomparableError(IncompatibleTypeError, ValueError):
    """A condition compares what cannot be compared. kfp raises ValueError."""


_PRECEDENCE = (Kind.STRING, Kind.BOOLEAN, Kind.NUMBER_DOUBLE, Kind.NUMBER_INTEGER)


def condition_text(comparisons: tuple[Comparison, ...]) -> str:
    """All comparisons, joined by ``&&``.

    Raises:
        IncomparableError: An operand is no text, number or bool.
    """
    return " && ".join(_text(comparison) for comparison in comparisons)


def _text(comparison: Comparison) -> str:
    if not comparison.sources():
        raise PipelineTopologyError("A comparison has no value of the pipeline in it.")
    kinds = [_kind(operand) for operand in (comparison.left, comparison.right)]
    joint = next(kind for kind in _PRECEDENCE if kind in kinds)
    left = _operand(comparison.left, kinds[0], joint)
    right = _operand(comparison.right, kinds[1], joint)
    text = f"{left} {comparison.operator} {right}"
    return f"!({text})" if comparison.negated else text


def _kind(operand: Any) -> Kind:
    operand_type = operand.type if isinstance(operand, Source) else type_of_constant(operand)
    if not isinstance(operand_type, ParameterType) or operand_type.kind not in _PRECEDENCE:
        shown = f"'{operand.full_name}' of type {operand_type}" if isinstance(operand, Source) else repr(operand)
        raise IncomparableError(
            f"A condition compares {shown}; only texts, numbers and bools can be compared.",
            hint="Let a task return what the decision depends on.",
        )
    return operand_type.kind


def _operand(operand: Any, kind: Kind, joint: Kind) -> str:
    if isinstance(operand, Source):
        text = f"inputs.parameter_values['{injected_input(operand.full_name)}']"
        if kind is Kind.NUMBER_INTEGER:
            text = f"int({text})"
    elif isinstance(operand, str):
        text = _quoted(operand)
    elif isinstance(operand, bool):
        text = json.dumps(operand)
    else:
        text = str(operand)
    return text if kind is joint else _cast(operand, text, joint)


def _cast(operand: Any, text: str, joint: Kind) -> str:
    match joint:
        case Kind.STRING:
            return f"'{text}'" if not isinstance(operand, Source) else f"string({text})"
        case Kind.BOOLEAN:
            if isinstance(operand, Source):
                raise IncomparableError(
                    f"A condition compares the number '{operand.full_name}' with a bool.",
                    hint="Compare it with a number.",
                )
            return "true" if operand else "false"
        case _:
            return f"double({text})"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"
