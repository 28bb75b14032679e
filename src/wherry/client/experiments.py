"""Calls about experiments."""

from __future__ import annotations

from typing import Any

from wherry.api.experiments import Experiment, ListExperimentsResponse
from wherry.api.status import Empty
from wherry.client.calls import Calls
from wherry.client.connection import API, name_filter, part
from wherry.errors import InvalidArgumentError, NotFoundError

_ALL = f"{API}/experiments"


class ExperimentCalls(Calls):
    """Groups of runs."""

    def create_experiment(self, name: str, description: str | None = None, namespace: str | None = None) -> Experiment:
        """The experiment of that name; it is created if there is none.

        Args:
            name: display name.
            description: of a new one.
            namespace: for servers with several users.
        """
        if found := self._experiments_named(name, namespace):
            return found[0]
        body = Experiment(display_name=name, description=description or "", namespace=namespace or "")
        return self._connection.post(_ALL, body, Experiment)

    def get_experiment(
        self,
        experiment_id: str | None = None,
        experiment_name: str | None = None,
        namespace: str | None = None,
    ) -> Experiment:
        """One experiment, by id or by name.

        Raises:
            InvalidArgumentError: neither was given, or the name is not unique.
            NotFoundError: there is none.
        """
        if experiment_id is not None:
            return self._connection.get(f"{_ALL}/{part(experiment_id)}", Experiment)
        if experiment_name is None:
            raise InvalidArgumentError("Either experiment_id or experiment_name is required.")
        found = self._experiments_named(experiment_name, namespace)
        if not found:
            raise NotFoundError(f"there is no experiment named {experiment_name!r}")
        if len(found) > 1:
            raise InvalidArgumentError(
                f"{len(found)} experiments are named {experiment_name!r}", hint="Give the experiment_id."
            )
        return found[0]

    def list_experiments(
        self,
        page_token: str = "",
        page_size: int = 10,
        sort_by: str = "",
        namespace: str | None = None,
        filter: str | None = None,  # noqa: A002  kfp's name
    ) -> ListExperimentsResponse:
        """A page of experiments.

        Args:
            page_token: ``next_page_token`` of the page before; empty: the first page.
            page_size: at most so many.
            sort_by: such as ``created_at desc``.
            namespace: for servers with several users.
            filter: KFP's filter, as JSON.
        """
        query: dict[str, Any] = {"page_token": page_token, "page_size": page_size, "sort_by": sort_by}
        return self._connection.get(_ALL, ListExperimentsResponse, namespace=namespace, filter=filter, **query)

    def archive_experiment(self, experiment_id: str) -> dict[str, Any]:
        """Archive an experiment and its runs."""
        self._connection.post(f"{_ALL}/{part(experiment_id)}:archive", None, Empty)
        return {}

    def unarchive_experiment(self, experiment_id: str) -> dict[str, Any]:
        """Put an archived experiment back. Its runs stay archived."""
        self._connection.post(f"{_ALL}/{part(experiment_id)}:unarchive", None, Empty)
        return {}

    def delete_experiment(self, experiment_id: str) -> dict[str, Any]:
        """Delete an experiment. Its runs stay."""
        self._connection.delete(f"{_ALL}/{part(experiment_id)}")
        return {}

    def _experiments_named(self, name: str, namespace: str | None) -> tuple[Experiment, ...]:
        return self.list_experiments(page_size=2, namespace=namespace, filter=name_filter(name)).experiments
