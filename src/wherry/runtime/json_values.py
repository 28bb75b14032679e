"""Python values made into JSON values, with the place of the first one that has no JSON form."""

from __future__ import annotations

import math
from typing import Any


class NotJsonError(ValueError):
    """A value that a task reports has no form in JSON. The message names the output and the place in it."""


def json_value(value: Any, where: str) -> Any:
    """``value`` with JSON types only: tuples as lists, keys as texts, numbers of numpy as numbers of Python.

    Args:
        value: What the component reported.
        where: The place in the author's words, ``metadata of output 'metrics' of component 'evaluate'``.

    Raises:
        NotJsonError: nan, an infinity, or an object of a type that JSON does not have.
    """
    if value is None or isinstance(value, (bool, str)):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise NotJsonError(
                f"{where} is {float(value)}, and JSON has no such number: report another, or leave it out."
            )
        return float(value)
    if isinstance(value, dict):
        return {_key(key): json_value(item, f"{where}[{_key(key)!r}]") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_value(item, f"{where}[{index}]") for index, item in enumerate(value)]
    # numpy's scalars and arrays, pandas' and torch's scalars: without importing any of them.
    for conversion in ("tolist", "item"):
        if callable(getattr(value, conversion, None)):
            plain = getattr(value, conversion)()
            if type(plain) is not type(value):
                return json_value(plain, where)
    raise NotJsonError(f"{where} is a {type(value).__qualname__}, which JSON cannot hold: convert it first.")


def _key(key: Any) -> str:
    if isinstance(key, bool) or key is None:
        return {True: "true", False: "false", None: "null"}[key]
    return str(key)
