"""All rows of one generation of a run, of one moment: what a schedule is rebuilt from."""

from __future__ import annotations

from collections.abc import Iterable

from wherry.model.identity import ArtifactId, RunId
from wherry.model.runs import RunSnapshot, TaskRecord
from wherry.store import artifacts, history, runs, tasks
from wherry.store.unit import Reading


def load(reading: Reading, run_id: RunId) -> RunSnapshot:
    """The newest generation of a run. Raises NotFoundError."""
    run = runs.get_exactly(reading, run_id)
    records = tasks.find_all(reading, run_id, run.generation)
    named = dict.fromkeys(_artifacts_of(records))
    found = artifacts.by_id(reading, named)
    return RunSnapshot(
        run=run,
        spec=runs.spec(reading, run.spec_digest),
        tasks=records,
        attempts=tasks.find_attempts(reading, run_id, run.generation),
        artifacts=tuple(found[id_] for id_ in named if id_ in found),
        requests=history.pending_requests(reading, (run_id,)),
        last_seq=history.last_seq(reading, run_id),
    )


def _artifacts_of(records: Iterable[TaskRecord]) -> Iterable[ArtifactId]:
    for record in records:
        for port in (*record.inputs.artifacts.values(), *record.outputs.artifacts.values()):
            yield from port.artifact_ids
