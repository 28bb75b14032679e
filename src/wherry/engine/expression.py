"""Conditions and selectors: the part of CEL that pipelines use, typed, compiled once. Pure.

Operators, arithmetic, the ternary, ``in``, ``size startsWith endsWith contains matches``, ``int double string bool``,
``has``, ``parseJson`` (KFP's), list and map literals, over ``inputs.parameter_values[…]`` and, in selectors,
``string_value``. What it reads differently from CEL is written at the place; docs/explanation/semantics.md lists it.
"""

from __future__ import annotations

import functools
import json
import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, NoReturn, TypeAlias

from wherry.errors import SpecError
from wherry.ir.spec import Json
from wherry.ir.types import parameter_text

MAX_LENGTH: Final = 10 * 1024
"""Longest expression, in characters."""
MAX_DEPTH: Final = 50
"""Deepest nesting of an expression."""
MAX_PATTERN: Final = 256
"""Longest pattern that ``matches`` takes: Python's engine backtracks where CEL's does not."""
MAX_MATCHED: Final = 10 * 1024
"""Longest text that ``matches`` looks at, for the same reason."""

Names: TypeAlias = Mapping[str, Any]
_Node: TypeAlias = Callable[[Names], Any]


class ExpressionError(SpecError):
    """An expression cannot be read, or has no value. Says where in its text."""


class Expression:
    """A compiled expression. Equal texts give the same one."""

    __slots__ = ("_node", "text")

    def __init__(self, text: str, node: _Node) -> None:
        self.text = text
        self._node = node

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def value(self, names: Names) -> Json:
        """Evaluate it.

        Raises:
            ExpressionError: a name or key is missing, or an operator meets types it is not defined for.
        """
        try:
            return self._node(names)
        except _EvaluationError as error:
            raise ExpressionError(f"{error} (column {error.column + 1} of {_shown(self.text)})") from None
        except RecursionError:
            raise ExpressionError(f"a value is nested too deeply for {_shown(self.text)}") from None

    def holds(self, parameters: Mapping[str, Json]) -> bool:
        """Evaluate a condition over ``inputs.parameter_values``.

        Raises:
            ExpressionError: also if the value is not a bool.
        """
        value = self.value({"inputs": {"parameter_values": parameters}})
        if not isinstance(value, bool):
            raise ExpressionError(f"condition {_shown(self.text)} is {_type_name(value)}, it must be true or false")
        return value

    def select(self, value: Json) -> Json:
        """Evaluate a ``parameterExpressionSelector``: ``string_value`` is the text of ``value``."""
        return self.value({"string_value": parameter_text(value)})


@functools.lru_cache(maxsize=1024)
def compile_expression(text: str) -> Expression:
    """Read an expression.

    Raises:
        ExpressionError: it is too long, nested too deeply or not understood.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression has {len(text)} characters, at most {MAX_LENGTH} are read")
    try:
        return Expression(text, _Parser(text, _tokens(text)).parse())
    except ExpressionError as strict:
        try:
            return Expression(text, _Parser(text, _tokens(_escaped(text))).parse())
        except ExpressionError:
            raise strict from None


def _shown(text: str) -> str:
    return repr(text if len(text) <= 120 else text[:117] + "...")  # noqa: PLR2004  about a line


# -- reading ----------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+\.\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|0[xX][0-9a-fA-F]+[uU]?|\d+[uU]?))
    | (?P<string>[rR]?(?:\"\"\".*?\"\"\"|'''.*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<symbol>&&|\|\||==|!=|<=|>=|[-+*/%!<>?:.,()\[\]{}])
    | (?P<end>$)
    )""",
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    kind: str
    text: str
    column: int


class _EvaluationError(Exception):
    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


def _tokens(text: str) -> list[_Token]:
    found = []
    position = 0
    while True:
        match = _TOKEN.match(text, position)
        if match is None:
            column = position + len(text[position:]) - len(text[position:].lstrip())
            raise ExpressionError(f"cannot read {text[column]!r} at column {column + 1} of {_shown(text)}")
        kind = match.lastgroup or "end"
        found.append(_Token(kind, match[kind], match.start(kind)))
        if kind == "end":
            return found
        position = match.end()


