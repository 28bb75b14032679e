"""Experiments."""

from __future__ import annotations

from wherry.api import experiments as api
from wherry.model.experiments import Experiment
from wherry.server.presentation.moments import moment


def experiment(record: Experiment) -> api.Experiment:
    """The message for a record."""
    return api.Experiment(
        experiment_id=record.id,
        display_name=record.display_name,
        description=record.description,
        created_at=moment(record.created_at),
        namespace=record.namespace,
        storage_state=record.storage_state.value,
        last_run_created_at=moment(record.last_run_created_at),
    )
