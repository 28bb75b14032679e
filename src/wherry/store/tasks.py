"""Tasks and attempts: written by compare-and-set, read in order of creation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from wherry.errors import NotFoundError, WherryBugError
from wherry.model.identity import Json, RunId, TaskId
from wherry.model.listing import ListQuery, Page
from wherry.model.outcomes import Failure, Reused, TaskOutcome
from wherry.model.runs import Attempt, AttemptEnd, TaskInputs, TaskKind, TaskOutputs, TaskRecord, TaskUpdate
from wherry.model.states import AttemptState, RuntimeState
from wherry.store import compiled as sql
from wherry.store import pages
from wherry.store.unit import Reading, Row, Unit, ids_parameter, to_json

_OUTCOME: Final[msgspec.json.Decoder[TaskOutcome]] = msgspec.json.Decoder(TaskOutcome)
_INPUTS: Final = msgspec.json.Decoder(TaskInputs)
_OUTPUTS: Final = msgspec.json.Decoder(TaskOutputs)
_PARTS: Final = msgspec.json.Decoder(dict[str, str])
_HANDLE: Final = msgspec.json.Decoder(dict[str, Json])
_FAILURE: Final = msgspec.json.Decoder(Failure)
_STATES: Final = {state.value: state for state in RuntimeState}
_KINDS: Final = {kind.value: kind for kind in TaskKind}
_ATTEMPT_STATES: Final = {state.value: state for state in AttemptState}


def insert(unit: Unit, records: Sequence[TaskRecord]) -> None:
    """Write new rows. The database refuses a key that the generation already has."""
    unit.execute_many(sql.TASKS_INSERT, [_identity(record) | _content(record) for record in records])


def update(unit: Unit, updates: Sequence[TaskUpdate]) -> None:
    """Replace rows whose state still is the one seen. Raises WherryBugError if one is not."""
    changed = unit.execute_many(sql.TASKS_UPDATE, [_update_parameters(update) for update in updates])
    if changed != len(updates):
        keys = ", ".join(f"'{update.record.key}' seen {update.seen.value}" for update in updates)
        raise WherryBugError(f"{len(updates) - changed} of these tasks are missing or in another state: {keys}")


def find_all(reading: Reading, run_id: RunId, generation: int) -> tuple[TaskRecord, ...]:
    """The tasks of one generation, in order of creation."""
    parameters = {"where_run_id": run_id, "where_generation": generation}
    return tuple(task_from_row(row) for row in reading.rows(sql.TASKS_LIST, parameters))


def get(reading: Reading, task_id: TaskId, *, run_id: RunId | None = None) -> TaskRecord:
    """The task with an id, of a run if one is named. Raises NotFoundError."""
    row = reading.row(sql.TASKS_SELECT_MANY, {"ids": ids_parameter((task_id,))})
    if row is None:
        raise NotFoundError(f"there is no task '{task_id}'")
    if run_id is not None and row[0] != run_id:
        raise NotFoundError(f"run '{run_id}' has no task '{task_id}'")
    return task_from_row(row)


def find_page(
    reading: Reading, query: ListQuery, *, run_id: RunId, generation: int, parent_id: TaskId | None
) -> Page[TaskRecord]:
    """A filtered and sorted page of one generation. Raises NotFoundError, InvalidArgumentError."""
    scope: dict[str, str | int] = {"run_id": run_id, "generation": generation}
    if parent_id is not None:
        parent = get(reading, parent_id)
        if (parent.run_id, parent.generation) != (run_id, generation):
            raise NotFoundError(f"there is no task '{parent_id}' in generation {generation} of run '{run_id}'")
        scope["parent"] = parent.key
    ids, following, total = pages.find(reading, pages.TASKS, query, scope)
    found = {row[3]: row for row in reading.rows(sql.TASKS_SELECT_MANY, {"ids": ids_parameter(ids)})}
    return Page(items=tuple(task_from_row(found[id_]) for id_ in ids), next=following, total_size=total)


def insert_attempts(unit: Unit, attempts: Sequence[Attempt]) -> None:
    """Write new attempts. The database refuses an id or a number that is taken."""
    unit.execute_many(sql.TASKS_INSERT_ATTEMPT, [_attempt_parameters(attempt) for attempt in attempts])


def end_attempts(unit: Unit, run_id: RunId, generation: int, ends: Sequence[AttemptEnd]) -> None:
    """End attempts that have not ended. Raises WherryBugError if one has: its result is not let in."""
    changed = unit.execute_many(sql.TASKS_END_ATTEMPT, [_end_parameters(run_id, generation, end) for end in ends])
    if changed != len(ends):
        ids = ", ".join(f"'{end.id}'" for end in ends)
        raise WherryBugError(f"{len(ends) - changed} of these attempts of run '{run_id}' are missing or over: {ids}")


def find_attempts(reading: Reading, run_id: RunId, generation: int) -> tuple[Attempt, ...]:
    """The attempts of one generation, in order of creation."""
    parameters = {"where_run_id": run_id, "where_generation": generation}
    return tuple(_attempt_from_row(row) for row in reading.rows(sql.TASKS_LIST_ATTEMPTS, parameters))


def find_attempts_of(reading: Reading, task: TaskRecord) -> tuple[Attempt, ...]:
    """The attempts of one task, oldest first."""
    parameters = {"where_run_id": task.run_id, "where_generation": task.generation, "where_task": task.key}
    return tuple(_attempt_from_row(row) for row in reading.rows(sql.VIEWS_ATTEMPTS_OF_TASK, parameters))


def task_from_row(row: Row) -> TaskRecord:
    """A task of the columns that `wherry.store.statements.tasks` selects."""
    return TaskRecord(
        run_id=row[0],
        generation=row[1],
        key=row[2],
        id=row[3],
        parent=row[4],
        name=row[5],
        display_name=row[6],
        component=row[7],
        kind=_KINDS[row[8]],
        state=_STATES[row[9]],
        created_at=row[10],
        outcome=None if row[11] is None else _OUTCOME.decode(row[11]),
        iteration_index=row[12],
        iteration_count=row[13],
        started_at=row[14],
        ended_at=row[15],
        inputs=_INPUTS.decode(row[16]),
        outputs=_OUTPUTS.decode(row[17]),
        base_key=row[18],
        fingerprint=row[19],
        fingerprint_parts=_PARTS.decode(row[20]),
        cache_note=row[21],
    )


def outputs_from(text: str) -> TaskOutputs:
    """The outputs that a row holds as JSON."""
    return _OUTPUTS.decode(text)


def _attempt_from_row(row: Row) -> Attempt:
    return Attempt(
        id=row[0],
        run_id=row[1],
        generation=row[2],
        task=row[3],
        number=row[4],
        token=row[5],
        state=_ATTEMPT_STATES[row[6]],
        created_at=row[7],
        handle=None if row[8] is None else _HANDLE.decode(row[8]),
        started_at=row[9],
        ended_at=row[10],
        failure=None if row[11] is None else _FAILURE.decode(row[11]),
    )


def _identity(record: TaskRecord) -> dict[str, object]:
    return {
        "run_id": record.run_id,
        "generation": record.generation,
        "key": record.key,
        "id": record.id,
        "created_at": record.created_at,
    }


def _content(record: TaskRecord) -> dict[str, object]:
    origin = record.outcome if isinstance(record.outcome, Reused) else None
    return {
        "parent": record.parent,
        "name": record.name,
        "display_name": record.display_name,
        "component": record.component,
        "kind": record.kind.value,
        "state": record.state.value,
        "outcome": None if record.outcome is None else to_json(record.outcome),
        "iteration_index": record.iteration_index,
        "iteration_count": record.iteration_count,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "inputs": to_json(record.inputs),
        "outputs": to_json(record.outputs),
        "base_key": record.base_key,
        "fingerprint": record.fingerprint,
        "fingerprint_parts": to_json(record.fingerprint_parts),
        "cache_note": record.cache_note,
        "origin_run_id": origin.run_id if origin else None,
        "origin_task": origin.task if origin else None,
        "origin_attempt_id": origin.attempt_id if origin else None,
    }


def _update_parameters(update: TaskUpdate) -> dict[str, object]:
    record = update.record
    parameters = _content(record)
    parameters["where_run_id"] = record.run_id
    parameters["where_generation"] = record.generation
    parameters["where_key"] = record.key
    parameters["seen_state"] = update.seen.value
    return parameters


def _attempt_parameters(attempt: Attempt) -> dict[str, object]:
    return {
        "id": attempt.id,
        "run_id": attempt.run_id,
        "generation": attempt.generation,
        "task": attempt.task,
        "number": attempt.number,
        "token": attempt.token,
        "state": attempt.state.value,
        "created_at": attempt.created_at,
        "handle": None if attempt.handle is None else to_json(attempt.handle),
        "started_at": attempt.started_at,
        "ended_at": attempt.ended_at,
        "failure": None if attempt.failure is None else to_json(attempt.failure),
    }


def _end_parameters(run_id: RunId, generation: int, end: AttemptEnd) -> dict[str, object]:
    return {
        "where_id": end.id,
        "where_run_id": run_id,
        "where_generation": generation,
        "state": end.state.value,
        "started_at": end.started_at,
        "ended_at": end.ended_at,
        "failure": None if end.failure is None else to_json(end.failure),
        "handle": None if end.handle is None else to_json(end.handle),
    }
