"""Walks from artifacts through the executions that made and read them, whoever keeps the records. Pure.

Each hop asks twice, however many artifacts it has: which tasks are next to them, and what else those read or made.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from wherry.model.artifacts import Artifact, LinkKind
from wherry.model.identity import ArtifactId, TaskId
from wherry.model.pages import ArtifactUse

FRONTIER: Final = 5000
"""Uses that are looked at per hop; if there are more, the answer is cut."""

DATASET: Final = "system.Dataset"
METRICS: Final = "system.Metrics"

_DATASETS: Final = 20


class Way(enum.Enum):
    """Which way to walk."""

    UP = "up"
    DOWN = "down"


class Uses(Protocol):
    """The records, as a walk asks for them: uses by working tasks, newest first."""

    def of_artifacts(self, ids: Iterable[ArtifactId], *, limit: int) -> Sequence[ArtifactUse]:
        """Of any of these artifacts."""

    def by_tasks(self, ids: Iterable[TaskId], *, limit: int) -> Sequence[ArtifactUse]:
        """By any of these tasks."""


class Walk:
    """Breadth first, nearest first.

    Args:
        uses: the records.
        focus: the artifacts that are asked about.
        limit: artifacts and executions at most.
    """

    def __init__(self, uses: Uses, focus: Sequence[ArtifactId], limit: int) -> None:
        self._records = uses
        self._limit = limit
        self.focus = tuple(dict.fromkeys(focus))[:limit]
        self.hops: dict[ArtifactId, int] = dict.fromkeys(self.focus, 0)
        """Executions away: negative upstream."""
        self.uses: dict[ArtifactUse, None] = {}
        """What was walked along, in the order in which it was met."""
        self.truncated = len(set(focus)) > limit
        self._tasks: set[TaskId] = set()

    def go(self, way: Way, *, hops: int) -> None:
        """Walk one way, so many executions far."""
        frontier = list(self.focus)
        sign = -1 if way is Way.UP else 1
        for hop in range(1, hops + 1):
            if not frontier:
                return
            frontier = self._step(way, frontier, sign * hop)
        self.truncated |= bool(frontier and self._next_to(way, frontier))

    def _step(self, way: Way, frontier: Sequence[ArtifactId], hop: int) -> list[ArtifactId]:
        met = self._next_to(way, frontier)
        tasks = dict.fromkeys(use.task.id for use in met if use.task.id in self._tasks or self._takes(use.task.id))
        self.uses.update(dict.fromkeys(use for use in met if use.task.id in tasks))
        fresh: list[ArtifactId] = []
        for use in self._records.by_tasks(tasks, limit=FRONTIER) if tasks else ():
            if not (use.made if way is Way.DOWN else use.kind is LinkKind.INPUT):
                continue
            if use.artifact_id not in self.hops:
                if not self._has_room():
                    continue
                self.hops[use.artifact_id] = hop
                fresh.append(use.artifact_id)
            self.uses[use] = None
        return fresh

    def _next_to(self, way: Way, frontier: Iterable[ArtifactId]) -> list[ArtifactUse]:
        """The executions next to some artifacts: those that made them, or those that read them."""
        uses = self._records.of_artifacts(frontier, limit=FRONTIER)
        self.truncated |= len(uses) == FRONTIER
        if way is Way.UP:
            return [use for use in uses if use.made]
        return [use for use in uses if use.kind is LinkKind.INPUT and not use.task.reused]

    def _takes(self, task: TaskId) -> bool:
        if not self._has_room():
            return False
        self._tasks.add(task)
        return True

    def _has_room(self) -> bool:
        if len(self.hops) + len(self._tasks) < self._limit:
            return True
        self.truncated = True
        return False


def root_datasets(
    uses: Iterable[ArtifactUse], artifacts: Mapping[ArtifactId, Artifact], hops: Mapping[ArtifactId, int]
) -> tuple[Artifact, ...]:
    """The data sets upstream that were made from no other data set, nearest first."""
    makers: dict[ArtifactId, set[TaskId]] = {}
    read: dict[TaskId, set[ArtifactId]] = {}
    for use in uses:
        if use.made:
            makers.setdefault(use.artifact_id, set()).add(use.task.id)
        elif use.kind is LinkKind.INPUT:
            read.setdefault(use.task.id, set()).add(use.artifact_id)

    def is_data(id_: ArtifactId) -> bool:
        return id_ in artifacts and artifacts[id_].type == DATASET

    roots = [
        id_
        for id_, hop in hops.items()
        if hop < 0 and is_data(id_) and not any(map(is_data, _inputs(id_, makers, read)))
    ]
    roots.sort(key=lambda id_: (-hops[id_], artifacts[id_].created_at, id_))
    return tuple(artifacts[id_] for id_ in roots[:_DATASETS])


def _inputs(
    artifact: ArtifactId, makers: Mapping[ArtifactId, set[TaskId]], read: Mapping[TaskId, set[ArtifactId]]
) -> Iterable[ArtifactId]:
    return (one for task in makers.get(artifact, ()) for one in read.get(task, ()))


def outputs_about(
    uses: Uses, artifact: Artifact, up: Walk, artifacts: Mapping[ArtifactId, Artifact]
) -> list[ArtifactId]:
    """What was put out along with a model, or made from it, in the run that made it; oldest first.

    A copy counts as the model itself: a task that registers a model often copies the best of several.
    """
    same = [
        id_
        for id_ in up.hops
        if id_ == artifact.id or (artifact.digest is not None and artifacts[id_].digest == artifact.digest)
    ]
    around = uses.of_artifacts(same, limit=FRONTIER)
    runs = {use.task.run_id for use in around if use.made}
    tasks = dict.fromkeys(
        use.task.id
        for use in around
        if use.task.run_id in runs and (use.made or (use.kind is LinkKind.INPUT and not use.task.reused))
    )
    made = [use.artifact_id for use in uses.by_tasks(tasks, limit=FRONTIER) if use.made]
    return list(dict.fromkeys(reversed(made)))
