"""Descriptions from docstrings, as far as the IR carries them: of the component, its inputs and its outputs.

Understands Google's sections (``Args:``) and Sphinx' fields (``:param x:``).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from types import MappingProxyType

from wherry.dsl.values import Value

_SECTIONS = "Arguments|Args|Parameters|Params|Raises|Exceptions|Except|Attributes|Example|Examples|Returns|Yields"
_SECTION = re.compile(rf"^({_SECTIONS}):[ \t\r\f\v]*$", re.MULTILINE)
_ARGUMENT_SECTIONS = {"Arguments", "Args", "Parameters", "Params"}
_TYPED_NAME = re.compile(r"\s*(.+?)\s*\(\s*(.*[^\s]+)\s*\)")
_FIELD = re.compile(
    r"^:(?:param|parameter|arg|argument|key|keyword)\s+(?:[^:]*\s)?(\w+):[ \t]*(.*(?:\n[ \t]+.*)*)", re.MULTILINE
)
_ANY_FIELD = re.compile(r"^:", re.MULTILINE)
_RETURNS = ("Returns:\n", "Returns\n", "Return:\n", "Return\n")


class Docstring(Value):
    """``description`` is all before the first section; ``arguments`` are descriptions by name."""

    description: str = ""
    arguments: Mapping[str, str] = MappingProxyType({})
    returns: Mapping[str, str] = MappingProxyType({})


def read_docstring(text: str | None) -> Docstring:
    """Read the docstring of a component or pipeline function (already dedented)."""
    if not text:
        return Docstring()
    text = inspect.cleandoc(text)
    before, arguments = _sections(text)
    return Docstring(_description(before), arguments, _returns(text))


def _sections(text: str) -> tuple[str, dict[str, str]]:
    """The text before the first section, and descriptions of arguments."""
    headings = list(_SECTION.finditer(text))
    if not headings:
        if _FIELD.search(text) is None:
            first_field = _ANY_FIELD.search(text)
            return (text[: first_field.start()] if first_field else text), {}
        fields = {match[1]: _dedented(match[2]) for match in _FIELD.finditer(text)}
        first_field = _ANY_FIELD.search(text)
        return text[: first_field.start() if first_field else None], fields
    chunks: dict[str, str] = {}
    for number, heading in enumerate(headings):
        end = headings[number + 1].start() if number + 1 < len(headings) else len(text)
        chunks[heading[1]] = text[heading.end() : end].strip("\n")  # the last section of a name counts
    arguments: dict[str, str] = {}
    for name in _ARGUMENT_SECTIONS & chunks.keys():
        arguments |= _items(chunks[name])
    return text[: headings[0].start()], arguments


def _items(section: str) -> dict[str, str]:
    indent = re.match(r"^[ \t]*", section)
    depth = indent[0] if indent else ""
    if not depth:
        return {}
    items: dict[str, str] = {}
    for chunk in re.split(rf"^{depth}(?=\S)", section, flags=re.MULTILINE):
        name, colon, description = chunk.partition(":")
        if not colon or not name.strip():
            continue
        typed = _TYPED_NAME.match(name)
        items[typed[1] if typed else name.strip()] = _dedented(description)
    return items


def _dedented(description: str) -> str:
    first, newline, rest = description.strip().partition("\n")
    return f"{first}\n{inspect.cleandoc(rest)}" if newline else first


def _description(text: str) -> str:
    first, _, rest = text.strip().partition("\n")
    rest = rest.strip()
    return f"{first}\n{rest}".strip() if rest else first.strip()


def _returns(text: str) -> dict[str, str]:
    """Kfp reads the names below "Returns:" as the outputs' names."""
    for heading in _RETURNS:
        if heading in text:
            return _sections(text.replace(heading.strip(), "Args:"))[1]
    return {}
