"""What the server knows of lightweight Python components. The launcher that recognises them stands elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from wherry.ir.spec import ContainerSpec


@dataclass(frozen=True, kw_only=True)
class PythonCode:
    """What the command of a lightweight Python component says."""

    source: str
    function: str
    packages: tuple[str, ...]
    """Requirements, as the author wrote them."""


PythonCodeOf: TypeAlias = Callable[[ContainerSpec], PythonCode | None]
"""Recognises a lightweight Python component; None for any other container."""
