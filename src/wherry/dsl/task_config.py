"""Which parts of a task's pod settings a component receives instead of, or beside, its own pod."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class TaskConfigField(enum.IntEnum):
    """A part of the pod's settings. Numbers are those of the IR's ``TaskConfigPassthroughTypeEnum``."""

    RESOURCES = 1
    ENV = 2
    KUBERNETES_AFFINITY = 3
    KUBERNETES_TOLERATIONS = 4
    KUBERNETES_NODE_SELECTOR = 5
    KUBERNETES_VOLUMES = 6


@dataclass
class TaskConfigPassthrough:
    """Hands ``field`` to the component's TaskConfig; with ``apply_to_task`` the task's own pod gets it too."""

    field: TaskConfigField
    apply_to_task: bool = False
