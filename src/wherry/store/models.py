"""Registered models: names whose versions count from 1."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from wherry.errors import WherryBugError
from wherry.model.artifacts import ModelVersion, Registration
from wherry.model.identity import ArtifactId
from wherry.store import artifacts
from wherry.store import compiled as sql
from wherry.store.unit import Reading, Row, Unit, ids_parameter


def register(unit: Unit, registration: Registration, *, by: str) -> ModelVersion:
    """Make an artifact the next version of a name, or return the version it already is.

    Raises:
        WherryBugError: there is no such artifact.
    """
    named = {"where_namespace": registration.namespace, "where_name": registration.name}
    row = unit.row(sql.MODELS_FIND_VERSION, named | {"where_artifact_id": registration.artifact_id})
    if row is not None:
        return version_from_row(row)
    artifact = artifacts.by_id(unit, (registration.artifact_id,)).get(registration.artifact_id)
    if artifact is None:
        raise WherryBugError(f"model '{registration.name}': there is no artifact '{registration.artifact_id}'")
    version = ModelVersion(
        namespace=registration.namespace,
        name=registration.name,
        version=int(unit.scalar(sql.MODELS_LAST_VERSION, named)) + 1,
        artifact_id=registration.artifact_id,
        created_at=artifact.created_at,
        created_by=by,
    )
    parameters = {
        "namespace": version.namespace,
        "name": version.name,
        "version": version.version,
        "artifact_id": version.artifact_id,
        "created_at": version.created_at,
        "created_by": version.created_by,
    }
    unit.execute(
        sql.MODELS_INSERT_NAME,
        {name: parameters[name] for name in ("namespace", "name", "created_at", "created_by")},
    )
    unit.execute(sql.MODELS_INSERT_VERSION, parameters)
    return version


def versions(reading: Reading, namespace: str, name: str) -> tuple[ModelVersion, ...]:
    """All versions of a name, oldest first, with their aliases."""
    named = {"where_namespace": namespace, "where_name": name}
    aliases: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for version, alias in reading.rows(sql.MODELS_LIST_ALIASES, named):
        aliases[version] += (alias,)
    rows = reading.rows(sql.MODELS_LIST_VERSIONS, named)
    return tuple(version_from_row(row, aliases=aliases[row[2]]) for row in rows)


def names(reading: Reading, namespace: str) -> tuple[str, ...]:
    """Names of a namespace that have at least one version, in order."""
    return tuple(row[0] for row in reading.rows(sql.MODELS_LIST_NAMES, {"where_namespace": namespace}))


def versions_of(reading: Reading, artifact_ids: Iterable[ArtifactId]) -> dict[ArtifactId, tuple[ModelVersion, ...]]:
    """The versions that artifacts are registered as."""
    found: defaultdict[ArtifactId, tuple[ModelVersion, ...]] = defaultdict(tuple)
    for row in reading.rows(sql.MODELS_VERSIONS_OF_ARTIFACTS, {"ids": ids_parameter(artifact_ids)}):
        version = version_from_row(row)
        found[version.artifact_id] += (version,)
    return dict(found)


def version_from_row(row: Row, *, aliases: tuple[str, ...] = ()) -> ModelVersion:
    """A version of the columns that `wherry.store.statements.models` selects."""
    return ModelVersion(
        namespace=row[0],
        name=row[1],
        version=row[2],
        artifact_id=row[3],
        created_at=row[4],
        created_by=row[5],
        aliases=aliases,
    )
