"""Runs: create, list, find, retry, and count what crashed on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from wherry.errors import (
    AlreadyExistsError,
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
    NotRetriableError,
)
from wherry.model.experiments import Experiment
from wherry.model.identity import Json, Micros, RunId
from wherry.model.listing import ListQuery, Page
from wherry.model.runs import CachePolicy, Run, RunError, RunEvent, RunEventKind, TaskRecord
from wherry.model.states import RuntimeState, StorageState
from wherry.ports import NewRun
from wherry.store import compiled as sql
from wherry.store import experiments, history, pages, tasks
from wherry.store.unit import Reading, Row, Unit, ids_parameter, prefix_parameters, to_json

QUARANTINE_AFTER: Final = 3
"""Engine crashes on one generation of a run, after which it is set aside."""

MIN_PREFIX: Final = 4
"""Characters of an id that are enough to name it, if no other id starts with them."""

_ERROR: Final = msgspec.json.Decoder(RunError)
_PARAMETERS: Final = msgspec.json.Decoder(dict[str, Json])
_STATES: Final = {state.value: state for state in RuntimeState}


def run_from_row(row: Row) -> Run:
    """A run of the columns that `wherry.store.statements.runs` selects."""
    return Run(
        id=row[0],
        generation=row[1],
        namespace=row[2],
        created_by=row[3],
        display_name=row[4],
        pipeline=row[5],
        spec_digest=row[6],
        parameters=_PARAMETERS.decode(row[7]),
        pipeline_root=row[8],
        cache=CachePolicy(row[9]),
        state=_STATES[row[10]],
        storage_state=StorageState(row[11]),
        created_at=row[12],
        scheduled_at=row[13],
        started_at=row[14],
        finished_at=row[15] or None,
        error=None if row[16] is None else _ERROR.decode(row[16]),
        semantics=row[17],
        crashes=row[18],
        experiment_id=row[19],
        description=row[20],
        pipeline_id=row[21],
        pipeline_version_id=row[22],
        service_account=row[23],
        recurring_run_id=row[24] or None,
    )


def create(unit: Unit, new: NewRun) -> Run:
    """Record a run with its first event, or return the one that was created with the same idempotency key.

    Raises:
        AlreadyExistsError: the id is taken.
        NotFoundError: there is no such experiment.
        InvalidArgumentError: the experiment is of another namespace.
    """
    run = new.run
    if new.idempotency_key is not None:
        row = unit.row(
            sql.RUNS_SELECT_BY_IDEMPOTENCY_KEY,
            {"where_namespace": run.namespace, "where_idempotency_key": new.idempotency_key},
        )
        if row is not None:
            return run_from_row(row)
    if unit.row(sql.RUNS_HEAD, {"where_id": run.id}) is not None:
        raise AlreadyExistsError(f"a run with the id '{run.id}' exists")
    run = msgspec.structs.replace(run, experiment_id=experiments.take_run(unit, run))
    unit.execute(sql.RUNS_INSERT_SPEC, {"digest": run.spec_digest, "body": new.spec, "created_at": run.created_at})
    unit.execute(sql.RUNS_INSERT, _parameters(run, new.idempotency_key))
    created = RunEvent(
        run_id=run.id, seq=1, at=run.created_at, kind=RunEventKind.RUN_CREATED, body={"by": run.created_by}
    )
    warnings = (
        RunEvent(run_id=run.id, seq=seq, at=run.created_at, kind=RunEventKind.WARNING, body={"message": message})
        for seq, message in enumerate(new.warnings, start=2)
    )
    history.append(unit, (created, *warnings))
    history.record_run_audit(unit, run, "run.create", who=run.created_by, at=run.created_at)
    return run


def get(reading: Reading, run_id: RunId) -> Run:
    """The run with an id, or the only one whose id starts so. Raises NotFoundError, InvalidArgumentError."""
    row = reading.row(sql.RUNS_SELECT, {"where_id": run_id})
    if row is not None:
        return run_from_row(row)
    found = (
        reading.rows(sql.RUNS_SELECT_BY_PREFIX, prefix_parameters(run_id, limit=3)) if len(run_id) >= MIN_PREFIX else []
    )
    return run_from_row(only_one(found, "run", run_id))


def only_one(found: Sequence[Row], noun: str, prefix: str) -> Row:
    """The single row that a prefix found. Raises NotFoundError, InvalidArgumentError."""
    if not found:
        raise NotFoundError(f"there is no {noun} '{prefix}'")
    if len(found) > 1:
        raise InvalidArgumentError(
            f"'{prefix}' is the beginning of more than one {noun}: {', '.join(row[0] for row in found)}…",
            hint="Give more of its characters.",
        )
    return found[0]


def find_all(reading: Reading, *, namespace: str, limit: int, before: tuple[Micros, RunId] | None) -> tuple[Run, ...]:
    """Newest first, from behind ``before``; an empty namespace means all."""
    parameters: dict[str, object] = {"limit": limit}
    if before is not None:
        parameters |= {"before_at": before[0], "before_id": before[1]}
    if namespace:
        parameters["where_namespace"] = namespace
        statement = sql.RUNS_LIST_OF_NAMESPACE if before is None else sql.RUNS_LIST_OF_NAMESPACE_BEFORE
    else:
        statement = sql.RUNS_LIST if before is None else sql.RUNS_LIST_BEFORE
    return tuple(run_from_row(row) for row in reading.rows(statement, parameters))


def find_page(reading: Reading, query: ListQuery, *, scope: pages.Scope) -> Page[Run]:
    """A filtered and sorted page. Raises InvalidArgumentError."""
    ids, following, total = pages.find(reading, pages.RUNS, query, scope)
    found = {row[0]: row for row in reading.rows(sql.RUNS_SELECT_MANY, {"ids": ids_parameter(ids)})}
    return Page(items=tuple(run_from_row(found[id_]) for id_ in ids), next=following, total_size=total)


def find_unfinished(reading: Reading, *, spec_digest: str, parameters: Mapping[str, Json]) -> Run | None:
    """The newest unfinished run of the same spec with the same arguments."""
    row = reading.row(
        sql.RUNS_FIND_UNFINISHED, {"where_spec_digest": spec_digest, "where_parameters": to_json(dict(parameters))}
    )
    return None if row is None else run_from_row(row)


def spec(reading: Reading, digest: str) -> bytes:
    """The package that runs of this digest were created with. Raises NotFoundError."""
    body = reading.scalar(sql.RUNS_SELECT_SPEC, {"where_digest": digest})
    if body is None:
        raise NotFoundError(f"there is no spec with the digest '{digest}'")
    return bytes(body)


def states(reading: Reading, run_ids: Sequence[RunId]) -> dict[RunId, RuntimeState]:
    """State by run, of those that exist."""
    return {row[0]: _STATES[row[1]] for row in reading.rows(sql.RUNS_STATES, {"ids": ids_parameter(run_ids)})}


def open_generation(unit: Unit, run_id: RunId, *, seen: int, kept: Sequence[TaskRecord], by: str, now: Micros) -> Run:
    """Open the next generation of a run that ended. Raises NotFoundError, NotRetriableError."""
    changed = unit.execute(sql.RUNS_OPEN_GENERATION, {"where_id": run_id, "where_generation": seen})
    run = get_exactly(unit, run_id)
    if not changed:
        if run.generation != seen:
            raise NotRetriableError(
                f"run '{run_id}' is in generation {run.generation}, not {seen}", hint="Somebody else has retried it."
            )
        raise NotRetriableError(
            f"run '{run_id}' is {run.state.value}; only a run that ended can be retried",
            hint="Wait for it to end, or cancel it.",
        )
    unit.execute(sql.HISTORY_DROP_REQUESTS, {"where_run_id": run_id})
    tasks.insert(unit, kept)
    body = {"by": by, "generation": run.generation, "kept": len(kept)}
    event = RunEvent(
        run_id=run_id, seq=history.last_seq(unit, run_id) + 1, at=now, kind=RunEventKind.RUN_RETRIED, body=body
    )
    history.append(unit, (event,))
    history.record_run_audit(unit, run, "run.retry", who=by, at=now)
    return run


def get_exactly(reading: Reading, run_id: RunId) -> Run:
    """The run with this whole id. Raises NotFoundError."""
    row = reading.row(sql.RUNS_SELECT, {"where_id": run_id})
    if row is None:
        raise NotFoundError(f"there is no run '{run_id}'")
    return run_from_row(row)


def archive(unit: Unit, run_id: RunId, *, by: str, now: Micros) -> None:
    """Take a run out of the ordinary lists. Raises NotFoundError."""
    run = get_exactly(unit, run_id)
    if run.storage_state is not StorageState.ARCHIVED:
        _set_storage_state(unit, run, StorageState.ARCHIVED)
        history.record_run_audit(unit, run, "run.archive", who=by, at=now)


def unarchive(unit: Unit, run_id: RunId, *, by: str, now: Micros) -> None:
    """Put a run back. Raises NotFoundError, FailedPreconditionError."""
    run = get_exactly(unit, run_id)
    if run.storage_state is StorageState.AVAILABLE:
        return
    experiment = experiments.find(unit, run.experiment_id)
    if experiment is not None and experiment.storage_state is StorageState.ARCHIVED:
        raise archived_experiment(run, experiment)
    _set_storage_state(unit, run, StorageState.AVAILABLE)
    history.record_run_audit(unit, run, "run.unarchive", who=by, at=now)


def archived_experiment(run: Run, experiment: Experiment) -> FailedPreconditionError:
    """Why a run cannot be shown again."""
    return FailedPreconditionError(
        f"run '{run.id}' cannot be unarchived: its experiment '{experiment.display_name}' is archived",
        hint="Unarchive the experiment first.",
    )


def delete(unit: Unit, run_id: RunId, *, by: str, now: Micros) -> None:
    """Forget a run that has ended, and its spec if nothing else has it. Raises NotFoundError, FailedPreconditionError."""
    run = get_exactly(unit, run_id)
    if not unit.execute(sql.RUNS_DELETE, {"where_id": run_id}):
        raise still_unfinished(run)
    drop_spec(unit, run.spec_digest)
    history.record_run_audit(unit, run, "run.delete", who=by, at=now)


def still_unfinished(run: Run) -> FailedPreconditionError:
    """Why a run cannot be deleted."""
    return FailedPreconditionError(
        f"run '{run.id}' is {run.state.value}; only a run that ended can be deleted",
        hint="Terminate it, and wait until it has ended.",
    )


def drop_spec(unit: Unit, digest: str) -> None:
    """Forget a spec that no run and no pipeline version names any more."""
    unit.execute(sql.RUNS_DELETE_SPEC, {"where_digest": digest})


def _set_storage_state(unit: Unit, run: Run, to: StorageState) -> None:
    unit.execute(sql.RUNS_SET_STORAGE_STATE, {"where_id": run.id, "storage_state": to.value})


def count_crash(unit: Unit, run_id: RunId, *, error: str, now: Micros) -> int:
    """Count, let the run go, and end it at the `QUARANTINE_AFTER`-th time. Raises NotFoundError."""
    unit.execute(sql.RUNS_COUNT_CRASH, {"where_id": run_id})
    run = get_exactly(unit, run_id)
    seq = history.last_seq(unit, run_id)
    events = [
        RunEvent(
            run_id=run_id,
            seq=seq + 1,
            at=now,
            kind=RunEventKind.WARNING,
            body={"message": f"The engine crashed on this run: {error}", "crashes": run.crashes},
        )
    ]
    if run.crashes >= QUARANTINE_AFTER:
        failure = RunError(message=f"The engine crashed on this run {run.crashes} times, the last time with: {error}")
        if unit.execute(sql.RUNS_QUARANTINE, {"where_id": run_id, "finished_at": now, "error": to_json(failure)}):
            body = {"state": RuntimeState.FAILED.value, "error": failure.message}
            events.append(RunEvent(run_id=run_id, seq=seq + 2, at=now, kind=RunEventKind.RUN_ENDED, body=body))
    history.append(unit, events)
    return run.crashes


def _parameters(run: Run, idempotency_key: str | None) -> dict[str, object]:
    return {
        "id": run.id,
        "generation": run.generation,
        "namespace": run.namespace,
        "created_by": run.created_by,
        "display_name": run.display_name,
        "pipeline": run.pipeline,
        "spec_digest": run.spec_digest,
        "parameters": to_json(run.parameters),
        "pipeline_root": run.pipeline_root,
        "cache": run.cache.value,
        "state": run.state.value,
        "storage_state": run.storage_state.value,
        "created_at": run.created_at,
        "scheduled_at": run.scheduled_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at or 0,
        "error": None if run.error is None else to_json(run.error),
        "semantics": run.semantics,
        "crashes": run.crashes,
        "idempotency_key": idempotency_key,
        "experiment_id": run.experiment_id,
        "description": run.description,
        "pipeline_id": run.pipeline_id,
        "pipeline_version_id": run.pipeline_version_id,
        "service_account": run.service_account,
        "recurring_run_id": run.recurring_run_id or "",
    }
