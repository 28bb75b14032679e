"""Calls about recurring runs. A server that has none yet says so, as NotBuiltError."""

from __future__ import annotations

from typing import Any

from wherry.api.recurring_runs import CronSchedule, ListRecurringRunsResponse, PeriodicSchedule, RecurringRun, Trigger
from wherry.api.status import Empty
from wherry.client.connection import API, part
from wherry.client.submission import SubmissionCalls
from wherry.errors import InvalidArgumentError

_ALL = f"{API}/recurringruns"


class RecurringRunCalls(SubmissionCalls):
    """Runs that start by the clock."""

    def create_recurring_run(
        self,
        experiment_id: str,
        job_name: str,
        description: str | None = None,
        start_time: str | None = None,
        end_time: str | None = None,
        interval_second: int | None = None,
        cron_expression: str | None = None,
        max_concurrency: int | None = 1,
        no_catchup: bool | None = None,  # noqa: FBT001  kfp's signature
        params: dict[str, Any] | None = None,
        pipeline_package_path: str | None = None,
        pipeline_id: str | None = None,
        version_id: str | None = None,
        enabled: bool = True,  # noqa: FBT001, FBT002  kfp's signature
        pipeline_root: str | None = None,
        enable_caching: bool | None = None,  # noqa: FBT001  kfp's signature
        cache_key: str | None = None,
        service_account: str | None = None,
    ) -> RecurringRun:
        """Start runs of a pipeline again and again.

        Args:
            experiment_id: where they belong.
            job_name: display name.
            description: for people.
            start_time: RFC 3339; none before it.
            end_time: RFC 3339; none after it.
            interval_second: seconds between two; this or ``cron_expression``.
            cron_expression: six fields, the first of them seconds.
            max_concurrency: so many at once, 1 to 10.
            no_catchup: leave out what should have started while nothing could.
            params: arguments.
            pipeline_package_path: see `run_pipeline`, as for the rest.
            pipeline_id: see there.
            version_id: see there.
            enabled: whether it starts runs at once.
            pipeline_root: see there.
            enable_caching: see there.
            cache_key: see there.
            service_account: see there.

        Raises:
            InvalidArgumentError: not exactly one of interval and cron was given, or of package and ids.
            NotBuiltError: the server has no recurring runs.
        """
        if (interval_second is None) == (cron_expression is None):
            raise InvalidArgumentError("Either interval_second or cron_expression is required.")
        source = self._source(
            pipeline_package_path, pipeline_id, version_id, enable_caching=enable_caching, cache_key=cache_key
        )
        if cron_expression is not None:
            cron = CronSchedule(start_time=start_time, end_time=end_time, cron=cron_expression)
            trigger = Trigger(cron_schedule=cron)
        else:
            period = PeriodicSchedule(start_time=start_time, end_time=end_time, interval_second=str(interval_second))
            trigger = Trigger(periodic_schedule=period)
        body = RecurringRun(
            experiment_id=experiment_id,
            display_name=job_name,
            description=description or "",
            mode="ENABLE" if enabled else "DISABLE",
            trigger=trigger,
            no_catchup=bool(no_catchup),
            max_concurrency=str(max_concurrency or 1),
            pipeline_spec=source.spec,
            pipeline_version_reference=source.reference,
            runtime_config=self._runtime_config(params, pipeline_root),
            service_account=service_account or "",
        )
        return self._connection.post(_ALL, body, RecurringRun)

    def list_recurring_runs(
        self,
        page_token: str = "",
        page_size: int = 10,
        sort_by: str = "",
        experiment_id: str | None = None,
        namespace: str | None = None,
        filter: str | None = None,  # noqa: A002  kfp's name
    ) -> ListRecurringRunsResponse:
        """A page of recurring runs. Parameters as those of `list_runs`."""
        query: dict[str, Any] = {"page_token": page_token, "page_size": page_size, "sort_by": sort_by}
        return self._connection.get(
            _ALL, ListRecurringRunsResponse, experiment_id=experiment_id, namespace=namespace, filter=filter, **query
        )

    def get_recurring_run(self, recurring_run_id: str, job_id: str | None = None) -> RecurringRun:
        """One recurring run. ``job_id`` is the older name of the id."""
        return self._connection.get(f"{_ALL}/{part(recurring_run_id or job_id or '')}", RecurringRun)

    def enable_recurring_run(self, recurring_run_id: str) -> dict[str, Any]:
        """Let it start runs."""
        self._connection.post(f"{_ALL}/{part(recurring_run_id)}:enable", None, Empty)
        return {}

    def disable_recurring_run(self, recurring_run_id: str) -> dict[str, Any]:
        """Let it start no more runs."""
        self._connection.post(f"{_ALL}/{part(recurring_run_id)}:disable", None, Empty)
        return {}

    def delete_recurring_run(self, recurring_run_id: str) -> dict[str, Any]:
        """Delete it. Its runs stay."""
        self._connection.delete(f"{_ALL}/{part(recurring_run_id)}")
        return {}

    def enable_job(self, job_id: str) -> dict[str, Any]:
        """The older name of `enable_recurring_run`."""
        return self.enable_recurring_run(job_id)

    def disable_job(self, job_id: str) -> dict[str, Any]:
        """The older name of `disable_recurring_run`."""
        return self.disable_recurring_run(job_id)

    def delete_job(self, job_id: str) -> dict[str, Any]:
        """The older name of `delete_recurring_run`."""
        return self.delete_recurring_run(job_id)