#: A literal as kfp compiles it, unescaped: it ends at a quote behind which an expression can go on or end.
_UNESCAPED = re.compile(r"'(.*?)'(?=\s*(?:$|&&|\|\||\)|\]|[=!<>]=|[<>]\s))", re.DOTALL)


def _escaped(text: str) -> str:
    """The same with quotes and backslashes inside literals escaped: kfp writes ``x == 'it's'``."""
    return _UNESCAPED.sub(lambda match: "'" + match[1].replace("\\", r"\\").replace("'", r"\'") + "'", text)


class _Parser:
    """Recursive descent, as deep as `MAX_DEPTH`."""

    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def parse(self) -> _Node:
        node = self._expression()
        if self._peek().kind != "end":
            self._refuse(self._peek())
        return node

    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _accept(self, *symbols: str) -> _Token | None:
        token = self._peek()
        if token.text in symbols and token.kind in {"symbol", "name"}:
            return self._take()
        return None

    def _expect(self, symbol: str) -> _Token:
        token = self._accept(symbol)
        if token is None:
            self._refuse(self._peek(), f", expected '{symbol}'")
        return token

    def _refuse(self, token: _Token, expected: str = "") -> NoReturn:
        what = f"unexpected '{token.text}'" if token.kind != "end" else "unexpected end"
        raise ExpressionError(f"{what} at column {token.column + 1} of {_shown(self._text)}{expected}")

    def _expression(self) -> _Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(f"an expression is nested deeper than {MAX_DEPTH}: {_shown(self._text)}")
        node = self._either()
        question = self._accept("?")
        if question is not None:
            then = self._expression()
            self._expect(":")
            node = _choice(node, then, self._expression(), question.column)
        self._depth -= 1
        return node

    def _either(self) -> _Node:
        node = self._both()
        while token := self._accept("||"):
            node = _logic(node, self._both(), decides=True, column=token.column)
        return node

    def _both(self) -> _Node:
        node = self._relation()
        while token := self._accept("&&"):
            node = _logic(node, self._relation(), decides=False, column=token.column)
        return node

    def _relation(self) -> _Node:
        node = self._sum()
        while token := self._accept("==", "!=", "<", "<=", ">", ">=", "in"):
            node = _binary(token, node, self._sum())
        return node

    def _sum(self) -> _Node:
        node = self._product()
        while token := self._accept("+", "-"):
            node = _binary(token, node, self._product())
        return node

    def _product(self) -> _Node:
        node = self._unary()
        while token := self._accept("*", "/", "%"):
            node = _binary(token, node, self._unary())
        return node

    def _unary(self) -> _Node:
        signs = []
        while token := self._accept("!", "-"):
            signs.append(token)
            if len(signs) > MAX_DEPTH:
                raise ExpressionError(f"an expression is nested deeper than {MAX_DEPTH}: {_shown(self._text)}")
        node = self._member()
        for token in reversed(signs):
            node = _not(node, token.column) if token.text == "!" else _negative(node, token.column)
        return node

    def _member(self) -> _Node:
        node = self._primary()
        chain = 0
        while token := self._accept(".", "["):
            chain += 1
            if chain > MAX_DEPTH:
                raise ExpressionError(f"an expression is nested deeper than {MAX_DEPTH}: {_shown(self._text)}")
            if token.text == "[":
                node = _index(node, self._expression(), token.column)
                self._expect("]")
                continue
            name = self._take()
            if name.kind != "name":
                self._refuse(name)
            if self._accept("("):
                node = _method(name, node, self._arguments(")"), self._refuse)
            else:
                node = _field(node, name.text, name.column)
        return node

    def _primary(self) -> _Node:  # noqa: RET503  one line per kind of token; `_refuse` never returns
        token = self._take()
        match token.kind, token.text:
            case "number", text:
                return _constant(_number(text))
            case "string", text:
                return _constant(self._string(token))
            case "name", "true" | "false":
                return _constant(token.text == "true")
            case "name", "null":
                return _constant(None)
            case "name", "has":
                self._expect("(")
                node = self._expression()
                self._expect(")")
                return _has(node)
            case "name", _:
                return self._function(token) if self._accept("(") else _name(token)
            case "symbol", "(":
                node = self._expression()
                self._expect(")")
                return node
            case "symbol", "[":
                return _list(self._arguments("]"))
            case "symbol", "{":
                return _map(self._entries(), token.column)
            case _:
                self._refuse(token)

    def _function(self, token: _Token) -> _Node:
        function = _FUNCTIONS.get(token.text)
        arguments = self._arguments(")")
        if function is None:
            self._refuse(token, f"; known functions: {', '.join(sorted([*_FUNCTIONS, 'has']))}")
        if len(arguments) != 1:
            self._refuse(token, f"; it takes 1 argument, not {len(arguments)}")
        return _call(function, arguments[0], token.column)

    def _arguments(self, end: str) -> list[_Node]:
        found: list[_Node] = []
        while not self._accept(end):
            if found:
                self._expect(",")
            found.append(self._expression())
        return found

    def _entries(self) -> list[tuple[_Node, _Node]]:
        found: list[tuple[_Node, _Node]] = []
        while not self._accept("}"):
            if found:
                self._expect(",")
            key = self._expression()
            self._expect(":")
            found.append((key, self._expression()))
        return found

    def _string(self, token: _Token) -> str:
        text = token.text
        raw = text[0] in "rR"
        if raw:
            text = text[1:]
        quote = 3 if text[:3] in {'"""', "'''"} and len(text) >= 6 else 1  # noqa: PLR2004  two triple quotes
        body = text[quote:-quote]
        if raw or "\\" not in body:
            return body
        try:
            return _ESCAPE.sub(_unescape, body)
        except ValueError:
            self._refuse(token, "; it has an escape that is not known")


