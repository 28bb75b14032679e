"""Successful executions that later tasks may reuse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from wherry.model.runs import ArtifactInput, CacheEntry, TaskOutputs
from wherry.store import compiled as sql
from wherry.store.unit import Reading, Row, Unit, to_json

CANDIDATES: Final = 20
"""How many executions of one base key a look-up sees."""

_INPUTS: Final = msgspec.json.Decoder(dict[str, ArtifactInput])
_OUTPUTS: Final = msgspec.json.Decoder(TaskOutputs)
_PARTS: Final = msgspec.json.Decoder(dict[str, str])


def insert(unit: Unit, entries: Sequence[CacheEntry], *, pipeline: str) -> None:
    """Write new entries of runs of ``pipeline``."""
    unit.execute_many(
        sql.CACHE_INSERT,
        [
            {
                "namespace": entry.namespace,
                "base_key": entry.base_key,
                "fingerprint": entry.fingerprint,
                "component": entry.component,
                "pipeline": pipeline,
                "run_id": entry.run_id,
                "generation": entry.generation,
                "task": entry.task,
                "attempt_id": entry.attempt_id,
                "created_at": entry.created_at,
                "artifact_inputs": to_json(entry.artifact_inputs),
                "outputs": to_json(entry.outputs),
                "fingerprint_parts": to_json(entry.fingerprint_parts),
            }
            for entry in entries
        ],
    )


def find(reading: Reading, namespace: str, base_keys: Iterable[str]) -> dict[str, tuple[CacheEntry, ...]]:
    """Entries by base key, newest first, at most `CANDIDATES` each. Keys without any are left out."""
    found = {}
    for base_key in base_keys:
        parameters = {"where_namespace": namespace, "where_base_key": base_key, "limit": CANDIDATES}
        rows = reading.rows(sql.CACHE_FIND, parameters)
        if rows:
            found[base_key] = tuple(entry_from_row(row) for row in rows)
    return found


def nearest(reading: Reading, namespace: str, component: str, pipeline: str) -> CacheEntry | None:
    """The newest entry of a component of a pipeline."""
    row = reading.row(
        sql.CACHE_NEAREST,
        {"where_namespace": namespace, "where_component": component, "where_pipeline": pipeline},
    )
    return None if row is None else entry_from_row(row)


def entry_from_row(row: Row) -> CacheEntry:
    """An entry of the columns that `wherry.store.statements.cache` selects."""
    return CacheEntry(
        namespace=row[0],
        base_key=row[1],
        fingerprint=row[2],
        component=row[3],
        run_id=row[4],
        generation=row[5],
        task=row[6],
        attempt_id=row[7],
        created_at=row[8],
        artifact_inputs=_INPUTS.decode(row[9]),
        outputs=_OUTPUTS.decode(row[10]),
        fingerprint_parts=_PARTS.decode(row[11]),
    )
