"""Rows of a run's tasks and attempts: how each comes to be, changes and is told of in the run's events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from wherry.engine.changes import Changes
from wherry.engine.fingerprint import Fingerprint
from wherry.engine.schedule import Place
from wherry.model.artifacts import ArtifactLink, LinkKind, Producer
from wherry.model.identity import ArtifactId, Json, Micros, TaskKey
from wherry.model.outcomes import (
    Cancelled,
    ConditionFalse,
    Failure,
    Reused,
    Succeeded,
    TaskOutcome,
    UpstreamUnavailable,
)
from wherry.model.runs import ArtifactInput, Run, RunEventKind, TaskInputs, TaskOutputs, TaskRecord
from wherry.model.states import RuntimeState
from wherry.ports import IdSource

NO_INPUTS = TaskInputs()
NO_OUTPUTS = TaskOutputs()


class TaskRows:
    """Rows of one generation of a run.

    Args:
        run: whose tasks they are.
        changes: where changes are collected.
        ids: fresh identifiers.
    """

    def __init__(self, run: Run, changes: Changes, ids: IdSource) -> None:
        self._run_id = run.id
        self._generation = run.generation
        self._changes = changes
        self._ids = ids
        self._active: dict[TaskKey, TaskRecord] = {}
        self._producers: dict[ArtifactId, Producer] = {}

    def __getitem__(self, key: TaskKey) -> TaskRecord:
        return self._active[key]

    def get(self, key: TaskKey) -> TaskRecord | None:
        """The row of a task that has one and has not ended."""
        return self._active.get(key)

    def active(self) -> list[TaskRecord]:
        """Rows of all tasks that have not ended."""
        return list(self._active.values())

    def adopt(self, record: TaskRecord) -> None:
        """A row that an earlier owner wrote."""
        self._active[record.key] = record

    def create(
        self,
        key: TaskKey,
        place: Place,
        state: RuntimeState,
        now: Micros,
        *,
        inputs: TaskInputs = NO_INPUTS,
        outputs: TaskOutputs = NO_OUTPUTS,
        outcome: TaskOutcome | None = None,
        started_at: Micros | None = None,
        ended_at: Micros | None = None,
        iteration_count: int | None = None,
        base: Fingerprint | None = None,
        full_key: str | None = None,
        note: str = "",
    ) -> TaskRecord:
        """A task's row appears, with its first state; final at once if it has an outcome."""
        plan = place.plan
        record = TaskRecord(
            run_id=self._run_id,
            generation=self._generation,
            key=key,
            id=self._ids.task_id(),
            parent=place.parent,
            name=plan.name,
            display_name=plan.display_name,
            component=plan.component,
            kind=plan.kind,
            state=state,
            created_at=now,
            outcome=outcome,
            iteration_index=place.iteration,
            iteration_count=iteration_count,
            started_at=started_at,
            ended_at=ended_at,
            inputs=inputs,
            outputs=outputs,
            base_key=base.base_key if base is not None else None,
            fingerprint=full_key,
            fingerprint_parts=base.parts if base is not None else {},
            cache_note=note,
        )
        self._changes.create(record)
        if outcome is None:
            self._active[key] = record
        else:
            self.tell_end(key, state, outcome, now)
        return record

    def create_root(self, record: TaskRecord) -> None:
        """The row of the run as a whole appears."""
        self._changes.create(record)
        self._active[record.key] = record

    def move(self, key: TaskKey, state: RuntimeState) -> None:
        """A task's state changes and is not final."""
        record = self._active[key]
        if record.state is not state:
            self._active[key] = moved = msgspec.structs.replace(record, state=state)
            self._changes.update(record.state, moved)

    def end(
        self,
        key: TaskKey,
        outcome: TaskOutcome,
        now: Micros,
        *,
        outputs: TaskOutputs = NO_OUTPUTS,
        started_at: Micros | None = None,
        note: str = "",
    ) -> None:
        """A task with a row has ended."""
        state = state_of(outcome)
        # The table of transitions knows no short cut from PENDING to success, nor from RUNNING to CANCELED.
        if state is RuntimeState.CANCELED:
            self.move(key, RuntimeState.CANCELING)
        elif self._active[key].state is RuntimeState.PENDING:
            self.move(key, RuntimeState.RUNNING)
        record = self._active.pop(key)
        ended = msgspec.structs.replace(
            record,
            state=state,
            outcome=outcome,
            outputs=outputs,
            started_at=started_at or record.started_at,
            ended_at=now,
            cache_note=note,
        )
        self._changes.update(record.state, ended)
        if record.parent is not None:
            self.tell_end(key, state, outcome, now)

    def tell_end(self, task: TaskKey, state: RuntimeState, outcome: TaskOutcome, now: Micros) -> None:
        """Write the event that a task has ended."""
        kind = RunEventKind.TASK_ENDED
        match outcome:
            case Reused():
                kind = RunEventKind.TASK_REUSED
                body: dict[str, Json] = {"run_id": outcome.run_id, "task": outcome.task}
            case ConditionFalse():
                kind = RunEventKind.TASK_SKIPPED
                body = {"reason": "condition-false", "condition": outcome.condition}
            case UpstreamUnavailable():
                kind = RunEventKind.TASK_SKIPPED
                body = {"reason": "upstream-unavailable", "task": outcome.task}
            case Failure():
                body = {"state": state.value, **told_of(outcome)}
            case Cancelled():
                body = {"state": state.value, "by": outcome.by}
            case _:
                body = {"state": state.value}
        self._changes.event(kind, now, task, body)

    # -- links --------------------------------------------------------------------------------------------------------

    def made_by(self, key: TaskKey, outputs: TaskOutputs) -> None:
        """Remember which task the artifacts came from; the first one to name an artifact made it."""
        for port, made in outputs.artifacts.items():
            for artifact in made.artifact_ids:
                self._producers.setdefault(artifact, Producer(task=key, port=port))

    def producer(self, artifact: ArtifactId) -> Producer | None:
        """The task of this run that an artifact came from."""
        return self._producers.get(artifact)

    def link(self, key: TaskKey, kind: LinkKind, ports: Mapping[str, ArtifactInput]) -> None:
        """A task read or made artifacts."""
        self._changes.links += self._links(key, kind, ports)

    def _links(self, key: TaskKey, kind: LinkKind, ports: Mapping[str, ArtifactInput]) -> Iterable[ArtifactLink]:
        return (
            ArtifactLink(
                artifact_id=artifact,
                run_id=self._run_id,
                generation=self._generation,
                task=key,
                kind=kind,
                port=port,
                index=index,
                producer=self._producers.get(artifact) if kind is LinkKind.INPUT else None,
            )
            for port, given in ports.items()
            for index, artifact in enumerate(given.artifact_ids)
        )


def told_of(failure: Failure) -> dict[str, Json]:
    """What an event says of a failure; the traceback stays in the row."""
    return {"fault": failure.fault.value, "reason": failure.reason.value, "message": failure.message}


def state_of(outcome: TaskOutcome) -> RuntimeState:
    """The final state that goes with an outcome."""
    match outcome:
        case Succeeded():
            return RuntimeState.SUCCEEDED
        case Failure():
            return RuntimeState.FAILED
        case Cancelled():
            return RuntimeState.CANCELED
        case _:
            return RuntimeState.SKIPPED
