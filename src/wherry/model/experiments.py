"""Experiments: named groups of runs."""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from wherry.model.identity import ExperimentId, Micros
from wherry.model.states import StorageState

DEFAULT_NAME: Final = "Default"
"""Name of the experiment of runs that name none (KFP: the default experiment)."""

DEFAULT_DESCRIPTION: Final = "All runs created without specifying an experiment will be grouped here."


class Experiment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A named group of runs (KFP: Experiment)."""

    id: ExperimentId
    namespace: str
    created_by: str
    display_name: str
    """Unique in its namespace."""
    created_at: Micros
    description: str = ""
    storage_state: StorageState = StorageState.AVAILABLE
    last_run_created_at: Micros | None = None
    """When the newest of its runs was created; None if it never had one."""


def default_experiment_id(namespace: str) -> ExperimentId:
    """Id of the default experiment of a namespace: always the same, so two who need it first make one."""
    digest = hashlib.sha256(f"wherry/default-experiment/{namespace}".encode()).hexdigest()
    # Version 8: a UUID whose bits mean what its maker says.
    return ExperimentId(f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}")


def default_experiment(namespace: str, *, now: Micros) -> Experiment:
    """The default experiment of a namespace as it is made, by wherry itself, when it is first needed."""
    return Experiment(
        id=default_experiment_id(namespace),
        namespace=namespace,
        created_by="",
        display_name=DEFAULT_NAME,
        description=DEFAULT_DESCRIPTION,
        created_at=now,
    )
