"""Registered pipelines and their versions: register, find, relabel, forget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wherry.errors import AlreadyExistsError, FailedPreconditionError, NotFoundError
from wherry.model.identity import Micros, PipelineId, PipelineVersionId
from wherry.model.listing import ListQuery, Page
from wherry.model.pipelines import DeletePolicy, Pipeline, PipelineUpdate, PipelineVersion
from wherry.ports import NewPipelineVersion
from wherry.store import compiled as sql
from wherry.store import history, pages, runs
from wherry.store.history import AuditEntry
from wherry.store.statement import Statement
from wherry.store.unit import Reading, Row, Unit, ids_parameter

# -- pipelines --------------------------------------------------------------------------------------------------------


def create(unit: Unit, pipeline: Pipeline, first: NewPipelineVersion | None) -> Pipeline:
    """Register a pipeline, and its first version if there is one. Raises AlreadyExistsError."""
    by_name = {"where_namespace": pipeline.namespace, "where_name": pipeline.name}
    if unit.row(sql.PIPELINES_FIND_BY_NAME, by_name) is not None:
        raise name_taken(pipeline)
    if _by_ids(unit, (pipeline.id,)):
        raise AlreadyExistsError(f"a pipeline with the id '{pipeline.id}' exists")
    unit.execute(
        sql.PIPELINES_INSERT,
        {
            "id": pipeline.id,
            "namespace": pipeline.namespace,
            "created_by": pipeline.created_by,
            "name": pipeline.name,
            "display_name": pipeline.display_name,
            "description": pipeline.description,
            "created_at": pipeline.created_at,
        },
    )
    _write_tags(unit, sql.PIPELINES_INSERT_TAG, "pipeline_id", pipeline.id, pipeline.tags)
    _audit(unit, pipeline, "pipeline.create", by=pipeline.created_by, now=pipeline.created_at)
    if first is not None:
        create_version(unit, first)
    return pipeline


def name_taken(pipeline: Pipeline) -> AlreadyExistsError:
    """Why a pipeline cannot be registered."""
    return AlreadyExistsError(
        f"a pipeline with the name '{pipeline.name}' exists", hint="Upload a version of it, or give another name."
    )


def get(reading: Reading, pipeline_id: PipelineId) -> Pipeline:
    """The pipeline with an id. Raises NotFoundError."""
    found = _by_ids(reading, (pipeline_id,))
    if not found:
        raise NotFoundError(f"there is no pipeline '{pipeline_id}'")
    return found[pipeline_id]


def get_by_name(reading: Reading, namespace: str, name: str) -> Pipeline:
    """The pipeline with a name. Raises NotFoundError."""
    found = reading.scalar(sql.PIPELINES_FIND_BY_NAME, {"where_namespace": namespace, "where_name": name})
    if found is None:
        raise NotFoundError(f"there is no pipeline with the name '{name}'")
    return get(reading, found)


def find_page(reading: Reading, query: ListQuery, *, scope: pages.Scope) -> Page[Pipeline]:
    """A filtered and sorted page. Raises InvalidArgumentError."""
    ids, following, total = pages.find(reading, pages.PIPELINES, query, scope)
    found = _by_ids(reading, ids)
    return Page(items=tuple(found[id_] for id_ in ids), next=following, total_size=total)


def update(unit: Unit, pipeline_id: PipelineId, update: PipelineUpdate, *, by: str, now: Micros) -> Pipeline:
    """Change what may change. Raises NotFoundError."""
    pipeline = get(unit, pipeline_id)
    if update.display_name is not None:
        unit.execute(sql.PIPELINES_RENAME, {"where_id": pipeline_id, "display_name": update.display_name})
    if update.tags is not None:
        unit.execute(sql.PIPELINES_DELETE_TAGS, {"where_pipeline_id": pipeline_id})
        _write_tags(unit, sql.PIPELINES_INSERT_TAG, "pipeline_id", pipeline_id, update.tags)
    _audit(unit, pipeline, "pipeline.update", by=by, now=now)
    return get(unit, pipeline_id)


def delete(unit: Unit, pipeline_id: PipelineId, policy: DeletePolicy, *, by: str, now: Micros) -> None:
    """Forget a pipeline. Raises NotFoundError, FailedPreconditionError."""
    pipeline = get(unit, pipeline_id)
    versions = int(unit.scalar(sql.PIPELINES_COUNT_VERSIONS, {"where_pipeline_id": pipeline_id}))
    if versions and policy is DeletePolicy.REFUSE:
        raise has_versions(pipeline, versions)
    digests = [row[0] for row in unit.rows(sql.PIPELINES_SPECS_OF, {"where_pipeline_id": pipeline_id})]
    unit.execute(sql.PIPELINES_DELETE, {"where_id": pipeline_id})
    for digest in digests:
        runs.drop_spec(unit, digest)
    _audit(unit, pipeline, "pipeline.delete", by=by, now=now)


def has_versions(pipeline: Pipeline, versions: int) -> FailedPreconditionError:
    """Why a pipeline cannot be deleted."""
    return FailedPreconditionError(
        f"pipeline '{pipeline.name}' cannot be deleted as it has existing pipeline versions ({versions}). "
        "Set cascade=true to delete them with it",
    )


# -- versions ---------------------------------------------------------------------------------------------------------


def create_version(unit: Unit, new: NewPipelineVersion) -> PipelineVersion:
    """Register a version. Raises NotFoundError, AlreadyExistsError."""
    version = new.version
    pipeline = get(unit, version.pipeline_id)
    by_name = {"where_pipeline_id": version.pipeline_id, "where_name": version.name}
    if unit.row(sql.PIPELINES_FIND_VERSION_BY_NAME, by_name) is not None:
        raise version_name_taken(pipeline, version)
    if _versions_by_ids(unit, (version.id,)):
        raise AlreadyExistsError(f"a pipeline version with the id '{version.id}' exists")
    unit.execute(
        sql.RUNS_INSERT_SPEC, {"digest": version.spec_digest, "body": new.spec, "created_at": version.created_at}
    )
    unit.execute(
        sql.PIPELINES_INSERT_VERSION,
        {
            "id": version.id,
            "pipeline_id": version.pipeline_id,
            "created_by": version.created_by,
            "name": version.name,
            "display_name": version.display_name,
            "description": version.description,
            "created_at": version.created_at,
            "spec_digest": version.spec_digest,
            "code_source_url": version.code_source_url,
            "package_url": version.package_url,
        },
    )
    _write_tags(unit, sql.PIPELINES_INSERT_VERSION_TAG, "version_id", version.id, version.tags)
    _audit_version(unit, version, "pipeline-version.create", by=version.created_by, now=version.created_at)
    return version


def version_name_taken(pipeline: Pipeline, version: PipelineVersion) -> AlreadyExistsError:
    """Why a version cannot be registered."""
    return AlreadyExistsError(
        f"pipeline '{pipeline.name}' has a version with the name '{version.name}'", hint="Give another name."
    )


def get_version(reading: Reading, version_id: PipelineVersionId) -> PipelineVersion:
    """The version with an id. Raises NotFoundError."""
    found = _versions_by_ids(reading, (version_id,))
    if not found:
        raise NotFoundError(f"there is no pipeline version '{version_id}'")
    return found[version_id]


def latest_version(reading: Reading, pipeline_id: PipelineId) -> PipelineVersion:
    """The version that was created last. Raises NotFoundError."""
    pipeline = get(reading, pipeline_id)
    found = reading.scalar(sql.PIPELINES_LATEST_VERSION, {"where_pipeline_id": pipeline_id})
    if found is None:
        raise without_versions(pipeline)
    return get_version(reading, found)


def without_versions(pipeline: Pipeline) -> NotFoundError:
    """Why there is no latest version."""
    return NotFoundError(f"pipeline '{pipeline.name}' has no version", hint="Upload one.")


def find_version_page(reading: Reading, pipeline_id: PipelineId, query: ListQuery) -> Page[PipelineVersion]:
    """A filtered and sorted page. Raises NotFoundError, InvalidArgumentError."""
    get(reading, pipeline_id)
    ids, following, total = pages.find(reading, pages.PIPELINE_VERSIONS, query, {"pipeline_id": pipeline_id})
    found = _versions_by_ids(reading, ids)
    return Page(items=tuple(found[id_] for id_ in ids), next=following, total_size=total)


def update_version(
    unit: Unit, version_id: PipelineVersionId, update: PipelineUpdate, *, by: str, now: Micros
) -> PipelineVersion:
    """Change what may change. Raises NotFoundError."""
    version = get_version(unit, version_id)
    if update.display_name is not None:
        unit.execute(sql.PIPELINES_RENAME_VERSION, {"where_id": version_id, "display_name": update.display_name})
    if update.tags is not None:
        unit.execute(sql.PIPELINES_DELETE_VERSION_TAGS, {"where_version_id": version_id})
        _write_tags(unit, sql.PIPELINES_INSERT_VERSION_TAG, "version_id", version_id, update.tags)
    _audit_version(unit, version, "pipeline-version.update", by=by, now=now)
    return get_version(unit, version_id)


def delete_version(unit: Unit, version_id: PipelineVersionId, *, by: str, now: Micros) -> None:
    """Forget a version, and its spec if nothing else has it. Raises NotFoundError."""
    version = get_version(unit, version_id)
    unit.execute(sql.PIPELINES_DELETE_VERSION, {"where_id": version_id})
    runs.drop_spec(unit, version.spec_digest)
    _audit_version(unit, version, "pipeline-version.delete", by=by, now=now)


# -- rows -------------------------------------------------------------------------------------------------------------


def pipeline_from_row(row: Row, tags: dict[str, str]) -> Pipeline:
    """A pipeline of the columns that `wherry.store.statements.pipelines` selects, with its tags."""
    return Pipeline(
        id=row[0],
        namespace=row[1],
        created_by=row[2],
        name=row[3],
        display_name=row[4],
        description=row[5],
        created_at=row[6],
        tags=tags,
    )


def version_from_row(row: Row, tags: dict[str, str]) -> PipelineVersion:
    """A version of the columns that `wherry.store.statements.pipelines` selects, with its tags."""
    return PipelineVersion(
        id=row[0],
        pipeline_id=row[1],
        created_by=row[2],
        name=row[3],
        display_name=row[4],
        description=row[5],
        created_at=row[6],
        spec_digest=row[7],
        code_source_url=row[8],
        package_url=row[9],
        tags=tags,
    )


def _by_ids(reading: Reading, ids: Sequence[PipelineId]) -> dict[PipelineId, Pipeline]:
    wanted = {"ids": ids_parameter(ids)}
    tags = _tags(reading, sql.PIPELINES_TAGS, wanted)
    rows = reading.rows(sql.PIPELINES_SELECT_MANY, wanted)
    return {row[0]: pipeline_from_row(row, tags.get(row[0], {})) for row in rows}


def _versions_by_ids(reading: Reading, ids: Sequence[PipelineVersionId]) -> dict[PipelineVersionId, PipelineVersion]:
    wanted = {"ids": ids_parameter(ids)}
    tags = _tags(reading, sql.PIPELINES_VERSION_TAGS, wanted)
    rows = reading.rows(sql.PIPELINES_SELECT_VERSIONS, wanted)
    return {row[0]: version_from_row(row, tags.get(row[0], {})) for row in rows}


def _tags(reading: Reading, statement: Statement, wanted: Mapping[str, str]) -> dict[str, dict[str, str]]:
    tags: dict[str, dict[str, str]] = {}
    for owner, key, value in reading.rows(statement, wanted):
        tags.setdefault(owner, {})[key] = value
    return tags


def _write_tags(unit: Unit, statement: Statement, owner: str, id_: str, tags: Mapping[str, str]) -> None:
    unit.execute_many(statement, [{owner: id_, "key": key, "value": value} for key, value in tags.items()])


def _audit(unit: Unit, pipeline: Pipeline, action: str, *, by: str, now: Micros) -> None:
    entry = AuditEntry(
        at=now,
        who=by,
        action=action,
        namespace=pipeline.namespace,
        object_kind="pipeline",
        object_id=pipeline.id,
        detail={"name": pipeline.name},
    )
    history.record_audit(unit, entry)


def _audit_version(unit: Unit, version: PipelineVersion, action: str, *, by: str, now: Micros) -> None:
    entry = AuditEntry(
        at=now,
        who=by,
        action=action,
        namespace=get(unit, version.pipeline_id).namespace,
        object_kind="pipeline-version",
        object_id=version.id,
        detail={"name": version.name, "pipeline_id": version.pipeline_id, "spec_digest": version.spec_digest},
    )
    history.record_audit(unit, entry)
