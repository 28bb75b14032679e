"""Identifiers without chance."""

from __future__ import annotations

import itertools

from wherry.model.identity import ArtifactId, AttemptId, ExperimentId, PipelineId, PipelineVersionId, RunId, TaskId


class SequentialIds:
    """`wherry.ports.IdSource` for tests: ``run-0001``, ``task-0001`` …, each kind counted by itself."""

    def __init__(self) -> None:
        self._runs = itertools.count(1)
        self._tasks = itertools.count(1)
        self._attempts = itertools.count(1)
        self._artifacts = itertools.count(1)
        self._experiments = itertools.count(1)
        self._pipelines = itertools.count(1)
        self._pipeline_versions = itertools.count(1)

    def run_id(self) -> RunId:
        """The next run's."""
        return RunId(f"run-{next(self._runs):04}")

    def task_id(self) -> TaskId:
        """The next task's."""
        return TaskId(f"task-{next(self._tasks):04}")

    def attempt_id(self) -> AttemptId:
        """The next attempt's."""
        return AttemptId(f"attempt-{next(self._attempts):04}")

    def artifact_id(self) -> ArtifactId:
        """The next artifact's."""
        return ArtifactId(f"artifact-{next(self._artifacts):04}")

    def experiment_id(self) -> ExperimentId:
        """The next experiment's."""
        return ExperimentId(f"experiment-{next(self._experiments):04}")

    def pipeline_id(self) -> PipelineId:
        """The next pipeline's."""
        return PipelineId(f"pipeline-{next(self._pipelines):04}")

    def pipeline_version_id(self) -> PipelineVersionId:
        """The next pipeline version's."""
        return PipelineVersionId(f"version-{next(self._pipeline_versions):04}")
