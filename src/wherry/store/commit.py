"""One turn of the engine: everything it decided about some runs, written together or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from wherry.errors import NotFoundError, StaleOwnerError, WherryBugError
from wherry.model.artifacts import ModelVersion
from wherry.model.identity import RunId
from wherry.model.runs import RunChanges, RunEvent, RunEventKind, RunUpdate
from wherry.model.states import RuntimeState
from wherry.store import artifacts, cache, history, models, tasks
from wherry.store import compiled as sql
from wherry.store.unit import Reading, Unit, to_json

_DURABLE_STATES: Final = frozenset(state for state in RuntimeState if state.is_final) | {RuntimeState.CANCELING}


class _Head(msgspec.Struct, frozen=True):
    """What of a run's row decides whether a turn is let in."""

    generation: int
    owner_token: int | None
    state: RuntimeState
    created_by: str
    pipeline: str


def is_durable(changes: Sequence[RunChanges]) -> bool:
    """Whether a turn holds something that was promised to survive a power cut."""
    return any(
        change.registrations or (change.run is not None and change.run.state in _DURABLE_STATES) for change in changes
    )


def apply(unit: Unit, changes: Sequence[RunChanges]) -> tuple[ModelVersion, ...]:
    """Write a turn; returns the model versions it registered, in the order of the registrations.

    Raises:
        StaleOwnerError: another owner or a retry has taken a run since.
        WherryBugError: a compare-and-set did not match.
        NotFoundError: there is no such run.
    """
    return tuple(version for change in changes for version in _apply(unit, change))


def _apply(unit: Unit, change: RunChanges) -> tuple[ModelVersion, ...]:
    head = _check_owner(unit, change)
    if change.run is not None:
        _update_run(unit, change, change.run)
    tasks.end_attempts(unit, change.run_id, change.generation, change.attempts_ended)
    tasks.update(unit, change.tasks_updated)
    tasks.insert(unit, change.tasks_created)
    tasks.insert_attempts(unit, change.attempts_created)
    artifacts.insert(unit, change.artifacts, created_by=head.created_by)
    artifacts.insert_links(unit, change.links)
    cache.insert(unit, change.cache_entries, pipeline=head.pipeline)
    registered = tuple(models.register(unit, each, by=head.created_by) for each in change.registrations)
    history.handle_requests(unit, change.run_id, change.requests_handled)
    history.check_gapless(unit, change.run_id, change.events)
    history.append(unit, [with_version(event, registered) for event in change.events])
    return registered


def with_version(event: RunEvent, registered: Sequence[ModelVersion]) -> RunEvent:
    """The event, with the version number that only the store knows if it tells of a registration."""
    if event.kind is not RunEventKind.MODEL_REGISTERED:
        return event
    for version in registered:
        if event.body.get("name") == version.name and event.body.get("artifact_id") == version.artifact_id:
            return msgspec.structs.replace(event, body={**event.body, "version": version.version})
    return event


def _check_owner(unit: Unit, change: RunChanges) -> _Head:
    head = _head(unit, change.run_id)
    if head.owner_token == change.token and head.generation == change.generation:
        return head
    if head.generation > change.generation or (head.owner_token or 0) > change.token:
        raise StaleOwnerError(
            f"run '{change.run_id}' is in generation {head.generation} and held under token {head.owner_token}; "
            f"this turn is of generation {change.generation} under token {change.token}"
        )
    raise WherryBugError(
        f"run '{change.run_id}' (generation {head.generation}, token {head.owner_token}) was not claimed for a turn "
        f"of generation {change.generation} under token {change.token}"
    )


def _head(reading: Reading, run_id: RunId) -> _Head:
    row = reading.row(sql.RUNS_HEAD, {"where_id": run_id})
    if row is None:
        raise NotFoundError(f"there is no run '{run_id}'")
    return _Head(row[0], row[1], RuntimeState(row[2]), row[3], row[4])


def _update_run(unit: Unit, change: RunChanges, update: RunUpdate) -> None:
    changed = unit.execute(
        sql.RUNS_UPDATE,
        {
            "where_id": change.run_id,
            "where_generation": change.generation,
            "where_owner_token": change.token,
            "state": update.state.value,
            "started_at": update.started_at,
            "finished_at": update.finished_at,
            "error": None if update.error is None else to_json(update.error),
        },
    )
    if not changed:
        raise WherryBugError(f"run '{change.run_id}' has ended; it cannot become {update.state.value}")
