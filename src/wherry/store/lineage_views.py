"""Lineage and models, as the pages of the UI show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from wherry.model.artifacts import Artifact, ModelVersion
from wherry.model.identity import ArtifactId, RunId, TaskId
from wherry.model.pages import ArtifactUse, LineageView, ModelVersionView, ModelView
from wherry.store import artifact_views, artifacts, models, run_views, runs
from wherry.store import compiled as sql
from wherry.store.provenance import METRICS, Walk, Way, outputs_about, root_datasets
from wherry.store.unit import Reading, ids_parameter

#: How far a model's data is looked for, and among how many artifacts and executions.
MODEL_HOPS: Final = 30
MODEL_LIMIT: Final = 500


class RecordedUses:
    """`wherry.store.provenance.Uses` on one moment of the database."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def of_artifacts(self, ids: Iterable[ArtifactId], *, limit: int) -> Sequence[ArtifactUse]:
        """Of any of these artifacts."""
        return artifact_views.uses_of(self._reading, ids, limit=limit)

    def by_tasks(self, ids: Iterable[TaskId], *, limit: int) -> Sequence[ArtifactUse]:
        """By any of these tasks."""
        rows = self._reading.rows(sql.VIEWS_USES_BY_TASKS, {"ids": ids_parameter(ids), "limit": limit})
        return [artifact_views.use_from_row(row) for row in rows]


def of_artifact(
    reading: Reading, artifact_id: ArtifactId, ways: Sequence[Way], *, hops: int, limit: int
) -> LineageView:
    """Lineage of an artifact. Raises NotFoundError."""
    return _lineage(reading, [artifacts.get_exactly(reading, artifact_id).id], ways, hops=hops, limit=limit)


def of_run(reading: Reading, run_id: RunId, ways: Sequence[Way], *, hops: int, limit: int) -> LineageView:
    """Lineage of everything that a run put out. Raises NotFoundError."""
    made = run_views.outputs(reading, runs.get_exactly(reading, run_id))
    return _lineage(reading, [one.artifact_id for one in made], ways, hops=hops, limit=limit)


def _lineage(
    reading: Reading, focus: Sequence[ArtifactId], ways: Sequence[Way], *, hops: int, limit: int
) -> LineageView:
    walk = Walk(RecordedUses(reading), focus, limit)
    for way in ways:
        walk.go(way, hops=hops)
    found = artifacts.by_id(reading, walk.hops)
    return LineageView(
        focus=walk.focus,
        artifacts=found,
        hops=walk.hops,
        versions=models.versions_of(reading, found),
        uses=tuple(walk.uses),
        truncated=walk.truncated,
    )


# -- models -----------------------------------------------------------------------------------------------------------


def model_views(reading: Reading, namespace: str, *, limit: int) -> tuple[ModelView, ...]:
    """Models with their newest version alone, in the order of their names."""
    rows = reading.rows(sql.VIEWS_MODEL_COUNTS, {"where_namespace": namespace})
    return tuple(model_view(reading, namespace, row[0], limit=1) for row in rows[:limit])


def model_view(reading: Reading, namespace: str, name: str, *, limit: int) -> ModelView:
    """A model with its newest versions; none if there is no such name."""
    versions = models.versions(reading, namespace, name)
    newest = versions[::-1][:limit]
    found = artifacts.by_id(reading, [version.artifact_id for version in newest])
    return ModelView(
        name=name,
        version_count=len(versions),
        aliases={alias: version.version for version in versions for alias in version.aliases},
        versions=tuple(_version_view(reading, version, found[version.artifact_id]) for version in newest),
    )


def _version_view(reading: Reading, version: ModelVersion, artifact: Artifact) -> ModelVersionView:
    uses = RecordedUses(reading)
    walk = Walk(uses, [artifact.id], MODEL_LIMIT)
    walk.go(Way.UP, hops=MODEL_HOPS)
    found = artifacts.by_id(reading, walk.hops)
    about = artifacts.by_id(reading, ids := outputs_about(uses, artifact, walk, found))
    return ModelVersionView(
        version=version,
        artifact=artifact,
        producer=next((use.task for use in walk.uses if use.artifact_id == artifact.id and use.made), None),
        metrics=tuple(about[id_] for id_ in ids if about[id_].type == METRICS),
        datasets=root_datasets(walk.uses, found, walk.hops),
    )
