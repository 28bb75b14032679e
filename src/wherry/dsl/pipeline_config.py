"""Settings of a whole pipeline, given to ``@dsl.pipeline(pipeline_config=...)``."""

from __future__ import annotations

import re
from typing import Any

_QUANTITY = re.compile(r"(?:0|[1-9]\d*)(?:\.\d+)?(?:Ki|Mi|Gi|Ti|Pi|Ei|K|M|G|T|P|E)?")
_INT32_MAX = 2**31 - 1


class KubernetesWorkspaceConfig:
    """How the workspace's volume claim is made on Kubernetes.

    Args:
        pvcSpecPatch: Fields laid over the default PersistentVolumeClaimSpec. Default: none.
    """

    def __init__(self, pvcSpecPatch: dict[str, Any] | None = None) -> None:  # noqa: N803  kfp's name
        self.pvcSpecPatch = pvcSpecPatch or {}

    def set_pvcSpecPatch(self, patch: dict[str, Any]) -> None:  # noqa: N802  kfp's name
        """Replace the patch."""
        self.pvcSpecPatch = patch


class WorkspaceConfig:
    """A volume that all tasks of a run share, at ``dsl.WORKSPACE_PATH_PLACEHOLDER``.

    Args:
        size: A Kubernetes quantity, such as ``10Gi``.
        kubernetes: How the claim is made on Kubernetes.

    Raises:
        ValueError: ``size`` is empty or no quantity.
    """

    def __init__(self, size: str, kubernetes: KubernetesWorkspaceConfig | None = None) -> None:
        self.size = size
        self.kubernetes = kubernetes or KubernetesWorkspaceConfig()

    @property
    def size(self) -> str:
        """A Kubernetes quantity."""
        return self._size

    @size.setter
    def size(self, size: str) -> None:
        text = str(size or "").strip()
        if not text:
            raise ValueError("The size of a workspace is required and cannot be empty, e.g. '10Gi'.")
        if _QUANTITY.fullmatch(text) is None:
            raise ValueError(f"The workspace size {size!r} is no Kubernetes quantity, such as '10Gi' or '500Mi'.")
        self._size = text

    def set_size(self, size: str) -> None:
        """Replace the size."""
        self.size = size

    def set_kubernetes_config(self, kubernetes_config: KubernetesWorkspaceConfig) -> None:
        """Replace the Kubernetes part."""
        self.kubernetes = kubernetes_config


class PipelineConfig:
    """Settings of a whole pipeline; times in seconds, None or 0 for none.

    Args:
        workspace: A volume that the tasks share.
        ttl_seconds_after_finished: How long the engine keeps a finished run's own resources.
        ttl_seconds_after_success: The same for a run that succeeded; takes precedence.
        ttl_seconds_after_failure: The same for a run that failed; takes precedence.
        active_deadline_seconds: How long a run may take before it is ended.

    Raises:
        TypeError: A time is no int.
        ValueError: A time is negative or does not fit 32 bits.
    """

    def __init__(
        self,
        workspace: WorkspaceConfig | None = None,
        ttl_seconds_after_finished: int | None = None,
        ttl_seconds_after_success: int | None = None,
        ttl_seconds_after_failure: int | None = None,
        active_deadline_seconds: int | None = None,
    ) -> None:
        self.workspace = workspace
        self.ttl_seconds_after_finished = _seconds("ttl_seconds_after_finished", ttl_seconds_after_finished)
        self.ttl_seconds_after_success = _seconds("ttl_seconds_after_success", ttl_seconds_after_success)
        self.ttl_seconds_after_failure = _seconds("ttl_seconds_after_failure", ttl_seconds_after_failure)
        self.active_deadline_seconds = _seconds("active_deadline_seconds", active_deadline_seconds)


def _seconds(name: str, value: int | None) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"'{name}' must be an int, not {type(value).__name__}.")
    if not 0 <= value <= _INT32_MAX:
        raise ValueError(f"'{name}' is {value}; expected 0 to {_INT32_MAX} seconds.")
    return value
