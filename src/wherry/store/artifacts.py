"""Artifacts, and the links that say which task read or made them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from wherry.errors import NotFoundError
from wherry.model.artifacts import Artifact, ArtifactLink, LinkKind, Producer, RecordedLink
from wherry.model.identity import ArtifactId, Json, RunId, TaskId
from wherry.model.listing import ListQuery, Page
from wherry.store import compiled as sql
from wherry.store import pages
from wherry.store.pages import Narrowing
from wherry.store.runs import MIN_PREFIX, only_one
from wherry.store.unit import Reading, Row, Unit, ids_parameter, prefix_parameters, to_json

_OF_TASKS: Final = (
    "n IN (SELECT links.n FROM tasks JOIN artifact_tasks AS links ON links.run_id = tasks.run_id "
    'AND links.generation = tasks.generation AND links.task = tasks."key" '
    "WHERE tasks.id IN (SELECT value FROM json_each(:task_ids)))"
)

_METADATA: Final = msgspec.json.Decoder(dict[str, Json])


def insert(unit: Unit, artifacts: Sequence[Artifact], *, created_by: str) -> None:
    """Write new artifacts. The database refuses an id that is taken."""
    unit.execute_many(
        sql.ARTIFACTS_INSERT,
        [
            {
                "id": artifact.id,
                "namespace": artifact.namespace,
                "created_by": created_by,
                "type": artifact.type,
                "schema_version": artifact.schema_version,
                "name": artifact.name,
                "uri": artifact.uri,
                "metadata": to_json(artifact.metadata),
                "created_at": artifact.created_at,
                "size": artifact.size,
                "mtime": artifact.mtime,
                "digest": artifact.digest,
            }
            for artifact in artifacts
        ],
    )


def by_id(reading: Reading, ids: Iterable[ArtifactId]) -> dict[ArtifactId, Artifact]:
    """Artifacts by id, of those that exist."""
    wanted = ids_parameter(ids)
    if wanted == "[]":
        return {}
    found = (artifact_from_row(row) for row in reading.rows(sql.ARTIFACTS_SELECT, {"ids": wanted}))
    return {artifact.id: artifact for artifact in found}


def get(reading: Reading, artifact_id: ArtifactId) -> Artifact:
    """The artifact with an id, or the only one whose id starts so. Raises NotFoundError, InvalidArgumentError."""
    exact = by_id(reading, (artifact_id,)).get(artifact_id)
    if exact is not None:
        return exact
    enough = len(artifact_id) >= MIN_PREFIX
    found = reading.rows(sql.ARTIFACTS_SELECT_BY_PREFIX, prefix_parameters(artifact_id, limit=3)) if enough else []
    return artifact_from_row(only_one(found, "artifact", artifact_id))


def get_exactly(reading: Reading, artifact_id: ArtifactId) -> Artifact:
    """The artifact with this whole id. Raises NotFoundError."""
    found = by_id(reading, (artifact_id,)).get(artifact_id)
    if found is None:
        raise NotFoundError(f"there is no artifact '{artifact_id}'")
    return found


def set_digest(unit: Unit, artifact_id: ArtifactId, digest: str) -> None:
    """Fill in a digest, if none is known yet."""
    unit.execute(sql.ARTIFACTS_SET_DIGEST, {"where_id": artifact_id, "digest": digest})


def insert_links(unit: Unit, links: Sequence[ArtifactLink]) -> None:
    """Write links. One that is there already stays: a second attempt reads what the first one read."""
    unit.execute_many(
        sql.ARTIFACTS_INSERT_LINK,
        [
            {
                "artifact_id": link.artifact_id,
                "run_id": link.run_id,
                "generation": link.generation,
                "task": link.task,
                "kind": link.kind.value,
                "port": link.port,
                "position": link.index,
                "producer_task": link.producer.task if link.producer else None,
                "producer_port": link.producer.port if link.producer else None,
            }
            for link in links
        ],
    )


def find_links(reading: Reading, run_id: RunId, generation: int) -> tuple[ArtifactLink, ...]:
    """The links of one generation, in order of creation."""
    parameters = {"where_run_id": run_id, "where_generation": generation}
    return tuple(_link_from_row(row) for row in reading.rows(sql.ARTIFACTS_LIST_LINKS, parameters))


def find_page(reading: Reading, query: ListQuery, *, scope: pages.Scope) -> Page[Artifact]:
    """A filtered and sorted page. Raises InvalidArgumentError."""
    ids, following, total = pages.find(reading, pages.ARTIFACTS, query, scope)
    found = by_id(reading, ids)
    return Page(items=tuple(found[id_] for id_ in ids), next=following, total_size=total)


class LinkScope(msgspec.Struct, frozen=True, kw_only=True):
    """Which links a list is of: an empty list of ids, or None, means all."""

    task_ids: tuple[TaskId, ...] = ()
    run_ids: tuple[RunId, ...] = ()
    artifact_ids: tuple[ArtifactId, ...] = ()
    kind: LinkKind | None = None


def find_link_page(reading: Reading, query: ListQuery, scope: LinkScope) -> Page[RecordedLink]:
    """A filtered and sorted page of all generations. Raises InvalidArgumentError."""
    kinds: dict[str, str | int] = {} if scope.kind is None else {"kind": scope.kind.value}
    narrowings = []
    if scope.task_ids:
        narrowings.append(Narrowing(_OF_TASKS, {"task_ids": ids_parameter(scope.task_ids)}))
    if scope.run_ids:
        narrowings.append(pages.one_of("run_id", scope.run_ids, "run_ids"))
    if scope.artifact_ids:
        narrowings.append(pages.one_of("artifact_id", scope.artifact_ids, "artifact_ids"))
    numbers, following, total = pages.find(reading, pages.ARTIFACT_TASKS, query, kinds, tuple(narrowings))
    rows = reading.rows(sql.ARTIFACTS_SELECT_LINKS, {"ids": to_json(numbers)})
    found = {row[9]: row for row in rows}
    return Page(
        items=tuple(_recorded_link_from_row(found[number]) for number in numbers), next=following, total_size=total
    )


def artifact_from_row(row: Row) -> Artifact:
    """An artifact of the columns that `wherry.store.statements.artifacts` selects."""
    return Artifact(
        id=row[0],
        namespace=row[1],
        type=row[2],
        schema_version=row[3],
        name=row[4],
        uri=row[5],
        metadata=_METADATA.decode(row[6]),
        created_at=row[7],
        size=row[8],
        mtime=row[9],
        digest=row[10],
    )


def _link_from_row(row: Row) -> ArtifactLink:
    return ArtifactLink(
        artifact_id=row[0],
        run_id=row[1],
        generation=row[2],
        task=row[3],
        kind=LinkKind(row[4]),
        port=row[5],
        index=row[6],
        producer=None if row[7] is None else Producer(task=row[7], port=row[8]),
    )


def _recorded_link_from_row(row: Row) -> RecordedLink:
    return RecordedLink(n=row[9], task_id=row[10], producer_task_id=row[11], link=_link_from_row(row))
