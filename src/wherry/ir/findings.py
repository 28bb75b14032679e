"""What is wrong with a specification, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from wherry.ir.paths import render_path

MAX_FINDINGS: Final = 50
"""More than these are not collected: the first ones are what a person reads."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule."""

    path: str
    """The place, such as ``root.dag.tasks['train'].inputs.parameters['rows']``."""
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class TooManyFindingsError(Exception):
    """Enough is known to refuse the specification."""


class Findings:
    """Collects findings. Paths come in parts and are put together only when something is wrong."""

    def __init__(self) -> None:
        self._all: list[Finding] = []

    def add(self, path: Iterable[str | int], message: str, *, hint: str = "") -> None:
        """Record one finding.

        Raises:
            TooManyFindingsError: `MAX_FINDINGS` have been recorded.
        """
        self._all.append(Finding(render_path(path), message, hint))
        if len(self._all) >= MAX_FINDINGS:
            raise TooManyFindingsError

    def done(self) -> tuple[Finding, ...]:
        """All findings, in the order they were made."""
        return tuple(self._all)


def nearest(name: str, known: Iterable[str], *, what: str) -> str:
    """A hint for a name that does not exist: the closest one that does, else the list of them.

    Args:
        name: What was written.
        known: What exists.
        what: Plural noun for the list, such as "tasks".
    """
    names = sorted(known)
    close = get_close_matches(name, names[:1000], n=1)
    if close:
        return f"Did you mean '{close[0]}'?"
    if not names:
        return f"There are no {what} here."
    listed = ", ".join(f"'{one}'" for one in names[:10])
    return f"The {what} here are {listed}{' and others' if len(names) > 10 else ''}."  # noqa: PLR2004  the ten above
