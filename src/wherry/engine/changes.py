"""Collects what one turn changes about one run, each row once, however often the turn touches it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from wherry.model.artifacts import Artifact, ArtifactLink, ModelVersion, Registration
from wherry.model.identity import Json, Micros, RunId, TaskKey
from wherry.model.runs import (
    Attempt,
    AttemptEnd,
    CacheEntry,
    RunChanges,
    RunEvent,
    RunEventKind,
    RunUpdate,
    TaskRecord,
    TaskUpdate,
)
from wherry.model.states import RuntimeState, advance


class Changes:
    """One turn's changes of one run.

    Args:
        run_id: the run.
        generation: of the run.
        token: fencing token of its owner.
        last_seq: number of the run's newest event.
    """

    def __init__(self, run_id: RunId, generation: int, token: int, last_seq: int) -> None:
        self._run_id = run_id
        self._generation = generation
        self._token = token
        self.last_seq = last_seq
        self._clear()

    def _clear(self) -> None:
        self.run: RunUpdate | None = None
        self._created: dict[TaskKey, TaskRecord] = {}
        self._updated: dict[TaskKey, tuple[RuntimeState, TaskRecord]] = {}
        self.attempts_created: list[Attempt] = []
        self.attempts_ended: list[AttemptEnd] = []
        self.artifacts: list[Artifact] = []
        self.links: list[ArtifactLink] = []
        self.cache_entries: list[CacheEntry] = []
        self.registrations: list[Registration] = []
        self.requests_handled: list[int] = []
        self.events: list[RunEvent] = []

    def create(self, record: TaskRecord) -> None:
        """A task's row appears."""
        self._created[record.key] = record

    def update(self, seen: RuntimeState, record: TaskRecord) -> None:
        """A task's row changes. ``seen`` is its state before.

        Raises:
            IllegalTransitionError: its new state cannot follow that one.
        """
        key = record.key
        if record.state is not seen:
            advance(seen, record.state)
        if key in self._created:
            self._created[key] = record
        elif key in self._updated:
            self._updated[key] = (self._updated[key][0], record)
        else:
            self._updated[key] = (seen, record)

    def event(
        self, kind: RunEventKind, at: Micros, task: TaskKey | None = None, body: dict[str, Json] | None = None
    ) -> None:
        """Something happened."""
        self.last_seq += 1
        self.events.append(
            RunEvent(run_id=self._run_id, seq=self.last_seq, at=at, kind=kind, task=task, body=body or {})
        )

    def take(self) -> RunChanges | None:
        """Everything since the last call; None if that is nothing."""
        if not (self.events or self._created or self._updated or self.run or self.attempts_created):
            return None
        taken = RunChanges(
            run_id=self._run_id,
            generation=self._generation,
            token=self._token,
            run=self.run,
            tasks_created=tuple(self._created.values()),
            tasks_updated=tuple(TaskUpdate(seen=seen, record=record) for seen, record in self._updated.values()),
            attempts_created=tuple(self.attempts_created),
            attempts_ended=tuple(self.attempts_ended),
            artifacts=tuple(self.artifacts),
            links=tuple(self.links),
            cache_entries=tuple(self.cache_entries),
            registrations=tuple(self.registrations),
            requests_handled=tuple(self.requests_handled),
            events=tuple(self.events),
        )
        self._clear()
        return taken


def with_versions(changes: RunChanges, versions: Sequence[ModelVersion]) -> RunChanges:
    """The changes with the version of each model that committing them registered, as the store has written it."""
    given = {version.artifact_id: version.version for version in versions}
    events = tuple(
        msgspec.structs.replace(event, body={**event.body, "version": given[event.body["artifact_id"]]})
        if event.kind is RunEventKind.MODEL_REGISTERED and event.body["artifact_id"] in given
        else event
        for event in changes.events
    )
    return msgspec.structs.replace(changes, events=events)
