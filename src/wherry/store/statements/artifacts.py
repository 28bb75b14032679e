"""Artifacts and who read and made them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, FromClause, and_, bindparam, insert, select, update

from wherry.store.statements.dialect import any_of, where
from wherry.store.tables import artifact_tasks, artifacts, tasks

#: In the order of `wherry.store.artifacts.artifact_from_row`.
_COLUMNS = tuple(column for column in artifacts.c if column.name != "created_by")
_LINK_COLUMNS = tuple(column for column in artifact_tasks.c if column.name != "n")

INSERT = insert(artifacts).values({column.name: bindparam(column.name) for column in artifacts.c})
SELECT = select(*_COLUMNS).where(any_of(artifacts.c.id, "ids"))
SELECT_BY_PREFIX = (
    select(*_COLUMNS)
    .where(artifacts.c.id >= bindparam("prefix"), artifacts.c.id < bindparam("beyond"))
    .order_by(artifacts.c.id)
    .limit(bindparam("limit"))
)

#: Content never changes, so the first digest stays.
SET_DIGEST = (
    update(artifacts).where(where(artifacts.c.id), artifacts.c.digest.is_(None)).values(digest=bindparam("digest"))
)

#: A second attempt of a task reads what the first one read.
INSERT_LINK = (
    insert(artifact_tasks)
    .prefix_with("OR IGNORE", dialect="sqlite")
    .prefix_with("IGNORE", dialect="mysql")
    .values({column.name: bindparam(column.name) for column in artifact_tasks.c if column.name != "n"})
)
LIST_LINKS = (
    select(*_LINK_COLUMNS)
    .where(where(artifact_tasks.c.run_id), where(artifact_tasks.c.generation))
    .order_by(artifact_tasks.c.n)
)

_PRODUCERS = tasks.alias("producers")


def _stands_at(row: FromClause, key: ColumnElement[str]) -> ColumnElement[bool]:
    """``row`` is the task with a key in the link's run and generation."""
    return and_(
        row.c.run_id == artifact_tasks.c.run_id, row.c.generation == artifact_tasks.c.generation, row.c.key == key
    )


#: With the number of the link and the ids of the tasks it names.
SELECT_LINKS = (
    select(*_LINK_COLUMNS, artifact_tasks.c.n, tasks.c.id, _PRODUCERS.c.id)
    .select_from(artifact_tasks)
    .outerjoin(tasks, _stands_at(tasks, artifact_tasks.c.task))
    .outerjoin(_PRODUCERS, _stands_at(_PRODUCERS, artifact_tasks.c.producer_task))
    .where(any_of(artifact_tasks.c.n, "ids"))
)
