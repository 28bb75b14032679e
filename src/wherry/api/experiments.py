"""Messages of KFP's experiment.proto."""

from __future__ import annotations

from wherry.api.dialect import Message


class Experiment(Message, frozen=True, kw_only=True):
    """v2beta1Experiment."""

    experiment_id: str = ""
    display_name: str = ""
    description: str = ""
    created_at: str | None = None
    namespace: str = ""
    storage_state: str = ""
    """AVAILABLE or ARCHIVED."""
    last_run_created_at: str | None = None


class ListExperimentsResponse(Message, frozen=True, kw_only=True):
    """v2beta1ListExperimentsResponse."""

    experiments: tuple[Experiment, ...] = ()
    total_size: int = 0
    next_page_token: str = ""
