"""What happened to runs, what is asked of them, and who asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from wherry.errors import WherryBugError
from wherry.model.identity import Json, Micros, RunId
from wherry.model.runs import Run, RunEvent, RunEventKind, RunRequest, RunRequestKind, StateChange
from wherry.model.states import RuntimeState
from wherry.store import compiled as sql
from wherry.store.statement import Statement
from wherry.store.unit import Reading, Row, Unit, ids_parameter, to_json

_BODY: Final = msgspec.json.Decoder(dict[str, Json])
#: SQLite's planner takes the primary key for cheaper, and with it reads the history of every task.
_EVENTS_OF_RUNS: Final = Statement(
    sql.HISTORY_LIST_EVENTS_OF_RUNS.sqlite.replace(
        " FROM run_events ", " FROM run_events INDEXED BY ix_run_events_of_run "
    )
)
_KINDS: Final = {kind.value: kind for kind in RunEventKind}


def append(unit: Unit, events: Sequence[RunEvent]) -> None:
    """Write events. The database refuses a number that the run already has."""
    unit.execute_many(
        sql.HISTORY_INSERT_EVENT,
        [
            {
                "run_id": event.run_id,
                "seq": event.seq,
                "at": event.at,
                "kind": event.kind.value,
                "task": event.task,
                "body": to_json(event.body),
            }
            for event in events
        ],
    )


def check_gapless(unit: Unit, run_id: RunId, events: Sequence[RunEvent]) -> None:
    """Raise WherryBugError unless the events continue the run's history."""
    if not events:
        return
    numbers = [event.seq for event in events]
    first = last_seq(unit, run_id) + 1
    if numbers != list(range(first, first + len(events))):
        raise WherryBugError(
            f"events {numbers} of run '{run_id}' do not continue its history, which goes on at {first}"
        )


def last_seq(reading: Reading, run_id: RunId) -> int:
    """Number of the newest event of a run; 0 if there is none."""
    return int(reading.scalar(sql.HISTORY_LAST_SEQ, {"where_run_id": run_id}))


def events_after(reading: Reading, run_id: RunId, *, after: int, limit: int) -> tuple[RunEvent, ...]:
    """At most ``limit`` events behind number ``after``, in order."""
    rows = reading.rows(sql.HISTORY_LIST_EVENTS, {"where_run_id": run_id, "after": after, "limit": limit})
    return tuple(_event_from_row(row) for row in rows)


def pending_requests(reading: Reading, run_ids: Iterable[RunId]) -> tuple[RunRequest, ...]:
    """Requests nobody has handled, oldest first."""
    rows = reading.rows(sql.HISTORY_PENDING_REQUESTS, {"ids": ids_parameter(run_ids)})
    return tuple(
        RunRequest(id=row[0], run_id=row[1], kind=RunRequestKind(row[2]), by=row[3], at=row[4]) for row in rows
    )


def add_request(unit: Unit, run: Run, kind: RunRequestKind, *, by: str, now: Micros) -> None:
    """Ask something of a run that is under way; once is enough, and a finished run takes none."""
    asked = any(request.kind is kind for request in pending_requests(unit, (run.id,)))
    if run.state.is_final or asked:
        return
    unit.insert(sql.HISTORY_INSERT_REQUEST, {"run_id": run.id, "kind": kind.value, "by": by, "at": now})
    record_run_audit(unit, run, f"run.{kind.value.lower()}", who=by, at=now)


def handle_requests(unit: Unit, run_id: RunId, request_ids: Sequence[int]) -> None:
    """Mark requests as acted on. Raises WherryBugError if one is not the run's, or was."""
    handled = unit.execute_many(
        sql.HISTORY_HANDLE_REQUEST, [{"where_id": request_id, "where_run_id": run_id} for request_id in request_ids]
    )
    if handled != len(request_ids):
        raise WherryBugError(f"some of the requests {list(request_ids)} of run '{run_id}' are missing or handled")


def states_of_runs(reading: Reading, run_ids: Iterable[RunId]) -> dict[RunId, tuple[StateChange, ...]]:
    """Every state each run has had, oldest first; runs without events are left out."""
    changes: dict[RunId, list[StateChange]] = {}
    for row in reading.rows(_EVENTS_OF_RUNS, {"ids": ids_parameter(run_ids)}):
        change = state_change(_event_from_row(row))
        if change is not None:
            changes.setdefault(row[0], []).append(change)
    return {run_id: tuple(each) for run_id, each in changes.items()}


def state_change(event: RunEvent) -> StateChange | None:
    """The state that a run has had from this event on; None if it tells of something else."""
    match event.kind:
        case RunEventKind.RUN_CREATED | RunEventKind.RUN_RETRIED:
            return StateChange(at=event.at, state=RuntimeState.PENDING)
        case RunEventKind.RUN_STARTED:
            return StateChange(at=event.at, state=RuntimeState.RUNNING)
        case RunEventKind.RUN_CANCELING:
            return StateChange(at=event.at, state=RuntimeState.CANCELING)
        case RunEventKind.RUN_ENDED:
            state = RuntimeState(event.body["state"])
            return StateChange(at=event.at, state=state, error=event.body.get("error", ""))
        case _:
            return None


def record_run_audit(unit: Unit, run: Run, action: str, *, who: str, at: Micros) -> None:
    """Write down who did something to a run."""
    detail = {"generation": run.generation, "pipeline": run.pipeline, "display_name": run.display_name}
    entry = AuditEntry(
        at=at, who=who, action=action, namespace=run.namespace, object_kind="run", object_id=run.id, detail=detail
    )
    record_audit(unit, entry)


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what to what."""

    at: Micros
    who: str
    action: str
    """Such as ``run.create``."""
    namespace: str
    object_kind: str
    object_id: str
    detail: dict[str, Json]


def record_audit(unit: Unit, entry: AuditEntry) -> None:
    """Write down who did something."""
    unit.execute(
        sql.HISTORY_INSERT_AUDIT,
        {
            "at": entry.at,
            "who": entry.who,
            "action": entry.action,
            "namespace": entry.namespace,
            "object_kind": entry.object_kind,
            "object_id": entry.object_id,
            "detail": to_json(entry.detail),
        },
    )


def _event_from_row(row: Row) -> RunEvent:
    return RunEvent(run_id=row[0], seq=row[1], at=row[2], kind=_KINDS[row[3]], task=row[4], body=_BODY.decode(row[5]))
