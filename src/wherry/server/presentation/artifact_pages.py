"""Artifacts, and lineage, as pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

import msgspec

from wherry.api.pages import artifacts as api
from wherry.api.pages import lineage as lineage_api
from wherry.api.pages import models as model_api
from wherry.model.artifacts import Artifact, LinkKind, ModelVersion
from wherry.model.identity import Json
from wherry.model.pages import ArtifactUse, ArtifactView, LineageView, ModelVersionView, ModelView, TaskPlace
from wherry.server.presentation.run_pages import numbers

SHOWN: Final = 200
_LONG: Final = 1000
"""Bytes of JSON of a value that is shown beside others."""

_BY_TYPE: Final = {
    "system.Metrics": api.PreviewKind.METRICS,
    "system.ClassificationMetrics": api.PreviewKind.CLASSIFICATION,
    "system.SlicedClassificationMetrics": api.PreviewKind.CLASSIFICATION,
    "system.HTML": api.PreviewKind.HTML,
    "system.Markdown": api.PreviewKind.MARKDOWN,
}
#: What the content of a type mostly is, where the name does not tell.
_USUALLY: Final = {"system.Dataset": api.PreviewKind.TABLE, "system.Model": api.PreviewKind.BINARY}
_BY_SUFFIX: Final = {
    ".csv": api.PreviewKind.TABLE,
    ".tsv": api.PreviewKind.TABLE,
    ".json": api.PreviewKind.JSON,
    ".md": api.PreviewKind.MARKDOWN,
    ".html": api.PreviewKind.HTML,
    ".htm": api.PreviewKind.HTML,
    ".png": api.PreviewKind.IMAGE,
    ".jpg": api.PreviewKind.IMAGE,
    ".jpeg": api.PreviewKind.IMAGE,
    ".gif": api.PreviewKind.IMAGE,
    ".webp": api.PreviewKind.IMAGE,
}


def likely_kind(artifact: Artifact) -> api.PreviewKind:
    """How an artifact can be shown, by its type and the end of its name: its content is not looked at."""
    by_type = _BY_TYPE.get(artifact.type)
    if by_type is not None:
        return by_type
    if artifact.size is None:
        return api.PreviewKind.NONE
    by_suffix = _BY_SUFFIX.get(PurePosixPath(artifact.uri).suffix.lower())
    return by_suffix or _USUALLY.get(artifact.type, api.PreviewKind.TEXT)


def brief(artifact: Artifact, versions: Iterable[ModelVersion] = ()) -> api.ArtifactDetail:
    """An artifact among others: without long values in its metadata, such as the points of a curve."""
    short = {name: value for name, value in artifact.metadata.items() if _is_short(value)}
    return detail(msgspec.structs.replace(artifact, metadata=short), versions)


def _is_short(value: Json) -> bool:
    return isinstance(value, bool | int | float) or len(msgspec.json.encode(value)) <= _LONG


def detail(artifact: Artifact, versions: Iterable[ModelVersion] = ()) -> api.ArtifactDetail:
    """An artifact."""
    return api.ArtifactDetail(
        id=artifact.id,
        name=artifact.name,
        type=artifact.type,
        uri=artifact.uri,
        size=artifact.size,
        digest=artifact.digest,
        created_at=artifact.created_at,
        metadata=artifact.metadata,
        preview=likely_kind(artifact),
        models=[api.ModelLabel(name=one.name, version=one.version, aliases=list(one.aliases)) for one in versions],
    )


def task_label(place: TaskPlace) -> api.TaskLabel:
    """A task of some run."""
    return api.TaskLabel(
        id=place.current_id,
        key=place.key,
        name=place.display_name,
        kind=place.kind,
        state=place.state,
        run_id=place.run_id,
        run_name=place.run_name,
        pipeline=place.pipeline,
        generation=place.generation,
        reused=place.reused,
    )


def page(view: ArtifactView, *, can_download: bool) -> api.ArtifactPage:
    """Everything the page of an artifact shows."""
    artifact = detail(view.artifact, view.versions)
    producer = next((use for use in view.uses if use.made), None)
    consumers = [use for use in view.uses if use.kind is LinkKind.INPUT]
    takers = [use for use in view.uses if use.kind is LinkKind.OUTPUT and not use.made]
    return api.ArtifactPage(
        artifact=artifact,
        producer=None if producer is None else _use(producer),
        consumers=[_use(use) for use in consumers[:SHOWN]],
        reused_by=[_use(use) for use in takers[:SHOWN]],
        truncated=view.truncated or len(consumers) > SHOWN or len(takers) > SHOWN,
        preview_url=preview_url(view.artifact),
        download_url=f"apis/v2beta1/artifacts/{view.artifact.id}/download" if can_download else None,
        view_url=view_url(view.artifact) if artifact.preview is api.PreviewKind.HTML and can_download else None,
    )


def preview_url(artifact: Artifact) -> str:
    """Where its preview is, relative to the server's address."""
    return f"apis/wherry/v1/artifacts/{artifact.id}/preview"


