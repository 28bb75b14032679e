"""A statement, compiled to the text of each dialect."""

from __future__ import annotations

from typing import NamedTuple


class Statement(NamedTuple):
    """Text with ``:name`` placeholders. Made by `wherry.store.generate` from `wherry.store.statements`."""

    sqlite: str
