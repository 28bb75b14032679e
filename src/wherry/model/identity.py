"""Identifiers, times and the JSON that records hold."""

from __future__ import annotations

from typing import Any, NewType, TypeAlias

RunId = NewType("RunId", str)
"""A UUID as text."""

TaskKey = NewType("TaskKey", str)
"""Where a task stands in its run: ``root/loop[3]/train``. Deterministic; unique per (run, generation)."""

TaskId = NewType("TaskId", str)
"""A random UUID as text: the task's name in the API. Differs between generations."""

AttemptId = NewType("AttemptId", str)
"""Random hexadecimal text, unique over everything: the key under which launchers know an attempt."""

ArtifactId = NewType("ArtifactId", str)
"""A UUID as text."""

ExperimentId = NewType("ExperimentId", str)
"""A UUID as text."""

PipelineId = NewType("PipelineId", str)
"""A UUID as text."""

PipelineVersionId = NewType("PipelineVersionId", str)
"""A UUID as text."""

Micros = NewType("Micros", int)
"""A moment: microseconds since 1970-01-01T00:00:00Z."""

Json: TypeAlias = Any
"""None, bool, int, float, str, list[Json] or dict[str, Json]."""

ROOT: TaskKey = TaskKey("root")


def child(scope: TaskKey, name: str) -> TaskKey:
    """Key of task ``name`` inside ``scope``, which is a DAG task or one iteration of a loop."""
    return TaskKey(f"{scope}/{name}")


def iteration(loop: TaskKey, index: int) -> TaskKey:
    """Scope of iteration ``index`` (from 0) of a loop task. It has no row of its own."""
    return TaskKey(f"{loop}[{index}]")
