"""What the pages of the UI show: records joined with what they refer to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select

from wherry.store.statements.dialect import any_of, number, where, word, words
from wherry.store.tables import (
    artifact_tasks,
    artifacts,
    attempts,
    experiments,
    model_versions,
    pipeline_versions,
    pipelines,
    run_events,
    runs,
    tasks,
)

_ARTIFACT = tuple(column for column in artifacts.c if column.name != "created_by")
_WORKS = tasks.c.kind.in_(words(("RUNTIME", "IMPORTER")))
_OUTPUT = artifact_tasks.c.kind == word("OUTPUT")
_NEWEST = and_(tasks.c.run_id == runs.c.id, tasks.c.generation == runs.c.generation)
_LINKED = and_(
    tasks.c.run_id == artifact_tasks.c.run_id,
    tasks.c.generation == artifact_tasks.c.generation,
    tasks.c.key == artifact_tasks.c.task,
)

#: What became of a task, as the lists tell it. Outcomes are canonical JSON, so the tag stands first.
_FATE = case(
    (tasks.c.outcome.like(word('{"type":"reused"%')), word("reused")),
    (tasks.c.outcome.like(word('{"type":"kept"%')), word("kept")),
    else_=tasks.c.state,
)

RUN_NAMES = (
    select(runs.c.id, pipelines.c.display_name, pipeline_versions.c.display_name, experiments.c.display_name)
    .select_from(runs)
    .outerjoin(pipelines, pipelines.c.id == runs.c.pipeline_id)
    .outerjoin(pipeline_versions, pipeline_versions.c.id == runs.c.pipeline_version_id)
    .outerjoin(experiments, experiments.c.id == runs.c.experiment_id)
    .where(any_of(runs.c.id, "ids"))
)

TALLIES = (
    select(tasks.c.run_id, _FATE.label("fate"), func.count())
    .select_from(runs)
    .join(tasks, _NEWEST)
    .where(any_of(runs.c.id, "ids"), _WORKS)
    .group_by(tasks.c.run_id, _FATE)
)

#: Artifacts of one type that the newest generations of runs put out, oldest first.
RUN_METRICS = (
    select(artifact_tasks.c.run_id, *_ARTIFACT)
    .select_from(runs)
    .join(
        artifact_tasks,
        and_(artifact_tasks.c.run_id == runs.c.id, artifact_tasks.c.generation == runs.c.generation),
    )
    .join(artifacts, artifacts.c.id == artifact_tasks.c.artifact_id)
    .where(any_of(runs.c.id, "ids"), _OUTPUT, artifacts.c.type == word("system.Metrics"))
    .order_by(artifact_tasks.c.n)
)

#: The run that lent a reused task its outputs, and the same task in the newest generation of that run.
_LENDER_RUN = runs.alias("lender_run")
_LENDER = tasks.alias("lender")
_LENT_BY = and_(
    _LENDER.c.run_id == _LENDER_RUN.c.id,
    _LENDER.c.generation == _LENDER_RUN.c.generation,
    _LENDER.c.key == tasks.c.origin_task,
)

#: In the order of `wherry.store.run_views.task_summary_from_row`.
_SUMMARY = (
    tasks.c.id,
    tasks.c.key,
    tasks.c.parent,
    tasks.c.name,
    tasks.c.display_name,
    tasks.c.component,
    tasks.c.kind,
    tasks.c.state,
    tasks.c.outcome,
    tasks.c.iteration_index,
    tasks.c.iteration_count,
    tasks.c.created_at,
    tasks.c.started_at,
    tasks.c.ended_at,
    _LENDER_RUN.c.display_name,
    _LENDER.c.id,
)


def _summaries() -> Select[Any]:
    return (
        select(*_SUMMARY)
        .select_from(tasks)
        .outerjoin(_LENDER_RUN, _LENDER_RUN.c.id == tasks.c.origin_run_id)
        .outerjoin(_LENDER, _LENT_BY)
        .where(where(tasks.c.run_id), where(tasks.c.generation))
    )


TASKS = _summaries().order_by(tasks.c.n)
TASKS_BY_KEY = _summaries().where(any_of(tasks.c.key, "keys"))
#: What a retry kept has its links in the generation in which it ended.
KEPT_OUTPUTS = (
    select(tasks.c.key, tasks.c.outputs)
    .where(
        where(tasks.c.run_id),
        where(tasks.c.generation),
        tasks.c.outcome.like(word('{"type":"kept"%')),
        _WORKS,
    )
    .order_by(tasks.c.n)
)
ATTEMPT_COUNTS = (
    select(attempts.c.task, func.count())
    .where(where(attempts.c.run_id), where(attempts.c.generation))
    .group_by(attempts.c.task)
)
ATTEMPTS_OF_TASK = (
    select(*(column for column in attempts.c if column.name != "n"))
    .where(where(attempts.c.run_id), where(attempts.c.generation), where(attempts.c.task))
    .order_by(attempts.c.number)
)
WARNINGS = (
    select(run_events.c.body)
    .where(where(run_events.c.run_id), where(run_events.c.task), run_events.c.kind == word("warning"))
    .order_by(run_events.c.seq)
    .limit(bindparam("limit"))
)

#: What the working tasks of a generation put out.
OUTPUTS = (
    select(artifacts.c.id, artifacts.c.name, artifacts.c.type, artifact_tasks.c.task, artifact_tasks.c.port)
    .select_from(artifact_tasks)
    .join(tasks, _LINKED)
    .join(artifacts, artifacts.c.id == artifact_tasks.c.artifact_id)
    .where(where(artifact_tasks.c.run_id), where(artifact_tasks.c.generation), _OUTPUT, _WORKS)
    .order_by(artifact_tasks.c.n)
)

#: The same task in the newest generation of its run.
_CURRENT = tasks.alias("current")
_IS_CURRENT = and_(
    _CURRENT.c.run_id == runs.c.id, _CURRENT.c.generation == runs.c.generation, _CURRENT.c.key == tasks.c.key
)

#: In the order of `wherry.store.artifact_views.use_from_row`.
_USE = (
    artifact_tasks.c.artifact_id,
    artifact_tasks.c.kind,
    artifact_tasks.c.port,
    tasks.c.id,
    _CURRENT.c.id,
    tasks.c.generation,
    tasks.c.key,
    tasks.c.display_name,
    tasks.c.kind,
    tasks.c.state,
    tasks.c.origin_run_id,
    tasks.c.ended_at,
    runs.c.id,
    runs.c.display_name,
    runs.c.pipeline,
)


def _uses(condition: ColumnElement[bool]) -> Select[Any]:
    """Which working tasks read or put out which artifacts, newest first."""
    return (
        select(*_USE)
        .select_from(artifact_tasks)
        .join(tasks, _LINKED)
        .join(runs, runs.c.id == tasks.c.run_id)
        .outerjoin(_CURRENT, _IS_CURRENT)
        .where(condition, _WORKS)
        .order_by(artifact_tasks.c.n.desc())
        .limit(bindparam("limit"))
    )


USES_OF_ARTIFACTS = _uses(any_of(artifact_tasks.c.artifact_id, "ids"))
USES_BY_TASKS = _uses(any_of(tasks.c.id, "ids"))

#: The task of a key that ran itself, in the newest generation in which it did.
ORIGIN = (
    select(*_USE[3:])
    .select_from(tasks)
    .join(runs, runs.c.id == tasks.c.run_id)
    .outerjoin(_CURRENT, _IS_CURRENT)
    .where(where(tasks.c.run_id), where(tasks.c.key), tasks.c.state == word("SUCCEEDED"))
    .order_by(tasks.c.generation.desc())
    .limit(number(1))
)

VERSION_COUNTS = (
    select(pipeline_versions.c.pipeline_id, func.count())
    .where(any_of(pipeline_versions.c.pipeline_id, "ids"))
    .group_by(pipeline_versions.c.pipeline_id)
)
LAST_RUN_OF_PIPELINE = (
    select(runs.c.id)
    .where(where(runs.c.pipeline_id))
    .order_by(runs.c.created_at.desc(), runs.c.id.desc())
    .limit(number(1))
)
LAST_RUN_OF_EXPERIMENT = (
    select(runs.c.id)
    .where(where(runs.c.experiment_id))
    .order_by(runs.c.created_at.desc(), runs.c.id.desc())
    .limit(number(1))
)
RUN_COUNTS = (
    select(runs.c.experiment_id, func.count()).where(any_of(runs.c.experiment_id, "ids")).group_by(runs.c.experiment_id)
)

MODEL_COUNTS = (
    select(model_versions.c.name, func.count())
    .where(where(model_versions.c.namespace))
    .group_by(model_versions.c.name)
    .order_by(model_versions.c.name)
)
FIND_MODELS = (
    select(model_versions.c.name, func.count())
    .where(where(model_versions.c.namespace), model_versions.c.name.like(bindparam("pattern"), escape="!"))
    .group_by(model_versions.c.name)
    .order_by(model_versions.c.name)
    .limit(bindparam("limit"))
)
FIND_RUNS = (
    select(runs.c.id)
    .where(
        where(runs.c.namespace),
        or_(
            runs.c.display_name.like(bindparam("pattern"), escape="!"),
            and_(runs.c.id >= bindparam("prefix"), runs.c.id < bindparam("beyond")),
        ),
    )
    .order_by(runs.c.created_at.desc(), runs.c.id.desc())
    .limit(bindparam("limit"))
)
_NEWEST_ARTIFACTS = (
    select(*_ARTIFACT)
    .where(where(artifacts.c.namespace))
    .order_by(artifacts.c.created_at.desc(), artifacts.c.id.desc())
    .limit(bindparam("among"))
    .subquery("newest")
)
FIND_ARTIFACTS = (
    select(*_NEWEST_ARTIFACTS.c)
    .where(
        or_(
            _NEWEST_ARTIFACTS.c.name.like(bindparam("pattern"), escape="!"),
            and_(_NEWEST_ARTIFACTS.c.id >= bindparam("prefix"), _NEWEST_ARTIFACTS.c.id < bindparam("beyond")),
        )
    )
    .order_by(_NEWEST_ARTIFACTS.c.created_at.desc(), _NEWEST_ARTIFACTS.c.id.desc())
    .limit(bindparam("limit"))
)
FIND_PIPELINES = (
    select(pipelines.c.id)
    .where(
        where(pipelines.c.namespace),
        or_(
            pipelines.c.display_name.like(bindparam("pattern"), escape="!"),
            pipelines.c.name.like(bindparam("pattern"), escape="!"),
        ),
    )
    .order_by(pipelines.c.created_at.desc(), pipelines.c.id.desc())
    .limit(bindparam("limit"))
)
FIND_EXPERIMENTS = (
    select(*experiments.c)
    .where(where(experiments.c.namespace), experiments.c.display_name.like(bindparam("pattern"), escape="!"))
    .order_by(experiments.c.created_at.desc(), experiments.c.id.desc())
    .limit(bindparam("limit"))
)
