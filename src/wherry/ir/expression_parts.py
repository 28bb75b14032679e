"""What the parts of an expression do: values, operators, functions. Pure.

A part is a function of the names that an expression sees; `wherry.ir.expression` reads texts and puts parts
together.
"""

from __future__ import annotations

import functools
import json
import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from wherry.ir.types import parameter_text

MAX_PATTERN: Final = 256
"""Longest pattern that ``matches`` takes: Python's engine backtracks where CEL's does not."""
MAX_MATCHED: Final = 10 * 1024
"""Longest text that ``matches`` looks at, for the same reason."""

Names: TypeAlias = Mapping[str, Any]
Node: TypeAlias = Callable[[Names], Any]


class EvaluationError(Exception):
    """A part has no value; ``column`` is where it stands in its text, from 0."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


# -- values -----------------------------------------------------------------------------------------------------------


def type_name(value: Any) -> str:
    """What a value is, for messages."""
    if isinstance(value, bool):
        return f"the bool {'true' if value else 'false'}"
    if isinstance(value, str):
        return f"the string {value[:40]!r}"
    if _is_number(value):
        return f"the {type(value).__name__.replace('float', 'double')} {value}"
    return "null" if value is None else "a list" if isinstance(value, list) else "a map"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _equal(left: Any, right: Any) -> bool:
    """Numbers compare across types, anything else only within its own; other pairs are unequal, not an error."""
    if _is_number(left) and _is_number(right):
        return bool(left == right)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_equal(left[key], right[key]) for key in left)
    return type(left) is type(right) and bool(left == right)


# -- nodes ------------------------------------------------------------------------------------------------------------


def constant(value: Any) -> Node:
    """A literal."""
    return lambda _: value


def named(name: str, column: int) -> Node:
    """The value of a name."""

    def node(names: Names) -> Any:
        if name not in names:
            raise EvaluationError(f"'{name}' is not known here", column)
        return names[name]

    return node


def list_of(items: list[Node]) -> Node:
    """``[a, b]``."""
    return lambda names: [item(names) for item in items]


def map_of(entries: list[tuple[Node, Node]], column: int) -> Node:
    """``{a: b}``."""

    def node(names: Names) -> Any:
        found = {}
        for key, value in entries:
            name = key(names)
            if isinstance(name, list | dict):
                raise EvaluationError("a list or a map is no key", column)
            found[name] = value(names)
        return found

    return node


def choice(condition: Node, then: Node, otherwise: Node, column: int) -> Node:
    """``a ? b : c``."""

    def node(names: Names) -> Any:
        value = condition(names)
        if not isinstance(value, bool):
            raise EvaluationError(f"'?' follows {type_name(value)}, which is no bool", column)
        return then(names) if value else otherwise(names)

    return node


def logic(left: Node, right: Node, *, decides: bool, column: int) -> Node:
    """``&&`` and ``||``: one side that decides is enough, even if the other has no value, as in CEL."""

    def side(of: Node, names: Names) -> bool | EvaluationError:
        try:
            value = of(names)
        except EvaluationError as error:
            return error
        if not isinstance(value, bool):
            sign = "||" if decides else "&&"
            return EvaluationError(f"'{sign}' stands beside {type_name(value)}, which is no bool", column)
        return value

    def node(names: Names) -> Any:
        first = side(left, names)
        if first is decides:
            return decides
        second = side(right, names)
        if second is decides:
            return decides
        for one in (first, second):
            if isinstance(one, EvaluationError):
                raise one
        return not decides

    return node


_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def binary(sign: str, column: int, left: Node, right: Node) -> Node:
    """A binary operator but ``&&`` and ``||``."""
    match sign:
        case "==":
            return lambda names: _equal(left(names), right(names))
        case "!=":
            return lambda names: not _equal(left(names), right(names))
        case "in":
            compute: Callable[[Any, Any], Any] = _contained
        case "<" | "<=" | ">" | ">=":
            compute = functools.partial(_ordered, _ORDERS[sign])
        case _:
            compute = _ARITHMETIC[sign]

    def node(names: Names) -> Any:
        first, second = left(names), right(names)
        try:
            return compute(first, second)
        except TypeError:
            message = f"'{sign}' is not defined between {type_name(first)} and {type_name(second)}"
            raise EvaluationError(message, column) from None
        except (ZeroDivisionError, OverflowError):
            raise EvaluationError(f"'{sign}' divides by zero or overflows", column) from None

    return node


def _contained(item: Any, container: Any) -> bool:
    if isinstance(container, list):
        return any(_equal(item, one) for one in container)
    if isinstance(container, dict):
        return any(_equal(item, key) for key in container)
    raise TypeError


def _ordered(compare: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    if (_is_number(left) and _is_number(right)) or (type(left) is type(right) and isinstance(left, str | bool)):
        return compare(left, right)
    raise TypeError


def _numbers(left: Any, right: Any) -> None:
    if not (_is_number(left) and _is_number(right)):
        raise TypeError


def _bounded(value: Any) -> Any:
    """CEL's integers have 64 bits."""
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
        raise OverflowError
    return value


def _add(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, list) and isinstance(right, list):
        return left + right
    _numbers(left, right)
    return _bounded(left + right)


def _subtract(left: Any, right: Any) -> Any:
    _numbers(left, right)
    return _bounded(left - right)


