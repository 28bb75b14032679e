"""Checks, before a task starts, that the artifacts it is handed are still what was published. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from wherry.engine.live_task import LiveTask
from wherry.engine.owned_run import OwnedRun
from wherry.model.artifacts import Artifact
from wherry.model.outcomes import Failure, FailureReason, Fault
from wherry.ports import StoredContent


def is_unchanged(artifact: Artifact, content: StoredContent | None) -> bool:
    """Whether what lies at an artifact's URI has the size and time that were recorded."""
    if artifact.size is None:
        return True  # there was nothing to record
    return content is not None and (content.size, content.mtime) == (artifact.size, artifact.mtime)


def modified_input(run: OwnedRun, live: LiveTask, contents: Mapping[str, StoredContent | None]) -> Failure | None:
    """Why a task cannot be handed its inputs; None if it can.

    Args:
        run: the task's run.
        live: the task.
        contents: what lies at the URIs of its input artifacts now.
    """
    for port, given in live.inputs.artifacts.items():
        for one in given.artifact_ids:
            artifact = run.artifacts[one]
            content = contents.get(artifact.uri)
            if is_unchanged(artifact, content):
                continue
            producer = run.rows.producer(one)
            by = f" by task '{producer.task.removeprefix('root/')}'" if producer is not None else ""
            what = "is gone" if content is None else "was modified"
            return Failure(
                fault=Fault.USER,
                reason=FailureReason.INPUTS,
                message=f"input '{port}' of task '{live.plan.name}' {what} after it was published{by}: {artifact.uri}",
                hint="Artifacts are read-only. Let the task write a new output instead, and run the pipeline again.",
            )
    return None
