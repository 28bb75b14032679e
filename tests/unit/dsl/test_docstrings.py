"""Descriptions are read as kfp's docstring parser reads them."""

from __future__ import annotations

import inspect

import docstring_parser
import pytest

from wherry.dsl.docstrings import read_docstring

TEXTS = {
    "one line": "Says it.",
    "two paragraphs": "Says it.\n\nMore than once,\n  and indented.\n",
    "a first paragraph of two lines": "Says it\nand more.\n\nThen more.",
    "google": "Says it.\n\nArgs:\n    a: First.\n    b (int): Second\n        on two lines.\n    c: With: a colon.\n\nReturns:\n    A text.\n",
    "google with other sections": "Says it.\n\nRaises:\n    ValueError: If bad.\n\nArgs:\n    a: First.\n\nExample:\n    a: not an argument\n",
    "blank lines between arguments": "Says it.\n\nArgs:\n    a: First.\n\n    b: Second.\n",
    "sphinx": "Says it.\n\n:param a: First.\n:param int b: Second\n    on two lines.\n:returns: A text.\n",
    "nothing": "",
}


@pytest.mark.parametrize("name", TEXTS)
def test_descriptions_are_the_same(name):
    text = inspect.cleandoc(TEXTS[name])
    wanted = docstring_parser.parse(text)
    parts = [part for part in (wanted.short_description, wanted.long_description) if part]

    got = read_docstring(text)

    assert got.description == "\n".join(parts).strip()
    assert dict(got.arguments) == {parameter.arg_name: parameter.description for parameter in wanted.params}
