"""Brings home what a component wrote elsewhere, by ``Artifact.set_path``: KFP's launcher uploads it from there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from typing import Any

from wherry.runtime.uris import path_of_uri


def bring_home(artifacts: Mapping[str, Any]) -> None:
    """Copy each artifact from its custom path to the path of its URI, and forget the custom path.

    Nothing happens to one whose custom path does not exist: the artifact is then recorded without content, as on KFP.

    Args:
        artifacts: ``ExecutorOutput.artifacts`` as JSON, changed in place.
    """
    for port in artifacts.values():
        for artifact in port.get("artifacts") or ():
            # KFP's executor writes the first, protobuf's JSON the second.
            written = [artifact.pop(name, "") for name in ("custom_path", "customPath")]
            source, target = written[0] or written[1], path_of_uri(artifact.get("uri") or "")
            if source and target and os.path.exists(source) and not _is_same(source, target):  # noqa: PTH110  as the user has it
                os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120  the same
                if os.path.isdir(source):  # noqa: PTH112  the same
                    shutil.copytree(source, target, dirs_exist_ok=True)
                else:
                    shutil.copyfile(source, target)


def _is_same(source: str, target: str) -> bool:
    return os.path.realpath(source) == os.path.realpath(target)
