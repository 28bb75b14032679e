"""Registered pipelines and their versions."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, func, insert, select, update

from wherry.store.statements.dialect import any_of, number, where
from wherry.store.tables import pipeline_tags, pipeline_version_tags, pipeline_versions, pipelines

#: In the order of `wherry.store.pipelines.pipeline_from_row` and ``version_from_row``.
_COLUMNS = tuple(pipelines.c)
_VERSION_COLUMNS = tuple(column for column in pipeline_versions.c if column.name != "n")

INSERT = insert(pipelines).values({column.name: bindparam(column.name) for column in pipelines.c})
SELECT_MANY = select(*_COLUMNS).where(any_of(pipelines.c.id, "ids"))
FIND_BY_NAME = select(pipelines.c.id).where(where(pipelines.c.namespace), where(pipelines.c.name))
RENAME = update(pipelines).where(where(pipelines.c.id)).values(display_name=bindparam("display_name"))
DELETE = delete(pipelines).where(where(pipelines.c.id))

INSERT_TAG = insert(pipeline_tags).values({column.name: bindparam(column.name) for column in pipeline_tags.c})
DELETE_TAGS = delete(pipeline_tags).where(where(pipeline_tags.c.pipeline_id))
TAGS = (
    select(*pipeline_tags.c)
    .where(any_of(pipeline_tags.c.pipeline_id, "ids"))
    .order_by(pipeline_tags.c.pipeline_id, pipeline_tags.c.key)
)

INSERT_VERSION = insert(pipeline_versions).values(
    {column.name: bindparam(column.name) for column in pipeline_versions.c if column.name != "n"}
)
SELECT_VERSIONS = select(*_VERSION_COLUMNS).where(any_of(pipeline_versions.c.id, "ids"))
FIND_VERSION_BY_NAME = select(pipeline_versions.c.id).where(
    where(pipeline_versions.c.pipeline_id), where(pipeline_versions.c.name)
)
#: Of two of one moment the one that was recorded last.
LATEST_VERSION = (
    select(pipeline_versions.c.id)
    .where(where(pipeline_versions.c.pipeline_id))
    .order_by(pipeline_versions.c.created_at.desc(), pipeline_versions.c.n.desc())
    .limit(number(1))
)
COUNT_VERSIONS = select(func.count()).where(where(pipeline_versions.c.pipeline_id))
SPECS_OF = select(pipeline_versions.c.spec_digest).where(where(pipeline_versions.c.pipeline_id)).distinct()
RENAME_VERSION = (
    update(pipeline_versions).where(where(pipeline_versions.c.id)).values(display_name=bindparam("display_name"))
)
DELETE_VERSION = delete(pipeline_versions).where(where(pipeline_versions.c.id))

INSERT_VERSION_TAG = insert(pipeline_version_tags).values(
    {column.name: bindparam(column.name) for column in pipeline_version_tags.c}
)
DELETE_VERSION_TAGS = delete(pipeline_version_tags).where(where(pipeline_version_tags.c.version_id))
VERSION_TAGS = (
    select(*pipeline_version_tags.c)
    .where(any_of(pipeline_version_tags.c.version_id, "ids"))
    .order_by(pipeline_version_tags.c.version_id, pipeline_version_tags.c.key)
)
