"""Runs, their tasks and their results, as the pages of the UI show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from wherry.model.artifacts import Artifact
from wherry.model.identity import ArtifactId, Json, RunId, TaskId, TaskKey
from wherry.model.listing import ListQuery, Page
from wherry.model.outcomes import Failure, Kept, Reused, TaskOutcome, UpstreamUnavailable
from wherry.model.pages import (
    Lender,
    RunOutput,
    RunResult,
    RunSummary,
    RunView,
    TaskPlace,
    TaskSummary,
    TaskTally,
    TaskView,
)
from wherry.model.runs import Run, TaskKind, TaskRecord
from wherry.model.states import RuntimeState
from wherry.store import artifact_views, artifacts, history, models, pages, runs, tasks
from wherry.store import compiled as sql
from wherry.store.provenance import METRICS
from wherry.store.unit import Reading, Row, ids_parameter

METRICS_PER_RUN: Final = 50
"""Metrics artifacts that a summary of a run has at most."""

WARNINGS: Final = 100
"""Warnings that the panel of a task shows at most."""

_OUTCOME: Final[msgspec.json.Decoder[TaskOutcome]] = msgspec.json.Decoder(TaskOutcome)
_BODY: Final = msgspec.json.Decoder(dict[str, Json])
_STATES: Final = {state.value: state for state in RuntimeState}
_KINDS: Final = {kind.value: kind for kind in TaskKind}


class Figures(NamedTuple):
    """What a summary says of a run's tasks."""

    tally: TaskTally
    metrics: tuple[Artifact, ...]


class Settled:
    """Figures of runs that have ended, which nothing changes any more: a retry opens another generation.

    A list of runs is asked for again and again, and counting the tasks of a large one takes a while. Used by several
    threads at once; what is put twice is the same.
    """

    def __init__(self, *, most: int = 2000) -> None:
        self._most = most
        self._known: dict[tuple[RunId, int], Figures] = {}

    def get(self, run: Run) -> Figures | None:
        """Of an ended run, if they were put."""
        return self._known.get((run.id, run.generation)) if run.state.is_final else None

    def put(self, run: Run, figures: Figures) -> None:
        """Keep them if the run has ended."""
        if run.state.is_final:
            if len(self._known) >= self._most:
                self._known.clear()
            self._known[run.id, run.generation] = figures


def find_page(reading: Reading, query: ListQuery, settled: Settled, *, scope: pages.Scope) -> Page[RunSummary]:
    """A filtered and sorted page. Raises InvalidArgumentError."""
    page = runs.find_page(reading, query, scope=scope)
    return Page(items=summaries(reading, page.items, settled), next=page.next, total_size=page.total_size)


def summaries(reading: Reading, records: Sequence[Run], settled: Settled) -> tuple[RunSummary, ...]:
    """What a list shows of runs, in their order."""
    names = {row[0]: row[1:] for row in reading.rows(sql.VIEWS_RUN_NAMES, {"ids": ids_parameter(_ids(records))})}
    figures = {run.id: found for run in records if (found := settled.get(run)) is not None}
    for run, found in _figures(reading, [run for run in records if run.id not in figures]):
        settled.put(run, found)
        figures[run.id] = found
    return tuple(
        RunSummary(
            run=run,
            pipeline_name=names[run.id][0],
            version_name=names[run.id][1],
            experiment_name=names[run.id][2],
            tally=figures[run.id].tally,
            metrics=figures[run.id].metrics,
        )
        for run in records
    )


def _ids(records: Iterable[Run]) -> list[RunId]:
    return [run.id for run in records]


def _figures(reading: Reading, records: Sequence[Run]) -> list[tuple[Run, Figures]]:
    if not records:
        return []
    ids = {"ids": ids_parameter(_ids(records))}
    tallies, metrics = _tallies(reading, ids), _metrics(reading, records, ids)
    return [
        (run, Figures(tallies.get(run.id, TaskTally()), tuple(metrics[run.id].values())[-METRICS_PER_RUN:]))
        for run in records
    ]


