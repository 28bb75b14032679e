"""Artifacts, as the pages of the UI show them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from wherry.model.artifacts import LinkKind
from wherry.model.identity import ArtifactId
from wherry.model.pages import ArtifactUse, ArtifactView, TaskPlace
from wherry.model.runs import TaskKind
from wherry.model.states import RuntimeState
from wherry.store import artifacts, models
from wherry.store import compiled as sql
from wherry.store.provenance import FRONTIER
from wherry.store.unit import Reading, Row, ids_parameter

USES: Final = 400
"""Tasks that read or made one artifact which are shown at most."""


def place_from_row(row: Row) -> TaskPlace:
    """A task of the columns that `wherry.store.statements.views` selects."""
    return TaskPlace(
        id=row[0],
        current_id=row[1] or row[0],
        generation=row[2],
        key=row[3],
        display_name=row[4],
        kind=TaskKind(row[5]),
        state=RuntimeState(row[6]),
        reused=row[7] is not None,
        ended_at=row[8],
        run_id=row[9],
        run_name=row[10],
        pipeline=row[11],
    )


def use_from_row(row: Row) -> ArtifactUse:
    """A use of the columns that `wherry.store.statements.views` selects."""
    return ArtifactUse(artifact_id=row[0], kind=LinkKind(row[1]), port=row[2], task=place_from_row(row[3:]))


def view(reading: Reading, artifact_id: ArtifactId) -> ArtifactView:
    """An artifact with the tasks that read and made it. Raises NotFoundError."""
    artifact = artifacts.get_exactly(reading, artifact_id)
    uses = uses_of(reading, (artifact_id,), limit=USES + 1)
    made = [use for use in uses if use.made]
    if len(uses) > USES and not made:
        # It was made first, and the newest are read first.
        made = [use for use in uses_of(reading, (artifact_id,), limit=FRONTIER) if use.made]
    return ArtifactView(
        artifact=artifact,
        versions=models.versions_of(reading, (artifact_id,)).get(artifact_id, ()),
        uses=tuple(dict.fromkeys([*uses[:USES], *made])),
        truncated=len(uses) > USES,
    )


def uses_of(reading: Reading, ids: Iterable[ArtifactId], *, limit: int) -> list[ArtifactUse]:
    """Uses of any of these artifacts by working tasks, newest first."""
    rows = reading.rows(sql.VIEWS_USES_OF_ARTIFACTS, {"ids": ids_parameter(ids), "limit": limit})
    return [use_from_row(row) for row in rows]
