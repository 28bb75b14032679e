"""Experiments."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, insert, select, update

from wherry.store.statements.dialect import any_of, where
from wherry.store.tables import experiments

#: In the order of `wherry.store.experiments.experiment_from_row`.
_COLUMNS = tuple(experiments.c)

INSERT = insert(experiments).values({column.name: bindparam(column.name) for column in experiments.c})
SELECT = select(*_COLUMNS).where(where(experiments.c.id))
SELECT_MANY = select(*_COLUMNS).where(any_of(experiments.c.id, "ids"))
SELECT_BY_NAME = select(*_COLUMNS).where(where(experiments.c.namespace), where(experiments.c.display_name))
SET_STORAGE_STATE = update(experiments).where(where(experiments.c.id)).values(storage_state=bindparam("storage_state"))

#: Runs may be recorded in another order than they were created in.
RUN_CREATED = (
    update(experiments)
    .where(where(experiments.c.id), experiments.c.last_run_created_at < bindparam("created_at"))
    .values(last_run_created_at=bindparam("created_at"))
)

DELETE = delete(experiments).where(where(experiments.c.id))
