"""Events, requests and the audit."""

from __future__ import annotations

from sqlalchemy import bindparam, func, insert, select, update

from wherry.store.statements.dialect import any_of, now_micros, number, where
from wherry.store.tables import audit, run_events, run_requests

INSERT_EVENT = insert(run_events).values({column.name: bindparam(column.name) for column in run_events.c})
LAST_SEQ = select(func.coalesce(func.max(run_events.c.seq), number(0))).where(where(run_events.c.run_id))
LIST_EVENTS = (
    select(*run_events.c)
    .where(where(run_events.c.run_id), run_events.c.seq > bindparam("after"))
    .order_by(run_events.c.seq)
    .limit(bindparam("limit"))
)

#: What happened to the runs themselves, without their tasks.
LIST_EVENTS_OF_RUNS = (
    select(*run_events.c)
    .where(any_of(run_events.c.run_id, "ids"), run_events.c.task.is_(None))
    .order_by(run_events.c.run_id, run_events.c.seq)
)

_REQUEST = (run_requests.c.id, run_requests.c.run_id, run_requests.c.kind, run_requests.c.by, run_requests.c.at)

INSERT_REQUEST = insert(run_requests).values({name: bindparam(name) for name in ("run_id", "kind", "by", "at")})
PENDING_REQUESTS = (
    select(*_REQUEST)
    .where(any_of(run_requests.c.run_id, "ids"), run_requests.c.handled_at.is_(None))
    .order_by(run_requests.c.id)
)
HANDLE_REQUEST = (
    update(run_requests)
    .where(where(run_requests.c.id), where(run_requests.c.run_id), run_requests.c.handled_at.is_(None))
    .values(handled_at=now_micros())
)

#: A request is for a run that is under way; one that comes too late, or before a retry, is not for the next generation.
DROP_REQUESTS = (
    update(run_requests)
    .where(where(run_requests.c.run_id), run_requests.c.handled_at.is_(None))
    .values(handled_at=now_micros())
)

INSERT_AUDIT = insert(audit).values({column.name: bindparam(column.name) for column in audit.c if column.name != "n"})
