"""Conditions and selectors: the part of CEL that pipelines use, typed, compiled once. Pure.

Operators, arithmetic, the ternary, ``in``, ``size startsWith endsWith contains matches``, ``int double string bool``,
``has``, ``parseJson`` (KFP's), list and map literals, over ``inputs.parameter_values[…]`` and, in selectors,
``string_value``. What it reads differently from CEL is written at the place; docs/explanation/semantics.md lists it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Final, NamedTuple, NoReturn

from wherry.errors import SpecError
from wherry.ir import expression_parts as parts
from wherry.ir.spec import Json
from wherry.ir.types import parameter_text

MAX_LENGTH: Final = 10 * 1024
"""Longest expression, in characters."""
MAX_DEPTH: Final = 50
"""Deepest nesting of an expression."""


class ExpressionError(SpecError):
    """An expression cannot be read, or has no value. Says where in its text."""


class Expression:
    """A compiled expression. Equal texts give the same one."""

    __slots__ = ("_node", "text")

    def __init__(self, text: str, node: parts.Node) -> None:
        self.text = text
        self._node = node

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def value(self, names: parts.Names) -> Json:
        """Evaluate it.

        Raises:
            ExpressionError: a name or key is missing, or an operator meets types it is not defined for.
        """
        try:
            return self._node(names)
        except parts.EvaluationError as error:
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
            raise ExpressionError(
                f"condition {_shown(self.text)} is {parts.type_name(value)}, it must be true or false"
            )
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

    def parse(self) -> parts.Node:
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

    def _expression(self) -> parts.Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(f"an expression is nested deeper than {MAX_DEPTH}: {_shown(self._text)}")
        node = self._either()
        question = self._accept("?")
        if question is not None:
            then = self._expression()
            self._expect(":")
            node = parts.choice(node, then, self._expression(), question.column)
        self._depth -= 1
        return node

    def _either(self) -> parts.Node:
        node = self._both()
        while token := self._accept("||"):
            node = parts.logic(node, self._both(), decides=True, column=token.column)
        return node

    def _both(self) -> parts.Node:
        node = self._relation()
        while token := self._accept("&&"):
            node = parts.logic(node, self._relation(), decides=False, column=token.column)
        return node

    def _relation(self) -> parts.Node:
        node = self._sum()
        while token := self._accept("==", "!=", "<", "<=", ">", ">=", "in"):
            node = parts.binary(token.text, token.column, node, self._sum())
        return node

    def _sum(self) -> parts.Node:
        node = self._product()
        while token := self._accept("+", "-"):
            node = parts.binary(token.text, token.column, node, self._product())
        return node

    def _product(self) -> parts.Node:
        node = self._unary()
        while token := self._accept("*", "/", "%"):
            node = parts.binary(token.text, token.column, node, self._unary())
        return node

    def _unary(self) -> parts.Node:
        signs = []
        while token := self._accept("!", "-"):
            signs.append(token)
            if len(signs) > MAX_DEPTH:
                raise ExpressionError(f"an expression is nested deeper than {MAX_DEPTH}: {_shown(self._text)}")
        node = self._member()
        for token in reversed(signs):
            node = parts.negated(node, token.column) if token.text == "!" else parts.negative(node, token.column)
        return node

    def _member(self) -> parts.Node:
        node = self._primary()
        chain = 0
        while token := self._accept(".", "["):
            chain += 1
            if chain > MAX_DEPTH:
                raise ExpressionError(f"an expression is nested deeper than {MAX_DEPTH}: {_shown(self._text)}")
            if token.text == "[":
                node = parts.item(node, self._expression(), token.column)
                self._expect("]")
                continue
            name = self._take()
            if name.kind != "name":
                self._refuse(name)
            node = self._method(name, node) if self._accept("(") else parts.field(node, name.text, name.column)
        return node

    def _primary(self) -> parts.Node:  # noqa: RET503  one line per kind of token; `_refuse` never returns
        token = self._take()
        match token.kind, token.text:
            case "number", text:
                return parts.constant(_number(text))
            case "string", text:
                return parts.constant(self._string(token))
            case "name", "true" | "false":
                return parts.constant(token.text == "true")
            case "name", "null":
                return parts.constant(None)
            case "name", "has":
                self._expect("(")
                node = self._expression()
                self._expect(")")
                return parts.has(node)
            case "name", _:
                return self._function(token) if self._accept("(") else parts.named(token.text, token.column)
            case "symbol", "(":
                node = self._expression()
                self._expect(")")
                return node
            case "symbol", "[":
                return parts.list_of(self._arguments("]"))
            case "symbol", "{":
                return parts.map_of(self._entries(), token.column)
            case _:
                self._refuse(token)

    def _function(self, token: _Token) -> parts.Node:
        function = parts.FUNCTIONS.get(token.text)
        arguments = self._arguments(")")
        if function is None:
            self._refuse(token, f"; known functions: {', '.join(sorted([*parts.FUNCTIONS, 'has']))}")
        if len(arguments) != 1:
            self._refuse(token, f"; it takes 1 argument, not {len(arguments)}")
        return parts.call(function, arguments[0], token.column)

    def _method(self, name: _Token, of: parts.Node) -> parts.Node:
        arguments = self._arguments(")")
        if name.text == "size" and not arguments:
            return parts.size_of(of, name.column)
        if name.text not in parts.TEXT_METHODS:
            self._refuse(name, f"; known methods: {', '.join(sorted([*parts.TEXT_METHODS, 'size']))}")
        if len(arguments) != 1:
            self._refuse(name, f"; it takes 1 argument, not {len(arguments)}")
        return parts.method(name.text, name.column, of, arguments[0])

    def _arguments(self, end: str) -> list[parts.Node]:
        found: list[parts.Node] = []
        while not self._accept(end):
            if found:
                self._expect(",")
            found.append(self._expression())
        return found

    def _entries(self) -> list[tuple[parts.Node, parts.Node]]:
        found: list[tuple[parts.Node, parts.Node]] = []
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