def _metrics(
    reading: Reading, records: Sequence[Run], ids: Mapping[str, str]
) -> Mapping[RunId, Mapping[ArtifactId, Artifact]]:
    """Metrics artifacts by run, oldest first."""
    metrics: defaultdict[RunId, dict[ArtifactId, Artifact]] = defaultdict(dict)
    for run in records:
        kept = artifacts.by_id(reading, [one.artifact_id for one in _kept(reading, run)])
        metrics[run.id].update((one.id, one) for one in kept.values() if one.type == METRICS)
    for row in reading.rows(sql.VIEWS_RUN_METRICS, ids):
        metrics[row[0]][row[1]] = artifacts.artifact_from_row(row[1:])
    return metrics


def _tallies(reading: Reading, ids: Mapping[str, str]) -> dict[RunId, TaskTally]:
    counted: defaultdict[RunId, dict[str, int]] = defaultdict(dict)
    for run_id, fate, count in reading.rows(sql.VIEWS_TALLIES, ids):
        counted[run_id][fate] = count
    return {
        run_id: TaskTally(
            reused=fates.pop("reused", 0),
            kept=fates.pop("kept", 0),
            by_state={_STATES[fate]: count for fate, count in fates.items()},
        )
        for run_id, fates in counted.items()
    }


def view(reading: Reading, run_id: RunId, settled: Settled) -> RunView:
    """The newest generation of a run. Raises NotFoundError."""
    run = runs.get_exactly(reading, run_id)
    generation = {"where_run_id": run.id, "where_generation": run.generation}
    attempts: dict[str, int] = dict(reading.rows(sql.VIEWS_ATTEMPT_COUNTS, generation))
    found = tuple(task_summary_from_row(row, attempts) for row in reading.rows(sql.VIEWS_TASKS, generation))
    (summary,) = summaries(reading, (run,), settled)
    return RunView(
        summary=summary,
        tasks=found,
        outputs=tuple(outputs(reading, run)),
        last_seq=history.last_seq(reading, run.id),
    )


def outputs(reading: Reading, run: Run) -> list[RunOutput]:
    """What working tasks of the newest generation put out, oldest first; what a retry kept comes before the rest."""
    kept = _kept(reading, run)
    known = artifacts.by_id(reading, [one.artifact_id for one in kept])
    rows = reading.rows(sql.VIEWS_OUTPUTS, {"where_run_id": run.id, "where_generation": run.generation})
    return [
        *(
            RunOutput(
                artifact_id=one.artifact_id,
                name=known[one.artifact_id].name,
                type=known[one.artifact_id].type,
                task=one.task,
                port=one.port,
            )
            for one in kept
            if one.artifact_id in known
        ),
        *(RunOutput(artifact_id=row[0], name=row[1], type=row[2], task=row[3], port=row[4]) for row in rows),
    ]


class _Kept(NamedTuple):
    """An output of a task that a retry kept: its link is one of an earlier generation."""

    task: TaskKey
    port: str
    artifact_id: ArtifactId


def _kept(reading: Reading, run: Run) -> list[_Kept]:
    if run.generation == 1:
        return []
    rows = reading.rows(sql.VIEWS_KEPT_OUTPUTS, {"where_run_id": run.id, "where_generation": run.generation})
    return [
        _Kept(key, port, artifact_id)
        for key, text in rows
        for port, made in tasks.outputs_from(text).artifacts.items()
        for artifact_id in made.artifact_ids
    ]


