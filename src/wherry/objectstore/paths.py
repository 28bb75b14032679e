"""Parts of a URI: whatever a task or an output is called becomes one safe path component."""

from __future__ import annotations

import functools
import hashlib
import re
from typing import Final

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._=@+,\[\]-]+")
_LONGEST: Final = 120
"""Bytes. File systems allow 255; what tasks append to a name needs room too."""

_DIGEST: Final = 12


@functools.lru_cache(maxsize=4096)  # the names of a run come again with each of its tasks
def safe_part(part: str) -> str:
    """``part`` if it is a safe path component, else a safe one made of it that no other part is made into.

    Safe are ASCII letters, digits and ``._=@+,[]-``, not only dots, at most 120 characters.
    """
    cleaned = _UNSAFE.sub("_", part)[:_LONGEST]
    if cleaned == part and part.strip("."):
        return part
    digest = hashlib.sha256(part.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
    kept = cleaned.strip(".")[: _LONGEST - _DIGEST - 1]
    return f"{kept}-{digest}" if kept else digest
