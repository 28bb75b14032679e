"""Output parameters that a component wrote to files itself (``OutputPath(int)``), read back by declared type."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})


class ParameterFileError(ValueError):
    """The text in an output parameter's file is not of the declared type."""


def parse_parameter_file(raw: bytes, declared: str, *, where: str) -> Any:
    """The value that a file's text stands for, by the rules of KFP's backend.

    Args:
        raw: Content of the file, UTF-8. White space around a number, a boolean or JSON does not count.
        declared: ``ParameterType`` of the IR. STRING takes the text as it is.
        where: The output in the author's words.

    Raises:
        ParameterFileError: the text is no such value.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ParameterFileError(f"{where} is declared {declared}, but its file is not UTF-8 text: {error}.") from error
    if declared == "STRING":
        return text
    try:
        return _PARSERS[declared](text.strip())
    except (ValueError, RecursionError) as error:
        shown = text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004  one line of a terminal
        raise ParameterFileError(f"{where} is declared {declared}, but its file holds {shown!r}.") from error


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        number = float(text)
        if not number.is_integer():
            raise
        return int(number)


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError("JSON has no such number")
    return number


def _boolean(text: str) -> bool:
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError("neither true nor false")


def _refuse(constant: str) -> None:
    raise ValueError(f"JSON has no {constant}")


def _list(text: str) -> list[Any]:
    value = json.loads(text, parse_constant=_refuse)
    if not isinstance(value, list):
        raise ValueError("no JSON array")  # noqa: TRY004  the caller reports every mismatch alike
    return value


def _struct(text: str) -> dict[str, Any]:
    value = json.loads(text, parse_constant=_refuse)
    if not isinstance(value, dict):
        raise ValueError("no JSON object")  # noqa: TRY004  the caller reports every mismatch alike
    return value


_PARSERS: dict[str, Callable[[str], Any]] = {
    "NUMBER_INTEGER": _integer,
    "NUMBER_DOUBLE": lambda text: _finite(float(text)),
    "BOOLEAN": _boolean,
    "LIST": _list,
    "STRUCT": _struct,
}