def _multiply(left: Any, right: Any) -> Any:
    _numbers(left, right)
    return _bounded(left * right)


def _divide(left: Any, right: Any) -> Any:
    _numbers(left, right)
    if isinstance(left, int) and isinstance(right, int):
        whole = abs(left) // abs(right)
        return _bounded(whole if (left < 0) == (right < 0) else -whole)
    if right == 0:
        return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left)
    return left / right


def _remainder(left: Any, right: Any) -> Any:
    if not (isinstance(left, int) and isinstance(right, int)) or isinstance(left, bool) or isinstance(right, bool):
        raise TypeError
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


#: Integers and doubles mix here, which CEL refuses: KFP sends every number as a double, we send integers as such.
_ARITHMETIC: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "%": _remainder,
}


def negated(of: Node, column: int) -> Node:
    """``!a``."""

    def node(names: Names) -> Any:
        value = of(names)
        if not isinstance(value, bool):
            raise EvaluationError(f"'!' precedes {type_name(value)}, which is no bool", column)
        return not value

    return node


def negative(of: Node, column: int) -> Node:
    """``-a``."""

    def node(names: Names) -> Any:
        value = of(names)
        if not _is_number(value):
            raise EvaluationError(f"'-' precedes {type_name(value)}, which is no number", column)
        return -value

    return node


class _MissingKeyError(EvaluationError):
    """What ``has`` takes for false."""


def field(of: Node, name: str, column: int) -> Node:
    """``a.b``."""

    def node(names: Names) -> Any:
        value = of(names)
        if not isinstance(value, Mapping):
            raise EvaluationError(f"'.{name}' is asked of {type_name(value)}", column)
        if name not in value:
            raise _MissingKeyError(f"there is no '{name}'", column)
        return value[name]

    return node


def item(of: Node, by: Node, column: int) -> Node:
    """``a[b]``."""

    def node(names: Names) -> Any:
        value, key = of(names), by(names)
        if isinstance(value, Mapping):
            if isinstance(key, list | dict) or key not in value:
                raise _MissingKeyError(f"there is no {key!r}", column)
            return value[key]
        if isinstance(value, list) and _is_number(key) and key == int(key):
            if not 0 <= key < len(value):
                raise _MissingKeyError(f"there is no item {int(key)} in a list of {len(value)}", column)
            return value[int(key)]
        raise EvaluationError(f"{type_name(value)} has no item {type_name(key)}", column)

    return node


def has(of: Node) -> Node:
    """``has(a.b)``: whether the last key is there."""

    def node(names: Names) -> Any:
        try:
            of(names)
        except _MissingKeyError:
            return False
        return True

    return node


# -- functions --------------------------------------------------------------------------------------------------------


def call(function: Callable[[Any], Any], argument: Node, column: int) -> Node:
    """``f(a)``."""
    name = function.__name__.strip("_").removeprefix("to_")

    def node(names: Names) -> Any:
        value = argument(names)
        try:
            return function(value)
        except (TypeError, ValueError, OverflowError, RecursionError):
            raise EvaluationError(f"{name}() does not take {type_name(value)}", column) from None

    return node


def _to_int(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, float):
        return int(_bounded(math.trunc(value)))
    if isinstance(value, str):
        return int(_bounded(int(value, 10)))
    return int(value)


def _to_double(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _to_string(value: Any) -> str:
    if isinstance(value, list | dict) or value is None:
        raise TypeError
    return parameter_text(value)


_TRUE = frozenset({"1", "t", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "false", "FALSE", "False"})


def _to_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in _TRUE | _FALSE:
        return value in _TRUE
    raise TypeError


def _size(value: Any) -> int:
    if not isinstance(value, str | list | dict):
        raise TypeError
    return len(value)


def _parse_json(value: Any) -> Any:
    if not isinstance(value, str):
        raise TypeError
    return json.loads(value)


FUNCTIONS: Final[dict[str, Callable[[Any], Any]]] = {
    "int": _to_int,
    "uint": _to_int,
    "double": _to_double,
    "string": _to_string,
    "bool": _to_bool,
    "size": _size,
    "parseJson": _parse_json,
}


def _matches(text: str, pattern: str) -> bool:
    if len(pattern) > MAX_PATTERN or len(text) > MAX_MATCHED:
        raise ValueError(f"looks at most at {MAX_MATCHED} characters with a pattern of at most {MAX_PATTERN}")
    return re.search(pattern, text) is not None


TEXT_METHODS: Final[dict[str, Callable[[str, str], bool]]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": str.__contains__,
    "matches": _matches,
}


def method(name: str, column: int, of: Node, argument: Node) -> Node:
    """One of `TEXT_METHODS` of a text."""
    function = TEXT_METHODS[name]

    def node(names: Names) -> Any:
        text, other = of(names), argument(names)
        if not (isinstance(text, str) and isinstance(other, str)):
            raise EvaluationError(f"{name}() takes strings, not {type_name(text)} and {type_name(other)}", column)
        try:
            return function(text, other)
        except (ValueError, re.error) as error:
            raise EvaluationError(f"{name}(): {error}", column) from None

    return node


def size_of(of: Node, column: int) -> Node:
    """``x.size()``."""
    return call(_size, of, column)