def view_url(artifact: Artifact) -> str:
    """Where its bytes are, for a frame or an image; relative to the server's address."""
    return f"apis/wherry/v1/artifacts/{artifact.id}/view"


def _use(use: ArtifactUse) -> api.ArtifactUse:
    return api.ArtifactUse(task=task_label(use.task), kind=use.kind, port=use.port)


# -- lineage ----------------------------------------------------------------------------------------------------------


def lineage(view: LineageView) -> lineage_api.LineageGraph:
    """An answer about lineage."""
    nodes: list[lineage_api.LineageArtifact | lineage_api.LineageTask] = [
        lineage_api.LineageArtifact(id=id_, hops=view.hops[id_], artifact=brief(artifact, view.versions.get(id_, ())))
        for id_, artifact in view.artifacts.items()
    ]
    nodes += _executions(view)
    nodes.sort(key=lambda node: (abs(node.hops), node.id))
    known = {node.id for node in nodes}
    edges = [
        lineage_api.LineageLink(
            source_id=use.artifact_id if use.kind is LinkKind.INPUT else use.task.id,
            target_id=use.task.id if use.kind is LinkKind.INPUT else use.artifact_id,
            port=use.port,
        )
        for use in view.uses
        if use.artifact_id in known
    ]
    return lineage_api.LineageGraph(
        focus_ids=list(view.focus), nodes=nodes, edges=list(dict.fromkeys(edges)), truncated=view.truncated
    )


def _executions(view: LineageView) -> list[lineage_api.LineageTask]:
    """The executions, each as far away as the nearest thing it made, or else one beyond what it read."""
    hops: dict[str, int] = {}
    places: dict[str, TaskPlace] = {}
    for use in view.uses:
        places[use.task.id] = use.task
        if use.artifact_id in view.hops and use.kind is LinkKind.OUTPUT:
            here = view.hops[use.artifact_id]
            hops[use.task.id] = min(hops.get(use.task.id, here), here, key=abs)
    for use in view.uses:
        if use.task.id not in hops and use.artifact_id in view.hops:
            hops[use.task.id] = view.hops[use.artifact_id] + 1
    return [
        lineage_api.LineageTask(id=id_, hops=hops.get(id_, 0), task=task_label(place), ended_at=place.ended_at)
        for id_, place in places.items()
    ]


# -- models -----------------------------------------------------------------------------------------------------------


def model_row(view: ModelView) -> model_api.ModelRow:
    """A model in the list. It has a version."""
    return model_api.ModelRow(
        name=view.name,
        version_count=view.version_count,
        latest=version_row(view.versions[0]),
        aliases=dict(view.aliases),
    )


def version_row(view: ModelVersionView) -> model_api.ModelVersionRow:
    """A version of a model."""
    return model_api.ModelVersionRow(
        version=view.version.version,
        aliases=list(view.version.aliases),
        created_at=view.version.created_at,
        created_by=view.version.created_by,
        artifact=brief(view.artifact, (view.version,)),
        producer=None if view.producer is None else task_label(view.producer),
        metrics=numbers((view.artifact, *view.metrics)),
        datasets=[brief(one) for one in view.datasets],
    )
