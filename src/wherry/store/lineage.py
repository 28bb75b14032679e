"""What an artifact was made from, and what was made from it."""

from __future__ import annotations

import enum
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping

from wherry.errors import NotFoundError
from wherry.model.artifacts import Artifact, Lineage, LineageEdge, LineageNode, Made, ModelVersion
from wherry.model.identity import ArtifactId
from wherry.store import artifacts, models
from wherry.store import compiled as sql
from wherry.store.unit import Reading, ids_parameter


class Direction(enum.Enum):
    """Which way to walk."""

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"


_ALL = {Direction.UPSTREAM: sql.LINEAGE_UPSTREAM, Direction.DOWNSTREAM: sql.LINEAGE_DOWNSTREAM}
_WITHIN = {Direction.UPSTREAM: sql.LINEAGE_UPSTREAM_WITHIN, Direction.DOWNSTREAM: sql.LINEAGE_DOWNSTREAM_WITHIN}


def walk(reading: Reading, artifact_id: ArtifactId, direction: Direction, *, max_hops: int | None) -> Lineage:
    """Everything within ``max_hops`` executions of an artifact, nearest first. Raises NotFoundError."""
    if not artifacts.by_id(reading, (artifact_id,)):
        raise NotFoundError(f"there is no artifact '{artifact_id}'")
    if max_hops is None:
        rows = reading.rows(_ALL[direction], {"id": artifact_id})
    else:
        rows = reading.rows(_WITHIN[direction], {"id": artifact_id, "max_hops": max_hops})
    ids = ids_parameter(row[0] for row in rows)
    edges = [
        LineageEdge(source=row[0], target=row[1], task=row[2], run_id=row[3])
        for row in reading.rows(sql.LINEAGE_EDGES, {"ids": ids})
    ]
    found = artifacts.by_id(reading, (row[0] for row in rows))
    return assemble(
        hops_from(artifact_id, edges, direction),
        edges,
        artifacts=found,
        made=_makers(reading, ids),
        versions=models.versions_of(reading, found),
    )


def hops_from(artifact_id: ArtifactId, edges: Iterable[LineageEdge], direction: Direction) -> dict[ArtifactId, int]:
    """Executions between an artifact and each one that the edges lead to."""
    onward: defaultdict[ArtifactId, list[ArtifactId]] = defaultdict(list)
    for edge in edges:
        if direction is Direction.UPSTREAM:
            onward[edge.target].append(edge.source)
        else:
            onward[edge.source].append(edge.target)
    hops = {artifact_id: 0}
    queue = deque([artifact_id])
    while queue:
        here = queue.popleft()
        for there in onward[here]:
            if there not in hops:
                hops[there] = hops[here] + 1
                queue.append(there)
    return hops


def assemble(
    hops: Mapping[ArtifactId, int],
    edges: Iterable[LineageEdge],
    *,
    artifacts: Mapping[ArtifactId, Artifact],
    made: Mapping[ArtifactId, Made],
    versions: Mapping[ArtifactId, tuple[ModelVersion, ...]],
) -> Lineage:
    """The answer: nodes nearest first, then oldest first; edges between them."""
    order = sorted(hops, key=lambda id_: (hops[id_], artifacts[id_].created_at, id_))
    nodes = tuple(
        LineageNode(artifact=artifacts[id_], hops=hops[id_], made=made.get(id_), versions=versions.get(id_, ()))
        for id_ in order
    )
    kept = (edge for edge in edges if edge.source in hops and edge.target in hops)
    return Lineage(nodes=nodes, edges=tuple(sorted(kept, key=_edge_order)))


def _edge_order(edge: LineageEdge) -> tuple[str, str, str, str]:
    return (edge.run_id, edge.task, edge.target, edge.source)


def _makers(reading: Reading, ids: str) -> dict[ArtifactId, Made]:
    made: dict[ArtifactId, Made] = {}
    for row in reading.rows(sql.LINEAGE_MADE, {"ids": ids}):
        made.setdefault(
            row[0],
            Made(
                run_id=row[1],
                run_name=row[2],
                pipeline=row[3],
                generation=row[4],
                task=row[5],
                attempt_id=row[6],
                port=row[7],
                at=row[8],
            ),
        )
    return made