_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)", re.DOTALL)
_SIMPLE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    if code[0] in "xuU" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code.isdigit() and len(code) == 3:  # noqa: PLR2004  octal digits
        return chr(int(code, 8))
    if code in _SIMPLE_ESCAPES:
        return _SIMPLE_ESCAPES[code]
    if code in "\\'\"`?":
        return code
    raise ValueError(code)


def _number(text: str) -> int | float:
    text = text.rstrip("uU")
    if text[:2] in {"0x", "0X"}:
        return int(text, 16)
    return float(text) if any(sign in text for sign in ".eE") else int(text)


# -- values -----------------------------------------------------------------------------------------------------------


def _type_name(value: Any) -> str:
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


def _constant(value: Any) -> _Node:
    return lambda _: value


def _name(token: _Token) -> _Node:
    def node(names: Names) -> Any:
        if token.text not in names:
            raise _EvaluationError(f"'{token.text}' is not known here", token.column)
        return names[token.text]

    return node


def _list(items: list[_Node]) -> _Node:
    return lambda names: [item(names) for item in items]


def _map(entries: list[tuple[_Node, _Node]], column: int) -> _Node:
    def node(names: Names) -> Any:
        found = {}
        for key, value in entries:
            name = key(names)
            if isinstance(name, list | dict):
                raise _EvaluationError("a list or a map is no key", column)
            found[name] = value(names)
        return found

    return node


def _choice(condition: _Node, then: _Node, otherwise: _Node, column: int) -> _Node:
    def node(names: Names) -> Any:
        value = condition(names)
        if not isinstance(value, bool):
            raise _EvaluationError(f"'?' follows {_type_name(value)}, which is no bool", column)
        return then(names) if value else otherwise(names)

    return node


