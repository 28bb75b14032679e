"""Paths into a specification, as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_OF_NAMES: Final = frozenset({"tasks", "components", "executors", "parameters", "artifacts", "platforms", "metadata"})
"""Fields whose keys are the author's own names and are written in brackets."""


def render_path(keys: Iterable[str | int]) -> str:
    """A path as people write it: ``root.dag.tasks['train'].inputs``."""
    text, names = "", False
    for key in keys:
        if isinstance(key, int):
            text += f"[{key}]"
            names = False
        elif names or not _IDENTIFIER.fullmatch(key):
            text += f"['{key}']"
            names = False
        else:
            text += f".{key}" if text else key
            names = key in _OF_NAMES
    return text
