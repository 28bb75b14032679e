"""Tasks and their attempts."""

from __future__ import annotations

from sqlalchemy import bindparam, func, insert, select, update

from wherry.store.statements.dialect import OPEN_ATTEMPT_STATES, any_of, where, words
from wherry.store.tables import attempts, tasks

_IDENTITY = {"n", "run_id", "generation", "key", "id", "created_at"}

#: In the order of `wherry.store.tasks.task_from_row`.
_COLUMNS = tuple(column for column in tasks.c if column.name != "n" and not column.name.startswith("origin_"))
_ATTEMPT_COLUMNS = tuple(column for column in attempts.c if column.name != "n")

INSERT = insert(tasks).values({column.name: bindparam(column.name) for column in tasks.c if column.name != "n"})

#: Replaces a task's row, if its state still is the one the engine decided on.
UPDATE = (
    update(tasks)
    .where(
        where(tasks.c.run_id), where(tasks.c.generation), where(tasks.c.key), tasks.c.state == bindparam("seen_state")
    )
    .values({column.name: bindparam(column.name) for column in tasks.c if column.name not in _IDENTITY})
)

LIST = select(*_COLUMNS).where(where(tasks.c.run_id), where(tasks.c.generation)).order_by(tasks.c.n)

SELECT_MANY = select(*_COLUMNS).where(any_of(tasks.c.id, "ids"))

INSERT_ATTEMPT = insert(attempts).values(
    {column.name: bindparam(column.name) for column in attempts.c if column.name != "n"}
)

#: Exactly one end is let in.
END_ATTEMPT = (
    update(attempts)
    .where(
        where(attempts.c.id),
        where(attempts.c.run_id),
        where(attempts.c.generation),
        attempts.c.state.in_(words(OPEN_ATTEMPT_STATES)),
    )
    .values(
        state=bindparam("state"),
        started_at=func.coalesce(bindparam("started_at"), attempts.c.started_at),
        ended_at=bindparam("ended_at"),
        failure=bindparam("failure"),
        handle=func.coalesce(bindparam("handle"), attempts.c.handle),
    )
)

LIST_ATTEMPTS = (
    select(*_ATTEMPT_COLUMNS).where(where(attempts.c.run_id), where(attempts.c.generation)).order_by(attempts.c.n)
)