def _logic(left: _Node, right: _Node, *, decides: bool, column: int) -> _Node:
    """``&&`` and ``||``: one side that decides is enough, even if the other has no value, as in CEL."""

    def side(of: _Node, names: Names) -> bool | _EvaluationError:
        try:
            value = of(names)
        except _EvaluationError as error:
            return error
        if not isinstance(value, bool):
            sign = "||" if decides else "&&"
            return _EvaluationError(f"'{sign}' stands beside {_type_name(value)}, which is no bool", column)
        return value

    def node(names: Names) -> Any:
        first = side(left, names)
        if first is decides:
            return decides
        second = side(right, names)
        if second is decides:
            return decides
        for one in (first, second):
            if isinstance(one, _EvaluationError):
                raise one
        return not decides

    return node


_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _binary(token: _Token, left: _Node, right: _Node) -> _Node:
    sign, column = token.text, token.column
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
            message = f"'{sign}' is not defined between {_type_name(first)} and {_type_name(second)}"
            raise _EvaluationError(message, column) from None
        except (ZeroDivisionError, OverflowError):
            raise _EvaluationError(f"'{sign}' divides by zero or overflows", column) from None

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


def _not(of: _Node, column: int) -> _Node:
    def node(names: Names) -> Any:
        value = of(names)
        if not isinstance(value, bool):
            raise _EvaluationError(f"'!' precedes {_type_name(value)}, which is no bool", column)
        return not value

    return node


def _negative(of: _Node, column: int) -> _Node:
    def node(names: Names) -> Any:
        value = of(names)
        if not _is_number(value):
            raise _EvaluationError(f"'-' precedes {_type_name(value)}, which is no number", column)
        return -value

    return node


class _MissingKeyError(_EvaluationError):
    """What ``has`` takes for false."""


def _field(of: _Node, name: str, column: int) -> _Node:
    def node(names: Names) -> Any:
        value = of(names)
        if not isinstance(value, Mapping):
            raise _EvaluationError(f"'.{name}' is asked of {_type_name(value)}", column)
        if name not in value:
            raise _MissingKeyError(f"there is no '{name}'", column)
        return value[name]

    return node


def _index(of: _Node, by: _Node, column: int) -> _Node:
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
        raise _EvaluationError(f"{_type_name(value)} has no item {_type_name(key)}", column)

    return node


def _has(of: _Node) -> _Node:
    def node(names: Names) -> Any:
        try:
            of(names)
        except _MissingKeyError:
            return False
        return True

    return node


# -- functions --------------------------------------------------------------------------------------------------------


def _call(function: Callable[[Any], Any], argument: _Node, column: int) -> _Node:
    name = function.__name__.strip("_").removeprefix("to_")

    def node(names: Names) -> Any:
        value = argument(names)
        try:
            return function(value)
        except (TypeError, ValueError, OverflowError, RecursionError):
            raise _EvaluationError(f"{name}() does not take {_type_name(value)}", column) from None

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


_FUNCTIONS: Final[dict[str, Callable[[Any], Any]]] = {
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


_TEXT_METHODS: Final[dict[str, Callable[[str, str], bool]]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": str.__contains__,
    "matches": _matches,
}


def _method(name: _Token, of: _Node, arguments: list[_Node], refuse: Callable[[_Token, str], NoReturn]) -> _Node:
    if name.text == "size" and not arguments:
        return _call(_size, of, name.column)
    function = _TEXT_METHODS.get(name.text)
    if function is None:
        refuse(name, f"; known methods: {', '.join(sorted([*_TEXT_METHODS, 'size']))}")
    if len(arguments) != 1:
        refuse(name, f"; it takes 1 argument, not {len(arguments)}")
    argument = arguments[0]

    def node(names: Names) -> Any:
        text, other = of(names), argument(names)
        if not (isinstance(text, str) and isinstance(other, str)):
            raise _EvaluationError(
                f"{name.text}() takes strings, not {_type_name(text)} and {_type_name(other)}", name.column
            )
        try:
            return function(text, other)
        except (ValueError, re.error) as error:
            raise _EvaluationError(f"{name.text}(): {error}", name.column) from None

    return node
