"""The value of an unquoted YAML scalar, and which texts need quotes.

Scalars are resolved as KFP's backend resolves them (gopkg.in/yaml.v3): ``yes``, ``on`` and ``1:30`` are texts, ``012``
is octal. Differences, each on purpose: what kfp's compiler leaves unquoted because PyYAML takes it for text (``1e3``,
``08``) is that text, and a date stays the text that was written.
"""

from __future__ import annotations

import re
from math import inf, isfinite
from typing import Final

import yaml

from wherry.ir.spec import Json

_EXACT = 2**53
_LARGEST = 2**1024
"""The first whole number no double reaches."""
_LONGEST = 1100
"""More digits than the largest double has in any base, and few enough for Python's own limit."""
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9_]*|0[0-7_]+|0b_*[01][01_]*|0x_*[0-9a-fA-F][0-9a-fA-F_]*)", re.ASCII)
_FLOAT = re.compile(r"([-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)([eE][-+][0-9]+)?", re.ASCII)
_LIKE_A_NUMBER_TO_GO = re.compile(
    r"[-+]?(\.[0-9_]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?|[-+]?0[bBoOxX][0-9a-fA-F_]+", re.ASCII
)
_WORDS: Final[dict[str, Json]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INFINITE = frozenset(sign + word for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")) | {
    ".nan",
    ".NaN",
    ".NAN",
}
_NOT_TEXT = (
    frozenset(_WORDS)
    | {"<<", "="}
    | {
        spelling
        for word in ("y", "n", "yes", "no", "on", "off")
        for spelling in (word, word.capitalize(), word.upper())
    }
)
"""What some reader takes for null, a boolean or a merge when it stands unquoted."""
_MAY_BE_NUMBER = frozenset("0123456789+-.")
_PYYAML: Final[dict[str, list[tuple[str, re.Pattern[str]]]]] = yaml.SafeDumper.yaml_implicit_resolvers


class NotFiniteError(ValueError):
    """The scalar is infinite or not a number, which JSON cannot hold."""


def resolve_plain(text: str) -> Json:
    """The value of an unquoted scalar.

    Whole numbers come back as int, also those written with a point: the IR holds doubles, so ``3.0`` is how an
    integer is written there. Integers beyond 64 bits become floats, and what no float can hold stays text.

    Raises:
        NotFiniteError: ``.inf`` or ``.nan``.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _MAY_BE_NUMBER:
        return text
    if text in _INFINITE:
        raise NotFiniteError(text)
    if _INTEGER.fullmatch(text):
        whole = _integer(text.replace("_", ""))
        if -(2**63) <= whole < 2**64:
            return whole
        number = float(whole) if abs(whole) < _LARGEST else inf
    elif _FLOAT.fullmatch(text):
        number = float(text.replace("_", ""))
    else:
        return text
    return whole_if_exact(number) if isfinite(number) else text


def reads_as_text(text: str) -> bool:
    """Whether every reader takes ``text`` for text when it stands unquoted: PyYAML, and KFP's Go backend."""
    if text[:1] not in _MAY_BE_NUMBER:
        return text not in _NOT_TEXT
    if text in _INFINITE or _LIKE_A_NUMBER_TO_GO.fullmatch(text):
        return False
    return not any(pattern.match(text) for _tag, pattern in _PYYAML.get(text[0], ()))


def whole_if_exact(number: float) -> int | float:
    """An int where the float is a whole number that every double holds exactly, else the float itself."""
    return int(number) if number.is_integer() and abs(number) <= _EXACT else number


def _integer(text: str) -> int:
    """What matched `_INTEGER`: a bare leading 0 makes it octal. Text too long for any float counts as too large."""
    digits = text.lstrip("+-")
    if len(digits) > _LONGEST:
        return _LARGEST
    octal = len(digits) > 1 and digits[0] == "0" and digits.isdigit()
    value = int(digits, 8 if octal else 0)
    return -value if text[0] == "-" else value
