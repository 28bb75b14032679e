"""Registered models: names, versions, aliases."""

from __future__ import annotations

from sqlalchemy import func, insert, select

from wherry.store.statements.dialect import any_of, number, where
from wherry.store.tables import model_aliases, model_versions, models

#: In the order of `wherry.store.models.version_from_row`.
_COLUMNS = tuple(model_versions.c)

INSERT_NAME = insert(models).prefix_with("OR IGNORE", dialect="sqlite").prefix_with("IGNORE", dialect="mysql")
INSERT_VERSION = insert(model_versions)

LAST_VERSION = select(func.coalesce(func.max(model_versions.c.version), number(0))).where(
    where(model_versions.c.namespace), where(model_versions.c.name)
)
FIND_VERSION = select(*_COLUMNS).where(
    where(model_versions.c.namespace), where(model_versions.c.name), where(model_versions.c.artifact_id)
)
LIST_VERSIONS = (
    select(*_COLUMNS)
    .where(where(model_versions.c.namespace), where(model_versions.c.name))
    .order_by(model_versions.c.version)
)
LIST_ALIASES = (
    select(model_aliases.c.version, model_aliases.c.alias)
    .where(where(model_aliases.c.namespace), where(model_aliases.c.name))
    .order_by(model_aliases.c.version, model_aliases.c.alias)
)
LIST_NAMES = select(models.c.name).where(where(models.c.namespace)).order_by(models.c.name)

VERSIONS_OF_ARTIFACTS = (
    select(*_COLUMNS)
    .where(any_of(model_versions.c.artifact_id, "ids"))
    .order_by(model_versions.c.namespace, model_versions.c.name, model_versions.c.version)
)
