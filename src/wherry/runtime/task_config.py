"""TaskConfig: a task's own pod settings, handed to the component so that it can pass them on."""

from __future__ import annotations

import dataclasses
from typing import Any


@dataclasses.dataclass
class TaskConfig:
    """What the task's pod would have been given, as fragments of a Kubernetes pod specification.

    A component that starts another workload (a TrainJob) declares a parameter of this type. Each field is None
    where nothing was set, or where the component does not name the field in ``task_config_passthroughs``.
    """

    affinity: dict[str, Any] | None = None
    tolerations: list[dict[str, Any]] | None = None
    node_selector: dict[str, str] | None = None
    env: list[dict[str, Any]] | None = None
    volumes: list[dict[str, Any]] | None = None
    volume_mounts: list[dict[str, Any]] | None = None
    resources: dict[str, Any] | None = None

    @classmethod
    def from_wire(cls, value: dict[str, Any]) -> TaskConfig:
        """Read the struct that the driver sends as the parameter's value: Kubernetes' camelCase keys."""
        return cls(
            affinity=value.get("affinity"),
            tolerations=value.get("tolerations"),
            node_selector=value.get("nodeSelector"),
            env=value.get("env"),
            volumes=value.get("volumes"),
            volume_mounts=value.get("volumeMounts"),
            resources=value.get("resources"),
        )
