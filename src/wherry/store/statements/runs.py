"""Runs and the specs they were planned from."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, delete, exists, func, insert, null, or_, select, update

from wherry.store.statements.dialect import FINAL_STATES, UNFINISHED_STATES, any_of, number, where, word, words
from wherry.store.tables import pipeline_versions, runs, specs

_FINAL = words(FINAL_STATES)
_UNFINISHED = words(UNFINISHED_STATES)

#: In the order of `wherry.store.runs.run_from_row`. Never the spec.
_COLUMNS = (
    runs.c.id,
    runs.c.generation,
    runs.c.namespace,
    runs.c.created_by,
    runs.c.display_name,
    runs.c.pipeline,
    runs.c.spec_digest,
    runs.c.parameters,
    runs.c.pipeline_root,
    runs.c.cache,
    runs.c.state,
    runs.c.storage_state,
    runs.c.created_at,
    runs.c.scheduled_at,
    runs.c.started_at,
    runs.c.finished_at,
    runs.c.error,
    runs.c.semantics,
    runs.c.crashes,
    runs.c.experiment_id,
    runs.c.description,
    runs.c.pipeline_id,
    runs.c.pipeline_version_id,
    runs.c.service_account,
    runs.c.recurring_run_id,
)

#: Two runs of one spec may come at once; the digest names the content, so the first copy is as good.
INSERT_SPEC = insert(specs).prefix_with("OR IGNORE", dialect="sqlite").prefix_with("IGNORE", dialect="mysql")

#: A spec that nothing names any more.
DELETE_SPEC = delete(specs).where(
    where(specs.c.digest),
    ~exists().where(runs.c.spec_digest == specs.c.digest),
    ~exists().where(pipeline_versions.c.spec_digest == specs.c.digest),
)

SELECT_SPEC = select(specs.c.body).where(where(specs.c.digest))

INSERT = insert(runs).values(
    {
        column.name: bindparam(column.name)
        for column in runs.c
        if column.name not in {"owner_token", "owner_name", "lease_expires_at"}
    }
)

SELECT = select(*_COLUMNS).where(where(runs.c.id))
SELECT_MANY = select(*_COLUMNS).where(any_of(runs.c.id, "ids"))

#: A prefix of an id: everything from it up to it with the highest character behind.
SELECT_BY_PREFIX = (
    select(*_COLUMNS)
    .where(runs.c.id >= bindparam("prefix"), runs.c.id < bindparam("beyond"))
    .order_by(runs.c.id)
    .limit(bindparam("limit"))
)

SELECT_BY_IDEMPOTENCY_KEY = select(*_COLUMNS).where(where(runs.c.namespace), where(runs.c.idempotency_key))

_NEWEST_FIRST = (runs.c.created_at.desc(), runs.c.id.desc())
_BEFORE = or_(
    runs.c.created_at < bindparam("before_at"),
    and_(runs.c.created_at == bindparam("before_at"), runs.c.id < bindparam("before_id")),
)

LIST = select(*_COLUMNS).order_by(*_NEWEST_FIRST).limit(bindparam("limit"))
LIST_BEFORE = select(*_COLUMNS).where(_BEFORE).order_by(*_NEWEST_FIRST).limit(bindparam("limit"))
LIST_OF_NAMESPACE = select(*_COLUMNS).where(where(runs.c.namespace)).order_by(*_NEWEST_FIRST).limit(bindparam("limit"))
LIST_OF_NAMESPACE_BEFORE = (
    select(*_COLUMNS).where(where(runs.c.namespace), _BEFORE).order_by(*_NEWEST_FIRST).limit(bindparam("limit"))
)

FIND_UNFINISHED = (
    select(*_COLUMNS)
    .where(where(runs.c.spec_digest), where(runs.c.parameters), runs.c.state.in_(_UNFINISHED))
    .order_by(*_NEWEST_FIRST)
    .limit(number(1))
)

STATES = select(runs.c.id, runs.c.state).where(any_of(runs.c.id, "ids"))

#: What a turn is checked against before it writes anything.
HEAD = select(runs.c.generation, runs.c.owner_token, runs.c.state, runs.c.created_by, runs.c.pipeline).where(
    where(runs.c.id)
)

#: The engine moves a run it holds.
UPDATE = (
    update(runs)
    .where(where(runs.c.id), where(runs.c.generation), where(runs.c.owner_token), runs.c.state.not_in(_FINAL))
    .values(
        state=bindparam("state"),
        started_at=func.coalesce(bindparam("started_at"), runs.c.started_at),
        finished_at=func.coalesce(bindparam("finished_at"), runs.c.finished_at),
        error=func.coalesce(bindparam("error"), runs.c.error),
    )
)

#: A retry: what the earlier generation came to is in the events.
OPEN_GENERATION = (
    update(runs)
    .where(where(runs.c.id), where(runs.c.generation), runs.c.state.in_(_FINAL))
    .values(
        generation=runs.c.generation + number(1),
        state=word("PENDING"),
        started_at=null(),
        finished_at=number(0),
        error=null(),
        crashes=number(0),
        owner_token=null(),
        owner_name=null(),
        lease_expires_at=null(),
    )
)

#: The run is let go, so that whoever claims next rebuilds it from rows.
COUNT_CRASH = (
    update(runs)
    .where(where(runs.c.id), runs.c.state.not_in(_FINAL))
    .values(crashes=runs.c.crashes + number(1), owner_token=null(), owner_name=null(), lease_expires_at=null())
)

QUARANTINE = (
    update(runs)
    .where(where(runs.c.id), runs.c.state.not_in(_FINAL))
    .values(state=word("FAILED"), finished_at=bindparam("finished_at"), error=bindparam("error"))
)

SET_STORAGE_STATE = update(runs).where(where(runs.c.id)).values(storage_state=bindparam("storage_state"))

ARCHIVE_EXPERIMENT = (
    update(runs)
    .where(where(runs.c.experiment_id), runs.c.storage_state != word("ARCHIVED"))
    .values(storage_state=word("ARCHIVED"))
)

#: Whoever owns a run that is under way would look for it.
DELETE = delete(runs).where(where(runs.c.id), runs.c.state.in_(_FINAL))
