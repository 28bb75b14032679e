"""Who was made from what, over any number of executions.

An artifact's maker is the execution that has it as an output and has an attempt that succeeded. A task that reused, a
retry that kept, a DAG that passes an output on: they have no such attempt, so the origin is the only maker.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, String, and_, bindparam, select, type_coerce

from wherry.store.statements.dialect import any_of, number, word
from wherry.store.tables import artifact_tasks, attempts, runs

_made = artifact_tasks.alias("made")
_read = artifact_tasks.alias("readings")
_attempt = attempts.alias("attempt")

_MADE = _made.c.kind == word("OUTPUT")
_READ_BY_MAKER = and_(
    _read.c.run_id == _made.c.run_id,
    _read.c.generation == _made.c.generation,
    _read.c.task == _made.c.task,
    _read.c.kind == word("INPUT"),
)
_MAKER_SUCCEEDED = and_(
    _attempt.c.run_id == _made.c.run_id,
    _attempt.c.generation == _made.c.generation,
    _attempt.c.task == _made.c.task,
    _attempt.c.state == word("SUCCEEDED"),
)
_START = type_coerce(bindparam("id"), String).label("artifact_id")


def _reachable(met: ColumnElement[Any], next_: ColumnElement[Any]) -> Select[tuple[Any]]:
    """Everything reachable. UNION drops what was met before: a cycle ends, a diamond is walked once."""
    walk: CTE = select(_START).cte("walk", recursive=True)
    step = (
        select(next_)
        .select_from(walk)
        .join(_made if met is _made.c.artifact_id else _read, met == walk.c.artifact_id)
        .join(_read if met is _made.c.artifact_id else _made, _READ_BY_MAKER)
        .join(_attempt, _MAKER_SUCCEEDED)
        .where(_MADE)
    )
    return select(walk.union(step).c.artifact_id)


def _within(met: ColumnElement[Any], next_: ColumnElement[Any]) -> Select[tuple[Any]]:
    """What is reachable over at most ``max_hops`` executions. The bound ends a cycle."""
    walk: CTE = select(_START, number(0).label("hops")).cte("walk", recursive=True)
    step = (
        select(next_, walk.c.hops + number(1))
        .select_from(walk)
        .join(_made if met is _made.c.artifact_id else _read, met == walk.c.artifact_id)
        .join(_read if met is _made.c.artifact_id else _made, _READ_BY_MAKER)
        .join(_attempt, _MAKER_SUCCEEDED)
        .where(_MADE, walk.c.hops < bindparam("max_hops"))
    )
    return select(walk.union(step).c.artifact_id).distinct()


UPSTREAM = _reachable(_made.c.artifact_id, _read.c.artifact_id)
DOWNSTREAM = _reachable(_read.c.artifact_id, _made.c.artifact_id)
UPSTREAM_WITHIN = _within(_made.c.artifact_id, _read.c.artifact_id)
DOWNSTREAM_WITHIN = _within(_read.c.artifact_id, _made.c.artifact_id)

#: Every reading by the maker of one artifact of a set, of another in the set.
EDGES = (
    select(_read.c.artifact_id, _made.c.artifact_id, _made.c.task, _made.c.run_id)
    .select_from(_made)
    .join(_read, _READ_BY_MAKER)
    .join(_attempt, _MAKER_SUCCEEDED)
    .where(_MADE, any_of(_made.c.artifact_id, "ids"), any_of(_read.c.artifact_id, "ids"))
    .distinct()
    .order_by(_made.c.run_id, _made.c.task, _made.c.artifact_id, _read.c.artifact_id)
)

#: The makers of a set of artifacts, oldest first.
MADE = (
    select(
        _made.c.artifact_id,
        _made.c.run_id,
        runs.c.display_name,
        runs.c.pipeline,
        _made.c.generation,
        _made.c.task,
        _attempt.c.id,
        _made.c.port,
        _attempt.c.ended_at,
    )
    .select_from(_made)
    .join(_attempt, _MAKER_SUCCEEDED)
    .join(runs, runs.c.id == _made.c.run_id)
    .where(_MADE, any_of(_made.c.artifact_id, "ids"))
    .order_by(_made.c.n)
)
