"""Artifacts, lineage and models, as the pages of the UI show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from wherry.model.artifacts import Artifact, LinkKind, ModelVersion
from wherry.model.identity import ArtifactId, RunId
from wherry.model.pages import ArtifactUse, ArtifactView, LineageView, ModelVersionView, ModelView, TaskPlace
from wherry.model.runs import TaskKind
from wherry.model.states import RuntimeState
from wherry.store import artifacts, models, runs
from wherry.store import compiled as sql
from wherry.store.lineage import Direction
from wherry.store.unit import Reading, Row, ids_parameter

USES: Final = 400
"""Tasks that read or made one artifact which are shown at most."""

_FRONTIER: Final = 5000
_DATASETS: Final = 20
_UPSTREAM_HOPS: Final = 30
_DATASET: Final = "system.Dataset"
_METRICS: Final = "system.Metrics"


def place_from_row(row: Row) -> TaskPlace:
    """A task of the columns that `wherry.store.statements.views` selects."""
    return TaskPlace(
        id=row[0],
        key=row[1],
        display_name=row[2],
        kind=TaskKind(row[3]),
        state=RuntimeState(row[4]),
        reused=row[5] is not None,
        ended_at=row[6],
        run_id=row[7],
        run_name=row[8],
        pipeline=row[9],
    )


def use_from_row(row: Row) -> ArtifactUse:
    """A use of the columns that `wherry.store.statements.views` selects."""
    return ArtifactUse(artifact_id=row[0], kind=LinkKind(row[1]), port=row[2], task=place_from_row(row[3:]))


def view(reading: Reading, artifact_id: ArtifactId) -> ArtifactView:
    """An artifact with the tasks that read and made it. Raises NotFoundError."""
    artifact = artifacts.get_exactly(reading, artifact_id)
    uses = _uses_of(reading, (artifact_id,), limit=USES + 1)
    made = [use for use in uses if use.made]
    if len(uses) > USES and not made:
        # It was made first, and the newest are read first.
        made = [use for use in _uses_of(reading, (artifact_id,), limit=_FRONTIER) if use.made]
    return ArtifactView(
        artifact=artifact,
        versions=models.versions_of(reading, (artifact_id,)).get(artifact_id, ()),
        uses=tuple(dict.fromkeys([*uses[:USES], *made])),
        truncated=len(uses) > USES,
    )


def _uses_of(reading: Reading, ids: Iterable[ArtifactId], *, limit: int) -> list[ArtifactUse]:
    rows = reading.rows(sql.VIEWS_USES_OF_ARTIFACTS, {"ids": ids_parameter(ids), "limit": limit})
    return [use_from_row(row) for row in rows]


def _uses_by(reading: Reading, task_ids: Iterable[str]) -> list[ArtifactUse]:
    rows = reading.rows(sql.VIEWS_USES_BY_TASKS, {"ids": ids_parameter(task_ids), "limit": _FRONTIER})
    return [use_from_row(row) for row in rows]


# -- lineage ----------------------------------------------------------------------------------------------------------


def lineage_of_run(
    reading: Reading, run_id: RunId, directions: Sequence[Direction], *, hops: int, limit: int
) -> LineageView:
    """Lineage of everything that a run put out. Raises NotFoundError."""
    run = runs.get_exactly(reading, run_id)
    rows = reading.rows(sql.VIEWS_OUTPUTS, {"where_run_id": run.id, "where_generation": run.generation})
    focus = tuple(dict.fromkeys(ArtifactId(row[0]) for row in rows))
    return lineage(reading, focus, directions, hops=hops, limit=limit)


def lineage(
    reading: Reading, focus: Sequence[ArtifactId], directions: Sequence[Direction], *, hops: int, limit: int
) -> LineageView:
    """What artifacts were made from and what was made from them, nearest first.

    Args:
        reading: one moment of the database.
        focus: the artifacts that are asked about.
        directions: which ways to walk.
        hops: executions away at most.
        limit: artifacts and executions at most.
    """
    walk = _Walk(reading, focus[:limit], limit)
    walk.truncated = len(focus) > limit
    for direction in directions:
        walk.go(direction, hops)
    if focus and not directions:
        walk.go(Direction.UPSTREAM, 0)
    found = artifacts.by_id(reading, walk.hops)
    return LineageView(
        focus=tuple(walk.focus),
        artifacts=found,
        hops={id_: hop for id_, hop in walk.hops.items() if id_ in found},
        versions=models.versions_of(reading, found),
        uses=tuple(walk.uses),
        truncated=walk.truncated,
    )


class _Walk:
    """Breadth first: two queries for each hop, however many artifacts it has."""

    def __init__(self, reading: Reading, focus: Sequence[ArtifactId], limit: int) -> None:
        self._reading = reading
        self._limit = limit
        self.focus = focus
        self.hops: dict[ArtifactId, int] = dict.fromkeys(focus, 0)
        self.uses: dict[ArtifactUse, None] = {}
        self.truncated = False
        self._tasks: set[str] = set()

    def go(self, direction: Direction, hops: int) -> None:
        """Walk one way."""
        frontier = list(self.focus)
        sign = -1 if direction is Direction.UPSTREAM else 1
        for hop in range(1, hops + 1):
            if not frontier:
                return
            frontier = self._step(direction, frontier, sign * hop)
        self.truncated |= self._goes_on(direction, frontier)

    def _step(self, direction: Direction, frontier: Sequence[ArtifactId], hop: int) -> list[ArtifactId]:
        here = self._through(direction, frontier)
        tasks = list(dict.fromkeys(use.task.id for use in here))
        room = self._limit - len(self.hops) - len(self._tasks)
        if len(set(tasks) - self._tasks) > room:
            self.truncated = True
            tasks = tasks[: max(room, 0)]
        self._tasks.update(tasks)
        kept = set(tasks)
        self.uses.update(dict.fromkeys(use for use in here if use.task.id in kept))
        beyond = [use for use in _uses_by(self._reading, tasks) if self._leads_on(direction, use)]
        fresh: list[ArtifactId] = []
        for use in beyond:
            if use.artifact_id not in self.hops:
                if len(self.hops) + len(self._tasks) >= self._limit:
                    self.truncated = True
                    continue
                self.hops[use.artifact_id] = hop
                fresh.append(use.artifact_id)
            self.uses[use] = None
        return fresh

    def _through(self, direction: Direction, frontier: Iterable[ArtifactId]) -> list[ArtifactUse]:
        """The executions next to some artifacts: those that made them, or those that read them."""
        uses = _uses_of(self._reading, frontier, limit=_FRONTIER)
        self.truncated |= len(uses) == _FRONTIER
        if direction is Direction.UPSTREAM:
            return [use for use in uses if use.made]
        return [use for use in uses if use.kind is LinkKind.INPUT and not use.task.reused]

    def _leads_on(self, direction: Direction, use: ArtifactUse) -> bool:
        return use.kind is LinkKind.INPUT if direction is Direction.UPSTREAM else use.made

    def _goes_on(self, direction: Direction, frontier: Sequence[ArtifactId]) -> bool:
        return bool(frontier and self._through(direction, frontier))


# -- models -----------------------------------------------------------------------------------------------------------


def model_views(reading: Reading, namespace: str, *, limit: int) -> tuple[ModelView, ...]:
    """Every model with its newest version, in the order of their names."""
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
    up = lineage(reading, (artifact.id,), (Direction.UPSTREAM,), hops=_UPSTREAM_HOPS, limit=500)
    down = lineage(reading, (artifact.id,), (Direction.DOWNSTREAM,), hops=1, limit=200)
    producer = next((use.task for use in up.uses if use.artifact_id == artifact.id and use.made), None)
    run_id = producer.run_id if producer is not None else None
    return ModelVersionView(
        version=version,
        artifact=artifact,
        producer=producer,
        metrics=tuple(
            down.artifacts[use.artifact_id]
            for use in down.uses
            if use.made and use.task.run_id == run_id and down.artifacts[use.artifact_id].type == _METRICS
        ),
        datasets=_root_datasets(up),
    )


def _root_datasets(up: LineageView) -> tuple[Artifact, ...]:
    """Data sets that were made from no other data set, nearest first."""
    makers: dict[str, set[str]] = {}
    reads: dict[str, set[ArtifactId]] = {}
    for use in up.uses:
        if use.made:
            makers.setdefault(use.artifact_id, set()).add(use.task.id)
        elif use.kind is LinkKind.INPUT:
            reads.setdefault(use.task.id, set()).add(use.artifact_id)

    def made_from_data(id_: ArtifactId) -> bool:
        read = (one for task in makers.get(id_, ()) for one in reads.get(task, ()))
        return any(one in up.artifacts and up.artifacts[one].type == _DATASET for one in read)

    roots = [
        artifact
        for id_, artifact in up.artifacts.items()
        if artifact.type == _DATASET and up.hops[id_] < 0 and not made_from_data(id_)
    ]
    roots.sort(key=lambda one: (-up.hops[one.id], one.created_at, one.id))
    return tuple(roots[:_DATASETS])
