"""How the IR names components, tasks and executors, and how names are kept apart."""

from __future__ import annotations

import re

_NOT_ALLOWED = re.compile(r"[^-0-9a-z]+")
_DASHES = re.compile(r"-+")


def kubernetes_name(text: str) -> str:
    """Lower case, digits and single dashes: ``"Train_model (v2)"`` becomes ``"train-model-v2"``."""
    return _DASHES.sub("-", _NOT_ALLOWED.sub("-", text.lower())).strip("-")


def component_key(task: str) -> str:
    """Key of a task's component in ``PipelineSpec.components``."""
    return f"comp-{kubernetes_name(task)}"


def executor_label(task: str) -> str:
    """Key of a task's executor in ``PipelineDeploymentConfig.executors``."""
    return f"exec-{kubernetes_name(task)}"


def injected_input(source: str) -> str:
    """Name of an input or output that the compiler adds to carry ``source`` across the border of a group."""
    return f"pipelinechannel--{source}"


class NameRegister:
    """Hands out names that are not taken yet: ``a``, ``a-2``, ``a-3``. Each costs constant time."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def take(self, wanted: str) -> str:
        """Return ``wanted`` if it is free, else with the first free number from 2 on; it is taken from now on."""
        name = wanted
        if name in self._taken:
            number = self._next.get(wanted, 2)
            while (name := f"{wanted}-{number}") in self._taken:
                number += 1
            self._next[wanted] = number + 1
        self._taken.add(name)
        return name

    def reserve(self, name: str) -> None:
        """Mark ``name`` as taken."""
        self._taken.add(name)

    def __contains__(self, name: str) -> bool:
        return name in self._taken