def task_view(reading: Reading, run_id: RunId, task_id: TaskId) -> TaskView:
    """A task of a run. Raises NotFoundError."""
    run = runs.get_exactly(reading, run_id)
    record = tasks.get(reading, task_id, run_id=run_id)
    tried = _tried(reading, record)
    attempts = tasks.find_attempts_of(reading, tried)
    rows = reading.rows(
        sql.VIEWS_TASKS_BY_KEY,
        {
            "where_run_id": run.id,
            "where_generation": record.generation,
            "keys": ids_parameter(_named_keys(record)),
        },
    )
    counts: dict[str, int] = {record.key: len(attempts) if tried is record else 0}
    ids = [
        one
        for ports in (record.inputs.artifacts, record.outputs.artifacts)
        for port in ports.values()
        for one in port.artifact_ids
    ]
    found = artifacts.by_id(reading, ids)
    warnings = reading.rows(sql.VIEWS_WARNINGS, {"where_run_id": run.id, "where_task": record.key, "limit": WARNINGS})
    return TaskView(
        run=run,
        record=record,
        siblings={summary.key: summary for summary in (task_summary_from_row(row, counts) for row in rows)},
        attempts=attempts,
        attempts_of=tried.id,
        artifacts=found,
        versions=models.versions_of(reading, found),
        origin=_origin(reading, tried),
        warnings=tuple(str(_BODY.decode(row[0]).get("message", "")) for row in warnings),
    )


def _tried(reading: Reading, record: TaskRecord) -> TaskRecord:
    """The row that has the attempts: of a task that a retry kept, that of the generation in which it ended."""
    if not isinstance(record.outcome, Kept):
        return record
    rows = reading.rows(
        sql.VIEWS_TASKS_BY_KEY,
        {
            "where_run_id": record.run_id,
            "where_generation": record.outcome.generation,
            "keys": ids_parameter((record.key,)),
        },
    )
    return tasks.get(reading, rows[0][0]) if rows else record


def _origin(reading: Reading, record: TaskRecord) -> TaskPlace | None:
    if not isinstance(record.outcome, Reused):
        return None
    row = reading.row(sql.VIEWS_ORIGIN, {"where_run_id": record.outcome.run_id, "where_key": record.outcome.task})
    return None if row is None else artifact_views.place_from_row(row)


def _named_keys(record: TaskRecord) -> Iterable[TaskKey]:
    """The task itself, those around it, and the one that its outcome names."""
    parts = record.key.split("/")
    for length in range(1, len(parts) + 1):
        key = "/".join(parts[:length])
        yield TaskKey(key)
        # The parent of what is inside an iteration is the loop.
        yield TaskKey(key.rpartition("[")[0])
    match record.outcome:
        case UpstreamUnavailable(task=task):
            yield task
        case Failure(task=str() as failed):
            yield TaskKey(failed)
        case _:
            pass


def results(reading: Reading, run_id: RunId, types: Sequence[str], *, limit: int) -> tuple[RunResult, ...]:
    """Artifacts of some types that a run's working tasks put out, oldest first. Raises NotFoundError."""
    run = runs.get_exactly(reading, run_id)
    chosen = [one for one in outputs(reading, run) if one.type in types][:limit]
    found = artifacts.by_id(reading, [one.artifact_id for one in chosen])
    rows = reading.rows(
        sql.VIEWS_TASKS_BY_KEY,
        {
            "where_run_id": run.id,
            "where_generation": run.generation,
            "keys": ids_parameter({one.task: None for one in chosen}),
        },
    )
    named = {summary.key: summary for summary in (task_summary_from_row(row, {}) for row in rows)}
    return tuple(RunResult(artifact=found[one.artifact_id], port=one.port, task=named[one.task]) for one in chosen)


def task_summary_from_row(row: Row, attempts: Mapping[str, int]) -> TaskSummary:
    """A task of the columns that `wherry.store.statements.views` selects."""
    return TaskSummary(
        id=row[0],
        key=row[1],
        parent=row[2],
        name=row[3],
        display_name=row[4],
        component=row[5],
        kind=_KINDS[row[6]],
        state=_STATES[row[7]],
        outcome=None if row[8] is None else _OUTCOME.decode(row[8]),
        iteration_index=row[9],
        iteration_count=row[10],
        created_at=row[11],
        started_at=row[12],
        ended_at=row[13],
        attempts=attempts.get(row[1], 0),
        lender=None if row[14] is None else Lender(run_name=row[14], task_id=row[15]),
    )
