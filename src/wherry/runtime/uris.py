"""Where an artifact's URI lies on the task's file system, and back.

Object stores appear under fixed folders of a task (``/gcs``, ``/s3``, ``/minio``, ``/oci``), as KFP mounts them;
components hard-code such paths. Any other URI, an absolute path above all, is its own path.
"""

from __future__ import annotations

import posixpath
import warnings

#: URI scheme to the folder under which the store appears in a task.
MOUNTS = {"gs://": "/gcs/", "minio://": "/minio/", "s3://": "/s3/", "oci://": "/oci/"}

#: Where the workspace shared by the tasks of a run appears in a task.
WORKSPACE_MOUNT_PATH = "/kfp-workspace"

#: KFP's stand-in task root, of which no object store knows.
_ROOT_WITHOUT_URI = "/tmp/kfp_outputs"  # noqa: S108  a name KFP chose, never written to

_task_root: str | None = None


def path_of_uri(uri: str) -> str:
    """The local path of ``uri``. An OCI reference holds no folders: its slashes become underscores."""
    for scheme, mount in MOUNTS.items():
        if uri.startswith(scheme):
            rest = uri[len(scheme) :]
            return mount + (rest.replace("/", "_") if scheme == "oci://" else rest)
    return uri


def uri_of_path(path: str) -> str:
    """The URI of a local path; a path outside every mount is its own URI."""
    for scheme, mount in MOUNTS.items():
        if path.startswith(mount):
            rest = path[len(mount) :]
            if scheme == "oci://":
                rest = rest.replace("_", "/")
                rest = rest.removesuffix("/models")
            return scheme + rest
    return path


def set_task_root(path: str | None) -> None:
    """Tell `get_uri` the folder of the running task's outputs. None: no task is running."""
    global _task_root  # noqa: PLW0603  one process runs one task
    _task_root = path


def get_uri(suffix: str = "Output") -> str:
    """A URI under the running task's own output folder, for outputs that a component places by itself.

    Args:
        suffix: Last part of the URI; tells several outputs of a component apart.

    Returns:
        The URI; empty, with a RuntimeWarning, where the backend gave the task no root that has one.

    Raises:
        RuntimeError: no task is running.
    """
    if _task_root is None:
        raise RuntimeError("dsl.get_uri() was called outside a task: only a running task has a root for its outputs.")
    if _task_root == _ROOT_WITHOUT_URI:
        warnings.warn(
            "dsl.get_uri() knows no URI for this task, because the backend gave it no pipeline root: name one.",
            RuntimeWarning,
            stacklevel=2,
        )
        return ""
    return posixpath.join(uri_of_path(_task_root), suffix)
